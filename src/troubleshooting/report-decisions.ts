/**
 * What became of held messages, as far as the logs say. Approvals and Mailman's own decisions name the message id. A moderator's
 * discard or refusal names only the list and the sender: one such line settles that sender's oldest open message there.
 */
import { textAt, valueAt } from '../store/entry.js'
import { type EventStore, MAX_HITS, type StoredEvent } from '../store/query.js'
import { type Span, within } from './report-span.js'

export interface Decisions {
  readonly held: number
  /** How many of them were looked at: the first 10,000. */
  readonly lookedAt: number
  readonly approved: number
  /** By message id, or by list and sender (see above). */
  readonly discarded: number
  /** Nothing about them in the logs, up to `asOfMs`. */
  readonly open: number
  /** Of the open ones: without a message id, so no approval can be tied to them. */
  readonly withoutId: number
  /** Open ones by list, the most first. */
  readonly openByList: readonly { readonly list: string; readonly count: number }[]
  /** The newest event of any log. */
  readonly asOfMs: number
  /** More decisions than one answer holds: then some may be missed. */
  readonly isPartial: boolean
  readonly firstApprovalMs: number | undefined
}

interface Held {
  readonly atMs: number
  readonly list: string
  readonly id: string | undefined
  readonly senders: readonly string[]
}

/** @param host the store asked about all lists: not every Mailman names the list with an approval */
export async function readDecisions(store: EventStore, run: Span, host = store): Promise<Decisions> {
  const holds = await store.search({ ...within(run), action: 'message-held', limit: MAX_HITS, order: 'oldest' })
  const read = (of: EventStore, action: string) => of.search({ sinceMs: run.fromMs, action, limit: MAX_HITS, order: 'oldest' })
  const approvals = await read(host, 'message-approved')
  const others = [await read(store, 'message-discarded'), await read(store, 'message-rejected')]
  const [newest] = (await host.search({ limit: 1, order: 'newest' })).hits

  const open = new Map<string, Held[]>()
  const byId = new Map<string, Held>()
  for (const held of holds.hits.map(readHeld)) {
    if (held.id !== undefined) byId.set(held.id, held)
    const key = keyOf(held)
    open.set(key, [...(open.get(key) ?? []), held])
  }
  const settle = (held: Held): boolean => {
    const waiting = open.get(keyOf(held)) ?? []
    const place = waiting.indexOf(held)
    if (place >= 0) waiting.splice(place, 1)
    return place >= 0
  }
  let approved = 0
  let firstApprovalMs: number | undefined
  for (const event of approvals.hits) {
    const held = byId.get(idOf(event) ?? '')
    if (held === undefined || event.timestampMs < held.atMs || !settle(held)) continue
    approved++
    firstApprovalMs ??= event.timestampMs
  }
  let discarded = 0
  for (const event of others.flatMap(({ hits }) => hits).sort((a, b) => a.timestampMs - b.timestampMs)) {
    const named = readHeld(event)
    const held = named.id === undefined ? open.get(keyOf(named))?.[0] : byId.get(named.id)
    if (held !== undefined && held.atMs <= event.timestampMs && settle(held)) discarded++
  }
  const left = [...open.values()].flat()
  return {
    held: holds.total,
    lookedAt: holds.hits.length,
    approved,
    discarded,
    open: left.length,
    withoutId: left.filter(({ id }) => id === undefined).length,
    openByList: countByList(left),
    asOfMs: newest?.timestampMs ?? run.toMs,
    isPartial: [approvals, ...others].some(({ total, hits }) => total > hits.length),
    firstApprovalMs,
  }
}

function countByList(held: readonly Held[]): { list: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const { list } of held) counts.set(list, (counts.get(list) ?? 0) + 1)
  return [...counts].map(([list, count]) => ({ list, count })).sort((a, b) => b.count - a.count || (a.list < b.list ? -1 : 1))
}

function readHeld(event: StoredEvent): Held {
  const senders = valueAt(event.document, ['email', 'from', 'address'])
  return {
    atMs: event.timestampMs,
    list: textAt(event.document, ['mailman', 'list', 'name']) ?? '',
    id: idOf(event),
    senders: Array.isArray(senders) ? senders.map(String) : [],
  }
}

const idOf = ({ document }: StoredEvent): string | undefined => textAt(document, ['email', 'message_id'])

// A NUL is in no address.
const keyOf = ({ list, senders }: Held): string => `${list}\0${senders.join('\0')}`
