/** One incident: where exactly it begins and ends, what was before it, whom it hit, what became of what it held. */
import { textAt, valueAt } from '../store/entry.js'
import type { EventStore, StoredEvent } from '../store/query.js'
import { type Change, type ErrorGroup, readErrors, type Silence } from './report-changes.js'
import { type Decisions, readDecisions } from './report-decisions.js'
import { type Hit, readHit } from './report-hit.js'
import type { Run } from './report-runs.js'
import { MINUTE_MS, type Span, shiftSpan, type Through, type Usual, usualSpans, within, withoutApproved } from './report-span.js'

export interface Incident extends Span {
  /** From the first hold of it to the last. `posted`: delivered without a moderator. */
  readonly run: Pick<Run, 'held' | 'posted' | 'usualHeld' | 'usualPosted'>
  /** The same of all lists: the run's own where the report is not on one list. */
  readonly everywhere: Pick<Run, 'held' | 'posted' | 'usualHeld' | 'usualPosted'>
  /** The run goes on to the end of the window or of the logs. */
  readonly isOpen: boolean
  readonly hit: Hit
  readonly before: {
    readonly changes: readonly Change[]
    readonly silences: readonly Silence[]
    /** In the two hours before, and the five minutes after the beginning. */
    readonly errors: { readonly total: number; readonly usual: number | undefined; readonly groups: readonly ErrorGroup[] }
    /** The last start of Mailman before it, and how many errors came from a minute before that start to five minutes after. */
    readonly start: { readonly atMs: number; readonly errors: number } | undefined
  }
  readonly decisions: Decisions
}

/** How long before its beginning a cause is looked for. */
export const BEFORE_MS = 2 * 60 * MINUTE_MS
const AFTER_START_MS = 5 * MINUTE_MS
/** Where so many of the holds have one reason, the incident is from the first to the last hold with it. */
const ONE_REASON = 0.8
const ALL = 0.9
/** At each end so many holds are looked at for the reason. */
const ENDS = 500

export interface Known {
  /** The store asked about all lists. */
  readonly host: EventStore
  readonly whole: Span
  readonly usual: Usual
  readonly zone: string
  readonly through: Through
  readonly silences: readonly Silence[]
  readonly changes: readonly Change[]
}

export async function readIncident(
  store: EventStore,
  run: Run,
  { host, whole, usual, zone, through, silences, changes }: Known,
): Promise<Incident> {
  const minute = (n: number) => whole.fromMs + n * MINUTE_MS
  const span = await findEnds(
    { store, host },
    { fromMs: minute(run.start), toMs: minute(run.end) },
    run.held >= ALL * (run.held + run.posted) ? through : undefined,
  )
  const [newest] = (await host.search({ limit: 1, order: 'newest' })).hits
  const before = { fromMs: span.fromMs - BEFORE_MS, toMs: span.fromMs + AFTER_START_MS }
  const isBefore = ({ atMs }: Change) => atMs >= before.fromMs && atMs < before.toMs
  const start = changes.findLast(change => change.kind === 'started' && (change.runners ?? 0) > 1 && isBefore(change))
  const atStart = start && { fromMs: start.atMs - MINUTE_MS, toMs: start.atMs + AFTER_START_MS }
  const usualErrors: number[] = []
  for (const week of usualSpans(before, usual, zone)) usualErrors.push((await readErrors(host, week)).total)
  const spans = [span, ...usualSpans(span, usual, zone)]
  const counts = await countRun(store, through, spans)
  return {
    fromMs: span.fromMs,
    toMs: span.toMs - 1,
    run: counts,
    everywhere: store === host ? counts : await countRun(host, through, spans),
    isOpen: span.toMs > Math.min(whole.toMs, newest?.timestampMs ?? whole.toMs) - 10 * MINUTE_MS,
    hit: await readHit(store, span, {
      counts,
      usual: usualSpans(span, usual, zone),
      sinceMs: shiftSpan(span, { unit: 'weeks', distances: [] }, 4, zone).fromMs,
    }),
    before: {
      changes: changes.filter(isBefore),
      silences: silences.filter(silence => silence.toMs > before.fromMs && silence.fromMs < span.fromMs),
      errors: { ...(await readErrors(host, before)), usual: usualErrors.length === 0 ? undefined : mean(usualErrors) },
      start: start && atStart && { atMs: start.atMs, errors: (await readErrors(host, atStart)).total },
    },
    decisions: await readDecisions(store, span, host),
  }
}

/** `toMs` is just behind the last hold. @param through of an incident in which no post passes: it begins behind the last that did */
async function findEnds(
  { store, host }: { readonly store: EventStore; readonly host: EventStore },
  run: Span,
  through: Through | undefined,
): Promise<Span> {
  const held = { ...within(run), action: 'message-held' }
  const [top, ...others] = await store.terms(held, 'mailman.hold.reason', 20)
  const rest = others.reduce((sum, { count }) => sum + count, 0)
  const reason = top !== undefined && top.count >= ONE_REASON * (top.count + rest) ? top.value : undefined
  const isOfIt = ({ document }: StoredEvent) => {
    const reasons = valueAt(document, ['mailman', 'hold', 'reason'])
    return reason === undefined || (Array.isArray(reasons) ? reasons.includes(reason) : reasons === reason)
  }
  const firstMinute = { sinceMs: run.fromMs, untilMs: run.fromMs + MINUTE_MS }
  const passed = async (action: Through) => (await store.search({ ...firstMinute, action, limit: ENDS, order: 'newest' })).hits
  const posts = through === undefined ? [] : await passed(through)
  const approvals = (await host.search({ ...firstMinute, action: 'message-approved', limit: ENDS, order: 'newest' })).hits
  const approved = new Set(approvals.map(idOf))
  const post = posts.find(event => !approved.has(idOf(event)))
  const first = (await store.search({ ...held, sinceMs: post?.timestampMs ?? run.fromMs, limit: ENDS, order: 'oldest' })).hits
  const last = (await store.search({ ...held, limit: ENDS, order: 'newest' })).hits
  const fromMs = (first.find(isOfIt) ?? first[0])?.timestampMs ?? run.fromMs
  const toMs = (last.find(isOfIt) ?? last[0])?.timestampMs ?? run.toMs - 1
  return { fromMs, toMs: Math.max(fromMs, toMs) + 1 }
}

const idOf = ({ document }: StoredEvent): string => textAt(document, ['email', 'message_id']) ?? ''

/** @param spans the run, then the same in the usual weeks */
async function countRun(store: EventStore, through: Through, [span, ...weeks]: readonly Span[]): Promise<Incident['run']> {
  const total = async (of: Span, action: string) =>
    (await store.search({ ...within(of), action, limit: 1, order: 'oldest' })).total
  const count = async (of: Span) => {
    const posted = withoutApproved(through, await total(of, through), await total(of, 'message-approved'))
    return { held: await total(of, 'message-held'), posted }
  }
  const usual: { held: number; posted: number }[] = []
  for (const week of weeks) usual.push(await count(week))
  const now = await count(span!)
  return { ...now, usualHeld: mean(usual.map(({ held }) => held)), usualPosted: mean(usual.map(({ posted }) => posted)) }
}

const mean = (counts: readonly number[]): number => counts.reduce((sum, n) => sum + n, 0) / Math.max(1, counts.length)
