/** Why a message was held: by which rule, how many like it, on this list only or everywhere. */
import type { EventStore } from '../store/query.js'
import { type MessageTrace, traceMessage } from './ask-message.js'
import type { Life } from './life.js'
import { type HoldWords, reasonsOf } from './message-words.js'

/** Held posts with the same reason, in a stretch of time with the hold in its middle. */
export interface LikeIt {
  readonly hours: number
  readonly onList: number
  /** In the whole store, all hosts, with `onList`. */
  readonly all: number
  /** How many lists they are on; `moreLists`: at least. */
  readonly lists: number
  readonly moreLists: boolean
}

export interface WhyHeld {
  readonly life: Life
  readonly reasons: readonly HoldWords[]
  /** Of the first reason. */
  readonly like: readonly LikeIt[]
  readonly scope: 'this post' | 'this list' | 'many lists'
}

export interface WhyMessage {
  readonly trace: MessageTrace
  readonly held: readonly WhyHeld[]
}

const HOUR_MS = 3_600_000
const MAX_LISTS = 1000
/** From so many holds with the same reason in a day on, all of them together are the story. */
const FEW = 3

export async function askWhyMessage(store: EventStore, messageId: string): Promise<WhyMessage> {
  const trace = await traceMessage(store, messageId)
  const held: WhyHeld[] = []
  for (const life of trace.lives) if (life.hold !== undefined) held.push(await askWhyHeld(store, life))
  return { trace, held }
}

async function askWhyHeld(store: EventStore, life: Life): Promise<WhyHeld> {
  const hold = life.hold!
  const reasons = reasonsOf(hold)
  const like: LikeIt[] = []
  for (const hours of [24, 168]) {
    const half = (hours / 2) * HOUR_MS
    const when = { sinceMs: hold.timestampMs - half, untilMs: hold.timestampMs + half }
    const query = { action: 'message-held', reason: reasons[0]!.slug, ...when }
    const { total } = await store.search({ ...query, limit: 1, order: 'newest' })
    const lists = await store.terms(query, 'mailman.list.name', MAX_LISTS)
    const { total: onList } =
      hold.list === undefined ? { total: 0 } : await store.search({ ...query, list: hold.list, limit: 1, order: 'newest' })
    like.push({ hours, onList, all: total, lists: lists.length, moreLists: lists.length === MAX_LISTS })
  }
  return { life, reasons, like, scope: scopeOf(like[0]!) }
}

/** @param day the 24 hours around the hold, itself among them */
export function scopeOf({ onList, all, lists }: Pick<LikeIt, 'onList' | 'all' | 'lists'>): WhyHeld['scope'] {
  if (all <= FEW) return 'this post'
  // One list that has most of them is the place to look; else it is what they share: the host, its settings, spam.
  return lists > 1 && onList * 2 < all ? 'many lists' : 'this list'
}
