/** Asks a store for all that concerns one message: its own events, and those that can only be tied to it. */
import { type EventQuery, type EventStore, MAX_HITS } from '../store/query.js'
import { decisionsAbout, type SenderHistory } from './decisions.js'
import { groupByList, type Life, makeLife, SHUNT_WINDOW_MS, withShunts } from './life.js'
import { AROUND_MS, tieRefusals } from './refusals.js'
import { readSeen, type Seen } from './seen.js'
import { inOrder, type Step } from './steps.js'

/** The time of the first and of the last event in a store. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export interface MessageTrace {
  readonly messageId: string
  /** Events that name the message; `shown` of them were read. */
  readonly total: number
  readonly shown: number
  readonly lives: readonly Life[]
  /** Of the whole store; undefined: it is empty. */
  readonly span: Span | undefined
  /** Of the whole store: messages that were shunted, whose lines name none. */
  readonly shunted: number
}

const MAX_EVENTS = 2000
const MAX_TRIES = 20
const MAX_AROUND = 2000

export async function traceMessage(store: EventStore, messageId: string): Promise<MessageTrace> {
  const { total, events } = await read(store, { messageId }, MAX_EVENTS)
  const span = await readSpan(store)
  if (events.length === 0) {
    const { total: shunted } = await store.search({ action: 'message-shunted', limit: 1, order: 'newest' })
    return { messageId, total, shown: 0, lives: [], span, shunted }
  }
  const tied: Step[][] = []
  const withFailures = events.filter(
    ({ action, refusedCount, mailman }) => action === 'message-posted' && (refusedCount ?? 0) > 0 && mailman !== '3',
  )
  for (const attempt of withFailures.slice(0, MAX_TRIES)) tied.push(tieRefusals(attempt, await readAround(store, attempt)))
  const lives: Life[] = []
  for (const [list, steps] of groupByList(events)) {
    const refusals = withFailures.flatMap((attempt, i) => (attempt.list === list ? (tied[i] ?? []) : []))
    const life = makeLife(list, [...steps, ...refusals].sort(inOrder))
    lives.push(await completeLife(store, life))
  }
  lives.sort((a, b) => a.steps[0]!.event.timestampMs - b.steps[0]!.event.timestampMs)
  return { messageId, total, shown: events.length, lives, span, shunted: 0 }
}

/** What came after a hold or a release, of which the log does not say the message. */
async function completeLife(store: EventStore, life: Life): Promise<Life> {
  const { hold, list } = life
  if (life.state === 'waiting' && hold !== undefined && list !== undefined) {
    const steps = decisionsAbout(hold, await readHistory(store, hold, list))
    return steps.length === 0 ? life : makeLife(list, [...life.steps, ...steps].sort(inOrder))
  }
  if (life.state !== 'released' && life.state !== 'under-way') return life
  const sinceMs = life.steps.at(-1)!.event.timestampMs
  const query = { action: 'message-shunted', sinceMs, untilMs: sinceMs + SHUNT_WINDOW_MS + 1 }
  return withShunts(life, (await read(store, query, MAX_AROUND)).events)
}

async function readAround(store: EventStore, { timestampMs }: Seen): Promise<Seen[]> {
  const when = { sinceMs: timestampMs - AROUND_MS, untilMs: timestampMs + AROUND_MS + 1 }
  const [posts, failures] = [
    await read(store, { ...when, action: 'message-posted' }, MAX_AROUND),
    await read(store, { ...when, action: 'message-delivery-failed' }, MAX_AROUND),
  ]
  return [...posts.events, ...failures.events]
}

async function readHistory(store: EventStore, hold: Seen, list: string): Promise<SenderHistory> {
  const { sender } = hold
  if (sender === undefined) return { holds: [hold], released: new Map(), decisions: [] }
  const ofSender = { list, address: sender }
  const holds = (await read(store, { ...ofSender, action: 'message-held' }, MAX_AROUND, 'newest')).events
  const decisions: Seen[] = []
  for (const action of ['message-discarded', 'message-rejected'])
    decisions.push(...(await read(store, { ...ofSender, action }, MAX_AROUND, 'newest')).events)
  const loose = decisions.filter(({ messageId, isSuspect }) => messageId === undefined && !isSuspect)
  // Without a decision nothing is to be told apart.
  if (loose.length === 0) return { holds, released: new Map(), decisions: [] }
  return { holds, released: await readReleased(store, holds, list), decisions: loose }
}

/** Message id → when it was released. */
async function readReleased(store: EventStore, holds: readonly Seen[], list: string): Promise<Map<string, number>> {
  const ids = new Set(holds.map(({ messageId }) => messageId).filter(id => id !== undefined))
  const found: Seen[] = []
  if (ids.size <= MAX_TRIES) {
    for (const messageId of ids) found.push(...(await read(store, { messageId, action: 'message-approved' }, 1)).events)
  } else {
    // 3 names no list where a post is released.
    const where = holds.some(({ mailman }) => mailman === '3') ? {} : { list }
    const since = { sinceMs: holds[0]!.timestampMs }
    found.push(...(await read(store, { ...where, ...since, action: 'message-approved' }, MAX_HITS, 'newest')).events)
  }
  return new Map(found.map(({ messageId, timestampMs }) => [messageId ?? '', timestampMs]))
}

export async function readSpan(store: EventStore): Promise<Span | undefined> {
  const [first] = (await store.search({ limit: 1, order: 'oldest' })).hits
  const [last] = (await store.search({ limit: 1, order: 'newest' })).hits
  return first === undefined || last === undefined ? undefined : { fromMs: first.timestampMs, toMs: last.timestampMs }
}

/** @returns the oldest that fit, or with `order` the newest, always in the order in which they happened */
export async function read(
  store: EventStore,
  query: EventQuery,
  limit: number,
  order: 'oldest' | 'newest' = 'oldest',
): Promise<{ readonly total: number; readonly events: readonly Seen[] }> {
  const { total, hits } = await store.search({ ...query, limit, order })
  const events = hits.map(readSeen)
  return { total, events: order === 'oldest' ? events : events.reverse() }
}
