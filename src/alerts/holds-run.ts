/**
 * Whether far more is held than usual, decided post by post: a CUSUM of log-likelihood ratios (Page 1954; docs/alerting.md). Each
 * decision about somebody who has posted before is weighed by how much likelier it is where HELD_SHARE of the posts is held than
 * where the usual share is. That a stranger's post is held says nothing: a wave of spam is many of them. What speaks is that no
 * stranger's post goes through any more, and it speaks no louder than the number that is missing.
 */
import { hashOf, owned } from './hash.js'
import type { KnownList } from './lists.js'
import type { Decision, Standing, Usual } from './usual.js'

const HELD_SHARE = 0.9
/** No share is trusted to be nearer to 0 or 1. */
const LEAST_SHARE = 0.004
const MOST_SHARE = 0.97
/** What a further post of the same sender weighs: one person may have been set to moderated. */
const SAME_SENDER = 0.3
/** What one list may add to the host's sum, where the host has more lists than a few. */
const OF_LIST = 4
const FEW_LISTS = 4
/** Where fewer posts than this are by people who have posted before, it must be judged without knowing people. */
export const MIN_KNOWN = 0.3
const MAX_REMEMBERED = 1000
const MAX_EXAMPLES = 5

/** Small, for there is one for each list: what most lists do not have is not there. */
export interface HoldsRunState {
  /** Of the first hold after which nothing went through. */
  sinceMs: number
  /** All that was held since. */
  held: number
  /** What those who have posted before add up to. */
  known: number
  /** What strangers' holds would add up to, if none of it were spam. */
  strangers: number
  /** Holds since the last post that went through, and the time of the first. */
  inStreak: number
  streakMs: number
  /** Nothing has gone through since Mailman was started: then holds of strangers speak too, and a lower limit does. */
  isAfterStart: boolean
  /** Somebody was held who has posted before on the very list. */
  hasRegular: boolean
  /** Message ids of those that count. */
  examples: string[] | undefined
  /** How many of each, of the same. */
  reasons: Map<string, number> | undefined
  /** What each list adds to `known`. */
  lists: Map<string, number> | undefined
  /** Hashes. */
  senders: Set<number> | undefined
}

export const emptyRun = (): HoldsRunState => ({
  sinceMs: 0,
  held: 0,
  known: 0,
  strangers: 0,
  inStreak: 0,
  streakMs: 0,
  isAfterStart: false,
  hasRegular: false,
  examples: undefined,
  reasons: undefined,
  lists: undefined,
  senders: undefined,
})

export class HoldsRun {
  /** @param list whose run it is; undefined: the host's */
  constructor(
    private readonly usual: Usual,
    private readonly list: KnownList | undefined,
    readonly state: HoldsRunState = emptyRun(),
  ) {}

  get lists(): number {
    return this.state.lists?.size ?? 0
  }

  /** Who were held, and had posted before, where most have. */
  get senders(): number {
    return this.state.senders?.size ?? 0
  }

  /** A list that never let anybody through has not changed. Where hardly anybody is known, that cannot be asked. */
  get isChange(): boolean {
    return this.state.hasRegular || this.usual.known < MIN_KNOWN
  }

  /** The most frequent first. */
  get reasons(): string[] {
    return [...(this.state.reasons ?? [])].sort((a, b) => b[1] - a[1]).map(([reason]) => reason)
  }

  get examples(): string[] {
    return [...(this.state.examples ?? [])]
  }

  /** What was held until now does not begin this run. */
  started(): void {
    this.clear()
    this.state.isAfterStart = true
  }

  clear(): void {
    this.state.inStreak = 0
    this.state.known = 0
  }

  /** @param usualShare of such posts, that is held */
  add(decision: Decision, standing: Standing, usualShare: number): void {
    const { state } = this
    const share = Math.min(MOST_SHARE, Math.max(LEAST_SHARE, usualShare))
    if (decision.held) {
      this.#addHold(decision, standing, Math.max(0, Math.log(HELD_SHARE / share)))
      return
    }
    if (state.known > 0) state.known = Math.max(0, state.known + Math.min(0, Math.log((1 - HELD_SHARE) / (1 - share))))
    state.inStreak = 0
    state.isAfterStart = false
  }

  #addHold(decision: Decision, standing: Standing, weight: number): void {
    const { state } = this
    if (state.inStreak++ === 0) {
      state.streakMs = decision.atMs
      state.strangers = 0
      if (state.known === 0) this.#begin(decision.atMs)
    }
    if (standing === 'list') state.hasRegular = true
    if (standing !== 'stranger') state.known += this.#remember(decision, weight)
    else {
      state.strangers += weight
      if (this.usual.known < MIN_KNOWN) this.#remember(decision, weight)
    }
    state.held++
  }

  /** In nats. */
  evidence(nowMs: number): number {
    const { inStreak, strangers, known, streakMs, isAfterStart } = this.state
    if (inStreak === 0 || strangers === 0) return known
    if (isAfterStart) return known + strangers
    return known + Math.min(strangers, this.usual.strangersPosts(streakMs, nowMs, this.list))
  }

  /** @returns what it adds, as far as its list may add more */
  #remember({ list, sender, messageId, reasons }: Decision, weight: number): number {
    const { state } = this
    state.senders ??= new Set()
    state.lists ??= new Map()
    state.reasons ??= new Map()
    state.examples ??= []
    for (const reason of reasons) state.reasons.set(reason, (state.reasons.get(reason) ?? 0) + 1)
    if (state.examples.length < MAX_EXAMPLES && messageId !== undefined) state.examples.push(owned(messageId))
    const who = sender === 0 ? hashOf(messageId ?? '') : sender
    const isNew = !state.senders.has(who)
    if (isNew && state.senders.size < MAX_REMEMBERED) state.senders.add(who)
    const before = state.lists.get(list.name) ?? 0
    if (before === 0 && state.lists.size >= MAX_REMEMBERED) return 0
    const most = this.list === undefined && this.usual.lists >= FEW_LISTS ? OF_LIST : Number.POSITIVE_INFINITY
    const own = Math.min(most - before, isNew ? weight : weight * SAME_SENDER)
    state.lists.set(list.name, before + own)
    return own
  }

  #begin(atMs: number): void {
    const { state } = this
    state.sinceMs = atMs
    state.held = 0
    state.hasRegular = false
    state.examples = undefined
    state.reasons = undefined
    state.lists = undefined
    state.senders = undefined
  }
}
