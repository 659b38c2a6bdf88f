/**
 * An incident report: what was unusual between two points in time, when it began, what changed just before, whom it hit, and what
 * is still held. All from one store's answers; report-markdown.ts writes it for people.
 */
import type { EventStore } from '../store/query.js'
import { type Change, readChanges, readSilences, type Silence } from './report-changes.js'
import { BEFORE_MS, type Incident, readIncident } from './report-incident.js'
import { findRuns, type Minutes } from './report-runs.js'
import {
  countMinutes,
  findThrough,
  findUsual,
  MINUTE_MS,
  type Span,
  type Through,
  type Usual,
  usualSpans,
  wholeMinutes,
  within,
  withoutApproved,
} from './report-span.js'

export interface Report extends Span {
  readonly zone: string
  /** The one list that it is about; undefined: all. */
  readonly list: string | undefined
  readonly through: Through
  /** With how many events in all the usual weeks. */
  readonly usual: Usual & { readonly events: number }
  /** By action; `usual` is the mean of the weeks, undefined where there is none. */
  readonly counts: readonly { readonly action: string; readonly count: number; readonly usual: number | undefined }[]
  /** Of an hour each, or more, so that there are at most 48. */
  readonly steps: readonly Step[]
  readonly incidents: readonly Incident[]
  readonly silences: readonly Silence[]
  /** Stops and starts of Mailman and the like in the window, and in the two hours before an incident in it. */
  readonly changes: readonly Change[]
}

export interface Step {
  readonly startMs: number
  readonly held: number
  readonly posted: number
  readonly usualHeld: number | undefined
  readonly usualPosted: number | undefined
}

const MAX_STEPS = 48

/** @param list a report on this one: its own holds, posts and usual; what changed is the host's all the same */
export async function makeReport(host: EventStore, span: Span, zone: string, list?: string): Promise<Report> {
  const store = list === undefined ? host : ofList(host, list)
  const whole = wholeMinutes(span)
  const usual = await findUsual(host, whole, zone)
  const spans = usualSpans(whole, usual, zone)
  const through = await findThrough(store, [whole, ...spans])
  const seen = await readMinutes(store, whole, through)
  const weeks = await Promise.all(spans.map(week => readMinutes(store, wholeMinutes(week), through)))
  const { counts, events } = await readCounts(store, whole, spans)
  const silences = await readSilences(host, { fromMs: whole.fromMs - BEFORE_MS, toMs: whole.toMs }, usual, zone)
  const changes = await readChanges(host, { fromMs: whole.fromMs - BEFORE_MS, toMs: whole.toMs })
  const incidents: Incident[] = []
  for (const run of findRuns(seen, weeks, list !== undefined))
    incidents.push(await readIncident(store, run, { host, whole, usual, zone, through, silences, changes }))
  const fromMs = Math.min(whole.fromMs, ...incidents.map(incident => incident.fromMs - BEFORE_MS))
  return {
    ...whole,
    zone,
    list,
    through,
    usual: { ...usual, events },
    counts,
    steps: makeSteps(whole, seen, weeks),
    incidents,
    silences: silences.filter(({ toMs }) => toMs > fromMs),
    changes: changes.filter(({ atMs }) => atMs >= fromMs),
  }
}

/** The same store, asked about one list only. */
function ofList(store: EventStore, list: string): EventStore {
  return {
    search: query => store.search({ ...query, list }),
    histogram: (query, bucketMs) => store.histogram({ ...query, list }, bucketMs),
    terms: (query, field, size) => store.terms({ ...query, list }, field, size),
    byId: id => store.byId(id),
    close: () => store.close(),
  }
}

async function readMinutes(store: EventStore, span: Span, through: Through): Promise<Minutes> {
  const [held, posted, approved] = await Promise.all(
    ['message-held', through, 'message-approved'].map(action => countMinutes(store, { action }, span)),
  )
  return { held: held!, posted: posted!.map((count, i) => withoutApproved(through, count, approved![i]!)) }
}

/** Actions by number; of the usual weeks the mean. */
async function readCounts(store: EventStore, whole: Span, weeks: readonly Span[]) {
  const read = async (span: Span) => {
    const actions = await store.terms(within(span), 'event.action', 200)
    return new Map(actions.map(({ value, count }) => [value, count]))
  }
  const seen = await read(whole)
  const before = await Promise.all(weeks.map(read))
  const names = new Set([...seen.keys(), ...before.flatMap(week => [...week.keys()])])
  const counts = [...names].map(action => ({
    action,
    count: seen.get(action) ?? 0,
    usual: before.length === 0 ? undefined : mean(before.map(week => week.get(action) ?? 0)),
  }))
  const events = before.reduce((sum, week) => sum + [...week.values()].reduce((all, n) => all + n, 0), 0)
  return { counts: counts.sort((a, b) => b.count - a.count || (a.action < b.action ? -1 : 1)), events }
}

function makeSteps(whole: Span, seen: Minutes, weeks: readonly Minutes[]): Step[] {
  const minutes = seen.held.length
  const size = Math.max(60, Math.ceil(minutes / MAX_STEPS / 60) * 60)
  const sum = (counts: readonly number[], from: number) => counts.slice(from, from + size).reduce((all, n) => all + n, 0)
  const usual = (of: keyof Minutes, from: number) =>
    weeks.length === 0 ? undefined : mean(weeks.map(week => sum(week[of], from)))
  return Array.from({ length: Math.ceil(minutes / size) }, (_, n) => {
    const from = n * size
    return {
      startMs: whole.fromMs + from * MINUTE_MS,
      held: sum(seen.held, from),
      posted: sum(seen.posted, from),
      usualHeld: usual('held', from),
      usualPosted: usual('posted', from),
    }
  })
}

const mean = (counts: readonly number[]): number => counts.reduce((sum, n) => sum + n, 0) / counts.length
