/** What is held on a list, why, and whether that is more than it was. From logs alone: the queue itself is not looked at. */
import type { EventQuery, EventStore } from '../store/query.js'
import { read, readSpan, type Span } from './ask-message.js'
import type { Seen } from './seen.js'

export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
  readonly held: number
  readonly posted: number
  /** Held of held and posted, 0 to 1; undefined: neither. */
  readonly share: number | undefined
}

export interface ReasonCount {
  readonly slug: string
  readonly count: number
  /** In the time before, made for as long a time; undefined: the store knows less than a day of that. */
  readonly usual: number | undefined
}

export interface Waiting {
  /** Held posts without a decision that the logs tell of. */
  readonly count: number
  /** Those that certainly have none, the newest last; a decision on one of several posts of a sender does not say which. */
  readonly sure: readonly Seen[]
  /** More holds than were read. */
  readonly isCut: boolean
}

export interface WhyList {
  readonly list: string
  /** Now, or the newest event of a store that has ended long ago. */
  readonly atMs: number
  readonly isPast: boolean
  readonly span: Span | undefined
  readonly total: number
  readonly mailman: '2.1' | '3' | undefined
  readonly day: Stretch
  readonly week: Stretch
  /** The four weeks before that week, or what the store has of them. */
  readonly before: Stretch
  /** That week on all lists of the store. */
  readonly everywhere: Stretch
  readonly reasons: readonly ReasonCount[]
  readonly waiting: Waiting
  readonly waitingDays: number
}

const DAY_MS = 86_400_000
const BEFORE_DAYS = 28
const WAITING_DAYS = 30
const MAX_HOLDS = 5000
const MAX_REASONS = 30

export async function askWhyList(store: EventStore, list: string, nowMs: number): Promise<WhyList> {
  const { total, events } = await read(store, { list }, 1, 'newest')
  const span = await readSpan(store)
  const lastMs = span?.toMs ?? nowMs
  // A store that is no longer fed, or that old logs were read into: its end is the present.
  const isPast = lastMs < nowMs - DAY_MS
  const atMs = isPast ? lastMs + 1 : nowMs
  const stretch = (days: number): Promise<Stretch> => readStretch(store, { list }, atMs - days * DAY_MS, atMs)
  const week = await stretch(7)
  const beforeMs = Math.min(week.fromMs, Math.max(week.fromMs - BEFORE_DAYS * DAY_MS, span?.fromMs ?? 0))
  const before = await readStretch(store, { list }, beforeMs, week.fromMs)
  return {
    list,
    atMs,
    isPast,
    span,
    total,
    mailman: events[0]?.mailman,
    day: await stretch(1),
    week,
    before,
    everywhere: await readStretch(store, {}, week.fromMs, week.toMs),
    reasons: await readReasons(store, list, week, before),
    waiting: await readWaiting(store, list, { sinceMs: atMs - WAITING_DAYS * DAY_MS, untilMs: atMs }),
    waitingDays: WAITING_DAYS,
  }
}

async function readStretch(store: EventStore, where: EventQuery, fromMs: number, toMs: number): Promise<Stretch> {
  const count = async (action: string): Promise<number> =>
    (await store.search({ ...where, action, sinceMs: fromMs, untilMs: toMs, limit: 1, order: 'newest' })).total
  const held = await count('message-held')
  const posted = await count('message-posted')
  return { fromMs, toMs, held, posted, share: held + posted === 0 ? undefined : held / (held + posted) }
}

async function readReasons(store: EventStore, list: string, week: Stretch, before: Stretch): Promise<ReasonCount[]> {
  const countIn = ({ fromMs, toMs }: Stretch) =>
    store.terms({ list, action: 'message-held', sinceMs: fromMs, untilMs: toMs }, 'mailman.hold.reason', MAX_REASONS)
  const earlier = new Map((await countIn(before)).map(({ value, count }) => [value, count]))
  const knownMs = before.toMs - before.fromMs
  const usual = (slug: string) =>
    knownMs < DAY_MS ? undefined : ((earlier.get(slug) ?? 0) * (week.toMs - week.fromMs)) / knownMs
  return (await countIn(week)).map(({ value, count }) => ({ slug: value, count, usual: usual(value) }))
}

async function readWaiting(store: EventStore, list: string, when: Pick<EventQuery, 'sinceMs' | 'untilMs'>): Promise<Waiting> {
  const holds = await read(store, { ...when, list, action: 'message-held' }, MAX_HOLDS, 'newest')
  if (holds.events.length === 0) return { count: 0, sure: [], isCut: false }
  const since = { sinceMs: holds.events[0]!.timestampMs }
  // 3 names no list where a post is released; so all lists' are read.
  const isFrom3 = holds.events.some(({ mailman }) => mailman === '3')
  const approved = await read(
    store,
    { ...since, action: 'message-approved', ...(isFrom3 ? {} : { list }) },
    MAX_HOLDS * 2,
    'newest',
  )
  const decisions: Seen[] = []
  for (const action of ['message-discarded', 'message-rejected'])
    decisions.push(...(await read(store, { ...since, list, action }, MAX_HOLDS, 'newest')).events)
  return { ...findWaiting(holds.events, approved.events, decisions), isCut: holds.total > holds.events.length }
}

/** @param decisions of moderators, that name the sender and no message; others are passed over */
export function findWaiting(
  holds: readonly Seen[],
  approved: readonly Seen[],
  decisions: readonly Seen[],
): Omit<Waiting, 'isCut'> {
  const released = new Set(approved.map(({ messageId }) => messageId).filter(id => id !== undefined))
  const bySender = new Map<string, Seen[]>()
  // Held twice under one id is one post that waits.
  const posts = new Map(holds.filter(({ isSuspect }) => !isSuspect).map(hold => [hold.messageId ?? hold.id, hold]))
  for (const [id, hold] of posts)
    if (!released.has(id)) bySender.set(hold.sender ?? '', [...(bySender.get(hold.sender ?? '') ?? []), hold])
  let count = 0
  const sure: Seen[] = []
  for (const [sender, waiting] of bySender) {
    const decided = decisions.filter(event => event.messageId === undefined && event.sender === sender && !event.isSuspect)
    const last = Math.max(...decided.map(({ timestampMs }) => timestampMs))
    const after = waiting.filter(({ timestampMs }) => timestampMs > last)
    const left = Math.max(after.length, waiting.length - decided.length)
    count += left
    sure.push(...(decided.length === 0 ? waiting : after))
  }
  sure.sort((a, b) => a.timestampMs - b.timestampMs)
  return { count, sure }
}
