/**
 * A store with the events of one list and no others. The only place where the list's page is kept to its list: whatever is asked,
 * and whatever list a question names, this list is added, and what comes back is looked at once more.
 *
 * Some lines name a message and no list (releases and refusals of Mailman 3). They belong to it as long as all other lines about
 * that message name this list: of a message that went to two lists nobody can say whose they are.
 */
import { valueAt } from '../../store/entry.js'
import type { EventQuery, EventStore, StoredEvent } from '../../store/query.js'
import type { OneList } from './list.js'

/** What happens to a message that other lines name with its list. Not discards: of those there may be no other line. */
const tied = new Set([
  'message-accepted',
  'message-approved',
  'message-delivered',
  'message-delivery-failed',
  'delivery-abandoned',
])
const MAX_OF_MESSAGE = 1000

export function openListStore(store: EventStore, list: OneList): EventStore {
  const only = <Q extends EventQuery>(query: Q): Q & { readonly list: string } => ({ ...query, list: list.value })
  const hasNone = ({ document }: StoredEvent): boolean => valueAt(document, ['mailman', 'list']) === undefined
  const isTied = (event: StoredEvent): boolean =>
    hasNone(event) && tied.has(String(valueAt(event.document, ['event', 'action']) ?? ''))

  /** All lines of a message that is this list's alone. */
  async function linesOf(messageId: string): Promise<readonly StoredEvent[] | undefined> {
    const { total, hits } = await store.search({ messageId, limit: MAX_OF_MESSAGE, order: 'oldest' })
    const isOurs = total <= MAX_OF_MESSAGE && hits.some(list.isOf) && hits.every(hit => list.isOf(hit) || hasNone(hit))
    return isOurs ? hits.filter(hit => list.isOf(hit) || isTied(hit)) : undefined
  }

  async function among(lines: readonly StoredEvent[], query: EventQuery): Promise<readonly StoredEvent[]> {
    const { hits } = await store.search({ ...query, limit: MAX_OF_MESSAGE, order: 'oldest' })
    const ids = new Set(hits.map(({ id }) => id))
    return lines.filter(({ id }) => ids.has(id))
  }

  return {
    async search(query) {
      const { messageId, limit, order, list: _, ...rest } = query
      const lines = messageId === undefined ? undefined : await linesOf(messageId)
      if (lines !== undefined) {
        const fitting = Object.values(rest).every(value => value === undefined)
          ? lines
          : await among(lines, { ...rest, messageId: messageId! })
        const hits = order === 'oldest' ? fitting : fitting.toReversed()
        return { total: hits.length, hits: hits.slice(0, limit) }
      }
      const { total, hits } = await store.search(only(query))
      const own = hits.filter(list.isOf)
      return { total: total - (hits.length - own.length), hits: own }
    },
    histogram: (query, bucketMs) => store.histogram(only(query), bucketMs),
    terms: (query, field, size) => store.terms(only(query), field, size),
    async byId(id) {
      const event = await store.byId(id)
      return event !== undefined && list.isOf(event) ? event : undefined
    },
    // The store is not ours.
    async close() {},
  }
}
