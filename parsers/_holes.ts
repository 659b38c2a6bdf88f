/**
 * The holes that a template may have: what text fits, and which fields it becomes. A hole's name is what Mailman's source or
 * the catalogue of its messages calls that place. Every conversion is pure, takes any text and never throws.
 */
import type { FieldName } from './_fields.js'
import { slugOfHoldReason } from './_hold-reasons.js'
import { parseRefusals } from './_refusals.js'
import type { Value } from './_contract.js'

/**
 * `word`: no blank, at most 1,024 characters · `int`: digits, perhaps with a minus · `float`: digits with a point ·
 * `text`: anything, also nothing, also newlines.
 */
export type HoleKind = 'word' | 'int' | 'float' | 'text'

export interface Hole {
  readonly kind: HoleKind
  readonly fields: readonly FieldName[]
  /** Puts one value for each of `fields` into `values`, from index `at` on. */
  convert(raw: string, values: Value[], at: number): void
}

const MAX_ADDRESSES = 100

/** Header text may be folded over lines: white space around a line break becomes one blank. */
export const unfold = (text: string): string => (text.includes('\n') ? text.replace(/[ \t\r]*\n[ \t]*/g, ' ') : text)

/** A message id without angle brackets, unfolded; undefined where Mailman says that there is none. */
export function normaliseMessageId(raw: string): string | undefined {
  let id = raw
  if (id.includes('\n')) id = unfold(id)
  if (id.charCodeAt(0) === 60 && id.charCodeAt(id.length - 1) === 62) id = id.slice(1, -1)
  id = id.trim()
  return id === '' || id === 'n/a' || id === 'None' ? undefined : id
}

/** An address in lower case; undefined where there is none. */
export function normaliseAddress(raw: string): string | undefined {
  const address = unfold(raw).trim().toLowerCase()
  return address === '' || address === 'n/a' || address === 'none' ? undefined : address
}

/** The address in a From header: what stands in the last angle brackets, else the word with an @ in it. */
export function addressInHeader(header: string): string | undefined {
  const open = header.lastIndexOf('<')
  const close = header.indexOf('>', open + 1)
  if (open >= 0 && close > open) return normaliseAddress(header.slice(open + 1, close))
  return header.includes('@') ? normaliseAddress(header) : undefined
}

/** Refused and discarded posts are logged with each `%` doubled, for an interpolation that never happens (ListAdmin.py). */
const undouble = (text: string): string => (text.includes('%%') ? text.replaceAll('%%', '%') : text)

const hole = (kind: HoleKind, fields: readonly FieldName[], convert: Hole['convert']): Hole => ({ kind, fields, convert })

/** One field, one value. */
const one = (kind: HoleKind, field: FieldName, convert: (raw: string) => Value): Hole =>
  hole(kind, [field], (raw, values, at) => {
    values[at] = convert(raw)
  })

const number = (raw: string): number => Number(raw)
const present = (raw: string): Value => (raw === '' ? undefined : raw)

const address = (field: 'email.from.address' | 'email.to.address'): Hole =>
  one('text', field, raw => {
    const found = normaliseAddress(raw)
    return found === undefined ? undefined : [found]
  })

const ENHANCED_CODE = /^(?:b['"])?([245]\.\d{1,3}\.\d{1,3})\b/

const table = {
  /** Internal name or `real_name`, alone (2.1) or with its host (3, vhost forks). */
  list: hole('word', ['mailman.list.name', 'mailman.list.host', 'mailman.list.fqdn'], (raw, values, at) => {
    const list = raw.toLowerCase()
    const host = list.indexOf('@')
    values[at] = host < 0 ? list : list.slice(0, host)
    values[at + 1] = host < 0 ? undefined : list.slice(host + 1)
    values[at + 2] = host < 0 ? undefined : list
  }),
  sender: address('email.from.address'),
  recipient: address('email.to.address'),
  fromHeader: one('text', 'email.from.address', raw => {
    const found = addressInHeader(raw)
    return found === undefined ? undefined : [found]
  }),
  /** ListAdmin.py escapes the sender of a refused or discarded post for an interpolation. */
  escapedSender: one('text', 'email.from.address', raw => {
    const found = normaliseAddress(undouble(raw))
    return found === undefined ? undefined : [found]
  }),
  escapedSubject: one('text', 'email.subject', raw => present(undouble(unfold(raw)))),
  moderatorComment: one('text', 'mailman.moderation.comment', raw => present(undouble(raw))),
  member: one('text', 'user.email', normaliseAddress),
  newAddress: one('text', 'email.to.address', raw => {
    const found = normaliseAddress(raw)
    return found === undefined ? undefined : [found]
  }),
  messageId: one('text', 'email.message_id', normaliseMessageId),
  size: one('int', 'mailman.message.size', number),
  recipients: one('int', 'mailman.smtp.recipients', number),
  refused: one('int', 'mailman.smtp.refused', number),
  /** Seconds with a point → nanoseconds, as ECS wants durations. */
  seconds: one('float', 'event.duration', raw => Math.round(Number(raw) * 1e9)),
  handler: one('word', 'mailman.handler', present),
  holdReason: hole('text', ['mailman.hold.reason', 'mailman.hold.reason_text'], (raw, values, at) => {
    const text = unfold(raw).trim()
    values[at] = [slugOfHoldReason(text)]
    values[at + 1] = present(text)
  }),
  reason: one('text', 'event.reason', raw => present(unfold(raw).trim())),
  smtpCode: one('int', 'mailman.smtp.code', raw => raw),
  smtpText: hole('text', ['error.message', 'mailman.smtp.enhanced_code'], (raw, values, at) => {
    values[at] = present(raw.trimEnd())
    values[at + 1] = ENHANCED_CODE.exec(raw)?.[1]
  }),
  /** The dict repr of `All recipients refused`: `{'ADDR': (N, 'TEXT'), …}`, hundreds of kilobytes at worst. */
  refusals: hole(
    'text',
    ['email.to.address', 'mailman.smtp.refused', 'mailman.smtp.code', 'error.message'],
    (raw, values, at) => {
      const refusals = parseRefusals(raw, MAX_ADDRESSES)
      values[at] = refusals.addresses.length === 0 ? undefined : refusals.addresses
      values[at + 1] = refusals.count
      values[at + 2] = refusals.code
      values[at + 3] = refusals.text
    },
  ),
  error: one('text', 'error.message', raw => present(raw.trimEnd())),
  errorCode: one('word', 'error.code', present),
  queueFile: one('word', 'email.local_id', present),
  /** A name that stands where a list's would; in `mailman.list.name`, since that is what was asked for. */
  anyWord: one('word', 'event.reason', present),
  anyText: one('text', 'event.reason', raw => present(raw.trim())),
} as const satisfies Record<string, Hole>

export type HoleName = keyof typeof table

export const holes: Readonly<Record<HoleName, Hole>> = table
