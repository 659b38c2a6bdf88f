/** What troubleshooting reads of a stored event: the fields it uses, each of the type it must have. All texts are strangers'. */
import { textAt, valueAt } from '../store/entry.js'
import type { StoredEvent } from '../store/query.js'

export interface Seen {
  readonly id: string
  readonly timestampMs: number
  readonly action: string
  /** `mailman.vette`… */
  readonly dataset: string
  readonly host: string
  readonly pid: number | undefined
  /** Bytes from the start of its file. */
  readonly offset: number
  readonly file: string
  readonly mailman: '2.1' | '3' | undefined
  /** `name@host` where the log says the host (3), else the name. */
  readonly list: string | undefined
  readonly messageId: string | undefined
  readonly sender: string | undefined
  readonly recipients: readonly string[]
  readonly member: string | undefined
  readonly newAddress: string | undefined
  readonly holdReasons: readonly string[]
  readonly holdText: string | undefined
  readonly reason: string | undefined
  readonly comment: string | undefined
  readonly handler: string | undefined
  readonly via: string | undefined
  readonly score: number | undefined
  readonly threshold: number | undefined
  /** What the mail server said: `550`; -1 and 444 stand for no answer at all. */
  readonly code: string | undefined
  readonly error: string | undefined
  /** How many recipients it went to, and how many were refused. */
  readonly recipientCount: number | undefined
  readonly refusedCount: number | undefined
  readonly seconds: number | undefined
  /** A stranger may have written this line (tag `mailman_suspect`). */
  readonly isSuspect: boolean
  readonly text: string
}

export function readSeen({ id, timestampMs, document }: StoredEvent): Seen {
  const text = (path: string): string | undefined => textAt(document, path.split('.'))
  const number = (path: string): number | undefined => {
    const value = valueAt(document, path.split('.'))
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined
  }
  const texts = (path: string): string[] => {
    const value = valueAt(document, path.split('.'))
    return (Array.isArray(value) ? value : [value]).filter(item => typeof item === 'string')
  }
  const provider = text('event.provider')
  const duration = number('event.duration')
  return {
    id,
    timestampMs,
    action: text('event.action') ?? '',
    dataset: text('event.dataset') ?? '',
    host: text('host.name') ?? '',
    pid: number('process.pid'),
    offset: number('log.offset') ?? 0,
    file: text('log.file.path') ?? '',
    mailman: provider === 'mailman2' ? '2.1' : provider === 'mailman3' ? '3' : undefined,
    list: text('mailman.list.fqdn') ?? text('mailman.list.name'),
    messageId: text('email.message_id'),
    sender: texts('email.from.address')[0],
    recipients: texts('email.to.address'),
    member: text('user.email'),
    newAddress: text('user.changes.email'),
    holdReasons: texts('mailman.hold.reason'),
    holdText: text('mailman.hold.reason_text'),
    reason: text('event.reason'),
    comment: text('mailman.moderation.comment'),
    handler: text('mailman.handler'),
    via: text('mailman.subscribe.via'),
    score: number('mailman.bounce.score'),
    threshold: number('mailman.bounce.threshold'),
    code: text('mailman.smtp.code'),
    error: text('error.message'),
    recipientCount: number('mailman.smtp.recipients'),
    refusedCount: number('mailman.smtp.refused'),
    seconds: duration === undefined ? undefined : duration / 1e9,
    isSuspect: texts('tags').includes('mailman_suspect'),
    text: text('message') ?? '',
  }
}
