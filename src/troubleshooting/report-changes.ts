/** What Mailman's own programs did: stops, starts, errors, settings that were complained of, and times when nothing was logged. */

import { textAt } from '../store/entry.js'
import { type EventStore, MAX_HITS, type StoredEvent } from '../store/query.js'
import { countMinutes, MINUTE_MS, type Span, type Usual, usualSpans, wholeMinutes, within } from './report-span.js'

export interface Change {
  readonly atMs: number
  readonly kind: 'stopped' | 'started' | 'restarted' | 'reopened' | 'setting' | 'runner-restart-limit'
  /** Runners that were started within the same minute. */
  readonly runners?: number
  /** From the log. */
  readonly text?: string
  /** How often the same text came in all; `atMs` is the first time. */
  readonly times?: number
}

export interface ErrorGroup {
  /** Of the first one, from the log. */
  readonly text: string
  readonly count: number
  readonly firstMs: number
  readonly lastMs: number
}

/** From the last event before it to the first one after. */
export interface Silence extends Span {
  /** Events in the same minutes of a usual week. */
  readonly usual: number
}

/** Starts so near to each other are one. */
const TOGETHER_MS = 60_000
const MIN_SILENT_MINUTES = 10
const MIN_USUAL_EVENTS = 50
/** A Sunday may have a third of the events of the days before. */
const TIMES_FOR_DAYS = 3
/** A setting may be complained of at each message, and texts may differ: stops and starts must not be lost among them. */
const MAX_SETTINGS = 20
const MAX_ERRORS = 2000
const CHANGING_REQUEST = /"(?:PATCH|PUT|POST|DELETE) [^"\s]{0,500}\/config/

/** In the order of time. */
export async function readChanges(store: EventStore, span: Span): Promise<Change[]> {
  const read = async (action: string) =>
    (await store.search({ ...within(span), action, limit: MAX_HITS, order: 'oldest' })).hits.filter(isTrusted)
  const settings = new Map<string, { atMs: number; times: number }>()
  const addSetting = (event: StoredEvent) => {
    const text = firstLine(event)
    const known = settings.get(text)
    if (known !== undefined) known.times++
    else if (settings.size < MAX_SETTINGS) settings.set(text, { atMs: event.timestampMs, times: 1 })
  }
  const changes: Change[] = []
  for (const { atMs, runners } of groupStarts([...(await read('runner-started')), ...(await read('master-started'))]))
    changes.push({ atMs, kind: 'started', runners })
  for (const { timestampMs: atMs, document } of await read('master-signal')) {
    const signal = textAt(document, ['mailman', 'runner', 'signal']) ?? textAt(document, ['message']) ?? ''
    const kind = /HUP/.test(signal) ? 'reopened' : /TERM/.test(signal) ? 'stopped' : 'restarted'
    changes.push({ atMs, kind })
  }
  for (const event of await read('runner-restart-limit'))
    changes.push({ atMs: event.timestampMs, kind: 'runner-restart-limit', text: firstLine(event) })
  for (const action of ['list-config-corrupt', 'config-error']) for (const event of await read(action)) addSetting(event)
  const requests = await store.search({ ...within(span), action: 'api-requested', text: 'config', limit: 1000, order: 'oldest' })
  for (const event of requests.hits) if (CHANGING_REQUEST.test(firstLine(event))) addSetting(event)
  for (const [text, { atMs, times }] of settings) changes.push({ atMs, kind: 'setting', text, times })
  return changes.sort((a, b) => a.atMs - b.atMs)
}

function groupStarts(events: readonly StoredEvent[]): { atMs: number; runners: number }[] {
  const groups: { atMs: number; runners: number }[] = []
  for (const { timestampMs } of [...events].sort((a, b) => a.timestampMs - b.timestampMs)) {
    const last = groups.at(-1)
    if (last !== undefined && timestampMs - last.atMs <= TOGETHER_MS) last.runners++
    else groups.push({ atMs: timestampMs, runners: 1 })
  }
  return groups
}

/** What `error` says, errors that differ only in numbers and names counted as one; the most frequent first. */
export async function readErrors(store: EventStore, span: Span): Promise<{ total: number; groups: ErrorGroup[] }> {
  const { total, hits } = await store.search({ ...within(span), dataset: 'mailman.error', limit: MAX_ERRORS, order: 'oldest' })
  const groups = new Map<string, { text: string; count: number; firstMs: number; lastMs: number }>()
  const trusted = hits.filter(isTrusted)
  for (const event of trusted) {
    const text = firstLine(event)
    const key = text.replace(/(["'])[^"']*\1/g, '…').replace(/\S*\d\S*/g, '#')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { text, count: 1, firstMs: event.timestampMs, lastMs: event.timestampMs })
    else {
      group.count++
      group.lastMs = event.timestampMs
    }
  }
  return {
    total: total - hits.length + trusted.length,
    groups: [...groups.values()].sort((a, b) => b.count - a.count || a.firstMs - b.firstMs),
  }
}

export const firstLine = ({ document }: StoredEvent): string => (textAt(document, ['message']) ?? '').split('\n')[0]!.trim()

/** What may be forged (docs/decisions.md 17) is no change of Mailman's. */
function isTrusted({ document }: StoredEvent): boolean {
  const { tags } = document
  return !(Array.isArray(tags) && tags.includes('mailman_suspect'))
}

/** Times when no log had a line, though usually there are many. Empty where nothing is known of usual. */
export async function readSilences(store: EventStore, span: Span, usual: Usual, zone: string): Promise<Silence[]> {
  if (usual.distances.length === 0) return []
  const whole = wholeMinutes(span)
  const seen = await countMinutes(store, {}, whole)
  const weeks = await Promise.all(usualSpans(whole, usual, zone).map(week => countMinutes(store, {}, wholeMinutes(week))))
  const silences: Silence[] = []
  const least = usual.unit === 'days' ? MIN_USUAL_EVENTS * TIMES_FOR_DAYS : MIN_USUAL_EVENTS
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] !== 0) continue
    let end = start
    let expected = 0
    for (; end < seen.length && seen[end] === 0; end++)
      expected += weeks.reduce((all, week) => all + (week[end] ?? 0), 0) / weeks.length
    if (end - start >= MIN_SILENT_MINUTES && expected >= least) {
      const last = await store.search({ untilMs: whole.fromMs + start * MINUTE_MS, limit: 1, order: 'newest' })
      const next = await store.search({ sinceMs: whole.fromMs + end * MINUTE_MS, limit: 1, order: 'oldest' })
      silences.push({
        fromMs: last.hits[0]?.timestampMs ?? whole.fromMs + start * MINUTE_MS,
        toMs: next.hits[0]?.timestampMs ?? whole.fromMs + end * MINUTE_MS,
        usual: Math.round(expected),
      })
    }
    start = end
  }
  return silences
}
