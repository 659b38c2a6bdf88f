/** Stretches of time, the same stretch in the weeks before, and counts by minute over them. */
import { DateTime } from 'luxon'
import type { EventQuery, EventStore } from '../store/query.js'

/** `toMs` exclusive. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** What is taken for usual: the same hours of weeks before, or of days before where no such week has data. */
export interface Usual {
  readonly unit: 'weeks' | 'days'
  /** How many units before; nearest first. Empty: there is nothing to compare with. */
  readonly distances: readonly number[]
}

export const MINUTE_MS = 60_000
const MAX_WEEKS = 4
const MAX_DAYS = 6
/** A week counts if its data begins so soon after its beginning. */
const LATE_MS = 3_600_000

/** The same wall-clock time so many weeks or days before, also over a change to summer time. */
export function shiftSpan({ fromMs, toMs }: Span, { unit }: Usual, distance: number, zone: string): Span {
  const shifted = (ms: number) =>
    DateTime.fromMillis(ms, { zone })
      .minus({ [unit]: distance })
      .toMillis()
  return { fromMs: shifted(fromMs), toMs: shifted(toMs) }
}

export const usualSpans = (span: Span, usual: Usual, zone: string): Span[] =>
  usual.distances.map(distance => shiftSpan(span, usual, distance, zone))

/** Which of the weeks before (else days) the store has data of: events from their beginning on, and within them. */
export async function findUsual(store: EventStore, span: Span, zone: string): Promise<Usual> {
  const oldest = await store.search({ limit: 1, order: 'oldest' })
  const sinceMs = oldest.hits[0]?.timestampMs ?? Number.POSITIVE_INFINITY
  for (const [unit, most] of [['weeks', MAX_WEEKS] as const, ['days', MAX_DAYS] as const]) {
    const distances: number[] = []
    for (let distance = 1; distance <= most; distance++) {
      const before = shiftSpan(span, { unit, distances: [] }, distance, zone)
      // A window longer than a day overlaps itself a day before.
      if (before.fromMs + LATE_MS < sinceMs || before.toMs > span.fromMs) continue
      if ((await store.search({ ...within(before), limit: 1, order: 'oldest' })).total > 0) distances.push(distance)
    }
    if (distances.length > 0) return { unit, distances }
  }
  return { unit: 'weeks', distances: [] }
}

export const within = ({ fromMs, toMs }: Span) => ({ sinceMs: fromMs, untilMs: toMs })

/**
 * The event of a post that needed no moderator. Mailman 3 logs as posted its notices too, two for each hold, but names what its rules
 * let through; 2.1 does not, and logs only posts as posted.
 */
export type Through = 'message-accepted' | 'message-posted'

/** Where both Mailmans write into one store, that of the one that writes more. */
export async function findThrough(store: EventStore, spans: readonly Span[]): Promise<Through> {
  let accepted = 0
  let posted = 0
  for (const span of spans) {
    accepted += (await store.search({ ...within(span), action: 'message-accepted', limit: 1, order: 'oldest' })).total
    posted += (await store.search({ ...within(span), action: 'message-posted', limit: 1, order: 'oldest' })).total
  }
  return accepted > 0 && accepted * 4 >= posted ? 'message-accepted' : 'message-posted'
}

/** What a moderator lets through is posted within seconds, and says nothing of the posts of its time: it is taken off. */
export const withoutApproved = (through: Through, passed: number, approved: number): number =>
  through === 'message-accepted' ? passed : Math.max(0, passed - approved)

/** The span, widened to whole minutes. */
export const wholeMinutes = ({ fromMs, toMs }: Span): Span => ({
  fromMs: Math.floor(fromMs / MINUTE_MS) * MINUTE_MS,
  toMs: Math.ceil(toMs / MINUTE_MS) * MINUTE_MS,
})

/** Counts of each minute of a span of whole minutes, zeros included. */
export async function countMinutes(store: EventStore, query: EventQuery, span: Span): Promise<number[]> {
  const counts = new Array<number>((span.toMs - span.fromMs) / MINUTE_MS).fill(0)
  for (const { startMs, count } of await store.histogram({ ...query, ...within(span) }, MINUTE_MS)) {
    counts[(startMs - span.fromMs) / MINUTE_MS] = count
  }
  return counts
}
