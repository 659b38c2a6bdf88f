/** Documents as the pipeline makes them, and batches of them, for tests that begin where the pipeline ends. */
import type { Batch } from '../../src/model.js'

export interface Given {
  readonly id: string
  readonly at?: string
  readonly log?: string
  readonly action?: string
  readonly list?: string
  readonly host?: string
  readonly message?: string
  readonly from?: string
  readonly to?: string
  readonly user?: string
  readonly messageId?: string
  readonly subject?: string
  readonly reason?: string
  readonly offset?: number
  /** Further top-level fields, as they are. */
  readonly more?: Readonly<Record<string, unknown>>
}

/** One document, nested as design.md's "Fields" says. */
export function documentOf(given: Given): Record<string, unknown> {
  const dataset = `mailman.${(given.log ?? 'vette').replaceAll('-', '_')}`
  const users = [given.from, given.to, given.user].filter(address => address !== undefined)
  return {
    '@timestamp': given.at ?? '2024-03-01T12:00:00.000Z',
    message: given.message ?? 'a line',
    ...(given.subject === undefined && given.from === undefined && given.to === undefined && given.messageId === undefined
      ? {}
      : {
          email: {
            from: given.from === undefined ? undefined : { address: [given.from] },
            to: given.to === undefined ? undefined : { address: [given.to] },
            message_id: given.messageId,
            subject: given.subject,
          },
        }),
    event: {
      action: given.action,
      category: ['email'],
      dataset,
      id: given.id,
      kind: 'event',
      module: 'mailman',
      timezone: 'Europe/London',
      type: ['info'],
    },
    data_stream: { type: 'logs', dataset, namespace: 'default' },
    ecs: { version: '9.4.0' },
    host: { name: 'lists1.example.org' },
    log: { file: { path: `/var/log/mailman/${given.log ?? 'vette'}` }, offset: given.offset ?? 0 },
    mailman: {
      list:
        given.list === undefined
          ? undefined
          : { name: given.list, host: given.host, fqdn: given.host === undefined ? undefined : `${given.list}@${given.host}` },
      log: given.log ?? 'vette',
      hold: given.reason === undefined ? undefined : { reason: ['other'], reason_text: given.reason },
    },
    process: { pid: 4711 },
    related: users.length === 0 ? undefined : { user: users },
    service: { type: 'mailman' },
    user: given.user === undefined ? undefined : { email: given.user },
    ...given.more,
  }
}

/** A batch of documents for the embedded store. */
export function batchOf(documents: readonly Record<string, unknown>[]): Batch {
  return batchOfText(
    documents.map(document => JSON.stringify(document)),
    documents.map(document => (document.event as { id: string }).id),
  )
}

/** A batch of any texts at all, JSON or not. */
export function batchOfText(texts: readonly string[], ids: readonly string[]): Batch {
  const parts: Buffer[] = []
  const starts: number[] = []
  const documents: number[] = []
  let length = 0
  texts.forEach((text, i) => {
    const prefix = Buffer.from(`${ids[i]} `) // as StoreOutput.prefix
    const document = Buffer.from(`${text}\n`)
    starts.push(length)
    documents.push(length + prefix.length)
    parts.push(prefix, document)
    length += prefix.length + document.length
  })
  return { body: Buffer.concat(parts), starts, documents }
}

/** `count` batches' worth of ordinary events: a mix of five logs as on a list host, numbered from `first`. */
export function ordinaryEvents(first: number, count: number): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, i) => ordinaryEvent(first + i))
}

function ordinaryEvent(n: number): Record<string, unknown> {
  const at = new Date(Date.UTC(2024, 2, 1) + n * 1000).toISOString()
  const list = `list${n % 17}`
  const from = `member${(n * 7919) % 5000}@example${n % 40}.org`
  const messageId = `CA${(n * 2654435761).toString(36)}.${n.toString(16)}@mail.example${n % 40}.org`
  const id = `AbCdEfGhIjKlMnOp-${(n * 170).toString(36)}-${((n * 48271 * 48271) % 2 ** 32).toString(36)}`
  const given = { id, at, list, offset: n * 170, messageId }
  switch (n % 5) {
    case 0: {
      const reason = 'Post by non-member to a members-only list'
      const message = `${list} post from ${from} held, message-id=<${messageId}>: ${reason}`
      return documentOf({ ...given, from, reason, message, action: 'message-held' })
    }
    case 1: {
      const message = `post to ${list} from ${from}, size=${2000 + (n % 9000)}, message-id=<${messageId}>, success`
      return documentOf({ ...given, from, message, log: 'post', action: 'message-posted' })
    }
    case 2: {
      const message = `<${messageId}> smtp to ${list} for ${n % 400} recips, completed in 0.${n % 1000} seconds`
      return documentOf({ ...given, message, log: 'smtp', action: 'message-delivered' })
    }
    case 3: {
      const message = `delivery to ${from} failed with code 550: 5.1.1 <${from}>: Recipient address rejected: User unknown`
      return documentOf({ ...given, to: from, message, log: 'smtp-failure', action: 'message-delivery-failed' })
    }
    default: {
      const message = `Held subscription request ${n} for ${from} to ${list}`
      return documentOf({ ...given, messageId: undefined, user: from, message, action: 'subscription-held' })
    }
  }
}
