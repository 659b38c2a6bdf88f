/** What the page asks, answered by either store. All answers are bounded, however many events fit. */
import type { FieldName } from '../../parsers/_fields.js'
import type { EventQuery, EventStore } from '../store/query.js'
import { traceMessage } from '../troubleshooting/ask-message.js'
import { explainState, stateTitles } from '../troubleshooting/message-words.js'
import { type Facets, facetNames, type Reasons, type Rows, type Times, type Way } from './answers.js'
import { adviceOfReason, rowOf } from './document.js'

const HELD = 'message-held'
const FACET_SIZE = 12
const MAX_MESSAGE_EVENTS = 500
const MAX_TIED = 50
const MAX_FATES = 20
/** Near the number of bars that a page is wide. */
const WANTED_BUCKETS = 96
const MAX_BUCKETS = 2000

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const steps: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map(n => n * 1000),
  ...[1, 2, 5, 10, 15, 30].map(n => n * MINUTE),
  ...[1, 2, 3, 6, 12].map(n => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364, 1820].map(n => n * DAY),
]

export async function findRows(store: EventStore, query: EventQuery, limit: number): Promise<Rows> {
  const { total, hits } = await store.search({ ...query, limit, order: 'newest' })
  return { total, rows: hits.map(rowOf) }
}

export async function countTimes(store: EventStore, query: EventQuery): Promise<Times> {
  const range = await rangeOf(store, query)
  if (range === undefined) return { bucketMs: MINUTE, startsMs: [], counts: [], held: [], shares: [] }
  const bucketMs = steps.find(ms => (range.untilMs - range.sinceMs) / ms <= WANTED_BUCKETS) ?? steps.at(-1)!
  const { list, address } = query
  const traffic: EventQuery = {
    ...(list === undefined ? {} : { list }),
    ...(address === undefined ? {} : { address }),
    ...range,
  }
  const count = async (asked: EventQuery): Promise<ReadonlyMap<number, number>> => {
    const buckets = await store.histogram(asked, bucketMs)
    return new Map(buckets.map(({ startMs, count }) => [startMs, count]))
  }
  const all = await count({ ...query, ...range })
  const held =
    query.action === undefined ? await count({ ...query, ...range, action: HELD }) : query.action === HELD ? all : new Map()
  const isTraffic = Object.keys(query).every(name => ['list', 'address', 'sinceMs', 'untilMs'].includes(name))
  const trafficHeld = isTraffic ? held : await count({ ...traffic, action: HELD })
  const posted = await count({ ...traffic, action: 'message-posted' })
  const first = Math.floor(range.sinceMs / bucketMs)
  const last = Math.floor((range.untilMs - 1) / bucketMs)
  const startsMs = Array.from({ length: Math.min(last - first + 1, MAX_BUCKETS) }, (_, i) => (first + i) * bucketMs)
  return {
    bucketMs,
    startsMs,
    counts: startsMs.map(ms => all.get(ms) ?? 0),
    held: startsMs.map(ms => held.get(ms) ?? 0),
    shares: startsMs.map(ms => {
      const of = (trafficHeld.get(ms) ?? 0) + (posted.get(ms) ?? 0)
      return of === 0 ? null : (trafficHeld.get(ms) ?? 0) / of
    }),
  }
}

/** The time that is asked for; where an end is open, up to the first or last event. */
async function rangeOf(store: EventStore, query: EventQuery): Promise<{ sinceMs: number; untilMs: number } | undefined> {
  const end = async (order: 'newest' | 'oldest'): Promise<number | undefined> =>
    (await store.search({ ...query, limit: 1, order })).hits[0]?.timestampMs
  const sinceMs = query.sinceMs ?? (await end('oldest'))
  if (sinceMs === undefined) return undefined
  const last = query.untilMs ?? (await end('newest'))
  if (last === undefined) return undefined
  const untilMs = query.untilMs ?? last + 1
  return untilMs > sinceMs ? { sinceMs, untilMs } : undefined
}

const fields = { log: 'event.dataset', action: 'event.action', list: 'mailman.list.name', reason: 'mailman.hold.reason' } as const

/** A facet leaves its own choice out, so that another can be chosen. */
export async function countFacets(store: EventStore, query: EventQuery): Promise<Facets> {
  const facets: Partial<Record<(typeof facetNames)[number], Facets['log']>> = {}
  for (const name of facetNames) {
    const { dataset, action, list, reason, ...rest } = query
    const asked = {
      ...rest,
      ...(dataset === undefined || name === 'log' ? {} : { dataset }),
      ...(list === undefined || name === 'list' ? {} : { list }),
      ...(reason === undefined || name === 'reason' || name === 'action' ? {} : { reason }),
      ...(action === undefined || name === 'action' ? {} : { action }),
      // Only messages that are held have reasons to speak of; to look at all events for them would take long.
      ...(name === 'reason' ? { action: action ?? HELD } : {}),
    }
    const counts = await store.terms(asked, fields[name] satisfies FieldName, FACET_SIZE)
    facets[name] = counts.map(({ value, count }) => ({ value: name === 'log' ? value.replace(/^mailman\./, '') : value, count }))
  }
  return facets as Facets
}

export async function countReasons(store: EventStore, query: EventQuery): Promise<Reasons> {
  const asked = { ...query, action: HELD }
  const { total } = await store.search({ ...asked, limit: 1, order: 'newest' })
  const counts = new Map((await store.terms(asked, 'mailman.hold.reason', 100)).map(({ value, count }) => [value, count]))
  const reasons = [...adviceOfReason].map(([reason, advice]) => ({ reason, ...advice, count: counts.get(reason) ?? 0 }))
  return { held: total, reasons: reasons.sort((a, b) => b.count - a.count) }
}

/** The events that name a message and those that are tied to it, as `trace` does; and what became of it. */
export async function followMessage(store: EventStore, messageId: string): Promise<Way> {
  const { total, hits } = await store.search({ messageId, limit: MAX_MESSAGE_EVENTS, order: 'oldest' })
  const { lives } = await traceMessage(store, messageId)
  const found = new Map(hits.map(hit => [hit.id, hit]))
  const rows = new Map<string, Way['rows'][number]>()
  let tied = 0
  for (const { event, inferred = '' } of lives.flatMap(({ steps }) => steps)) {
    const hit = found.get(event.id) ?? (++tied <= MAX_TIED ? await store.byId(event.id) : undefined)
    if (hit !== undefined) rows.set(hit.id, { ...rowOf(hit), inferred: found.has(hit.id) ? '' : inferred })
  }
  for (const hit of hits) if (!rows.has(hit.id)) rows.set(hit.id, { ...rowOf(hit), inferred: '' })
  const fates = lives.slice(0, MAX_FATES).map(life => ({
    list: life.list ?? '',
    title: stateTitles[life.state],
    sentence: explainState(life),
  }))
  return { total, rows: [...rows.values()].sort((a, b) => a.timestampMs - b.timestampMs), fates }
}
