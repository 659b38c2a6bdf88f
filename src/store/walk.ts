/** All events that fit, however many, by the one interface of both stores: page after page by time, the oldest first. */
import { type EventQuery, type EventStore, MAX_HITS, type StoredEvent } from './query.js'

/**
 * No event comes twice. Of more than 10,000 of one and the same millisecond only the first 10,000 come: a page has no other
 * place to go on from. What is stored meanwhile comes too if its time is not before that of the page.
 */
export async function* walk(store: EventStore, query: EventQuery, limit = MAX_HITS): AsyncGenerator<readonly StoredEvent[]> {
  let sinceMs = query.sinceMs
  let seen = new Set<string>()
  for (;;) {
    const from = sinceMs === undefined ? {} : { sinceMs }
    const { total, hits } = await store.search({ ...query, ...from, limit, order: 'oldest' })
    yield hits.filter(({ id }) => !seen.has(id))
    const first = hits[0]?.timestampMs
    const last = hits.at(-1)?.timestampMs
    if (total <= hits.length || first === undefined || last === undefined) return
    // The next page begins with the last moment of this one, which may not have been all of it.
    sinceMs = first === last ? last + 1 : last
    seen = new Set(hits.filter(({ timestampMs }) => timestampMs === sinceMs).map(({ id }) => id))
  }
}
