/** Whom a run of holds hit: lists, senders, reasons; and whether it is one list or the host, a hold-up or a wave. */
import type { EventStore } from '../store/query.js'
import type { Run } from './report-runs.js'
import { type Span, within } from './report-span.js'

export interface Counted {
  readonly value: string
  readonly count: number
}

export interface Hit {
  readonly lists: readonly Counted[]
  /** Lists that have posts or holds in the same stretch of usual weeks, the most of one week. */
  readonly usualLists: number
  readonly senders: readonly Counted[]
  /** Senders who had a post delivered in the weeks before, and their holds. */
  readonly knownSenders: number
  readonly knownHolds: number
  readonly reasons: readonly (Counted & { readonly usual: number })[]
  /** One list has most of the holds; lists all over the host; or some. */
  readonly scope: 'list' | 'host' | 'some-lists'
  readonly kind: Kind
}

/**
 * `held-up`: nearly all is held, and far fewer posts than usual are delivered. `wave`: more is held, most of it of strangers, and
 * posts are delivered as usual; or nearly all senders are strangers. `mixed`: neither is clear.
 */
export type Kind = 'held-up' | 'wave' | 'mixed'

/** Values of which all are counted; more are cut, and said to be. */
export const MOST_VALUES = 1000
const SENDERS_AT_ONCE = 200
const ONE_LIST = 0.8
const MIN_USUAL_POSTS = 10

export async function readHit(
  store: EventStore,
  run: Span,
  {
    counts,
    usual,
    sinceMs,
  }: { readonly counts: Pick<Run, 'held' | 'posted' | 'usualPosted'>; readonly usual: readonly Span[]; readonly sinceMs: number },
): Promise<Hit> {
  const held = { ...within(run), action: 'message-held' }
  const lists = await store.terms(held, 'mailman.list.name', MOST_VALUES)
  const senders = await store.terms(held, 'email.from.address', MOST_VALUES)
  const known = await readKnown(store, senders, { fromMs: sinceMs, toMs: run.fromMs })
  const knownHolds = senders.reduce((sum, { value, count }) => sum + (known.has(value) ? count : 0), 0)
  const reasons = await readReasons(store, run, usual)
  const usualLists = await countLists(store, usual)
  const top = lists[0]?.count ?? 0
  const ofNamed = lists.reduce((sum, { count }) => sum + count, 0)
  return {
    lists,
    usualLists,
    senders,
    knownSenders: known.size,
    knownHolds,
    reasons,
    scope: top >= ONE_LIST * ofNamed ? 'list' : lists.length >= Math.max(5, usualLists / 2) ? 'host' : 'some-lists',
    kind: kindOf(counts, senders.length === 0 ? undefined : known.size / senders.length),
  }
}

function kindOf({ held, posted, usualPosted }: Pick<Run, 'held' | 'posted' | 'usualPosted'>, known: number | undefined): Kind {
  const share = held / (held + posted)
  // Where posts come in at all, a wave does not keep them from being delivered.
  if (share >= 0.8 && usualPosted >= MIN_USUAL_POSTS && posted < 0.3 * usualPosted) return 'held-up'
  const mayBeSpam = share < 0.9 && posted >= usualPosted / 2
  // Spam comes from strangers; where addresses are not stored, nothing is known of that.
  return (known ?? 0.2) < (mayBeSpam ? 0.3 : 0.1) ? 'wave' : 'mixed'
}

async function readKnown(store: EventStore, senders: readonly Counted[], before: Span): Promise<Set<string>> {
  const known = new Set<string>()
  for (let i = 0; i < senders.length; i += SENDERS_AT_ONCE) {
    const asked = new Set(senders.slice(i, i + SENDERS_AT_ONCE).map(({ value }) => value))
    const query = { ...within(before), action: 'message-posted', address: [...asked] }
    for (const { value } of await store.terms(query, 'email.from.address', SENDERS_AT_ONCE * 2))
      if (asked.has(value)) known.add(value)
  }
  return known
}

async function readReasons(store: EventStore, run: Span, usual: readonly Span[]): Promise<Hit['reasons']> {
  const read = (span: Span) => store.terms({ ...within(span), action: 'message-held' }, 'mailman.hold.reason', 20)
  const before = await Promise.all(usual.map(read))
  return (await read(run)).map(({ value, count }) => {
    const counts = before.map(week => week.find(reason => reason.value === value)?.count ?? 0)
    return { value, count, usual: counts.reduce((sum, n) => sum + n, 0) / Math.max(1, counts.length) }
  })
}

async function countLists(store: EventStore, usual: readonly Span[]): Promise<number> {
  let most = 0
  for (const span of usual) {
    const names = new Set<string>()
    for (const action of ['message-held', 'message-posted'])
      for (const { value } of await store.terms({ ...within(span), action }, 'mailman.list.name', MOST_VALUES)) names.add(value)
    most = Math.max(most, names.size)
  }
  return most
}
