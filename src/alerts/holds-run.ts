/**
 * Whether far more is held than usual, decided post by post: a CUSUM of log-likelihood ratios (Page 1954; docs/alerting.md). Each
 * decision about somebody who has posted before is weighed by how much likelier it is where HELD_SHARE of the posts is held than
 * where the usual share is. That a stranger's post is held says nothing: a wave of spam is many of them. What speaks is that no
 * stranger's post goes through any more, and it speaks no louder than the number that is missing.
 */
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
const MIN_KNOWN = 0.3
const MAX_REMEMBERED = 1000
const MAX_EXAMPLES = 5

export class HoldsRun {
  /** Of the first hold after which nothing went through. */
  sinceMs = 0
  /** All that was held since. */
  held = 0
  readonly examples: string[] = []
  readonly #reasons = new Map<string, number>()
  /** What those who have posted before add up to. */
  #known = 0
  /** What strangers' holds would add up to, if none of it were spam. */
  #strangers = 0
  /** Holds since the last post that went through, and the time of the first. */
  #inStreak = 0
  #streakMs = 0
  readonly #lists = new Map<string, number>()
  readonly #senders = new Set<string>()

  /** @param list whose run it is; undefined: the host's */
  constructor(
    private readonly usual: Usual,
    private readonly list: string | undefined,
  ) {}

  get lists(): number {
    return this.#lists.size
  }

  /** Who were held, and had posted before, where most have. */
  get senders(): number {
    return this.#senders.size
  }

  /** The most frequent first. */
  get reasons(): string[] {
    return [...this.#reasons].sort((a, b) => b[1] - a[1]).map(([reason]) => reason)
  }

  /** Nothing has gone through since Mailman was started: then holds of strangers speak too, and a lower limit does. */
  isAfterStart = false

  /** What was held until now does not begin this run. */
  started(): void {
    this.#inStreak = 0
    this.#known = 0
    this.isAfterStart = true
  }

  clear(): void {
    this.#inStreak = 0
    this.#known = 0
  }

  add(decision: Decision, standing: Standing): void {
    const { atMs, held, messageId, reasons } = decision
    const share = Math.min(MOST_SHARE, Math.max(LEAST_SHARE, this.usual.share(decision.list, standing)))
    if (!held) {
      this.#known = Math.max(0, this.#known + Math.min(0, Math.log((1 - HELD_SHARE) / (1 - share))))
      this.#inStreak = 0
      this.isAfterStart = false
      return
    }
    if (this.#inStreak++ === 0) {
      this.#streakMs = atMs
      this.#strangers = 0
      if (this.#known === 0) this.#begin(atMs)
    }
    const weight = Math.max(0, Math.log(HELD_SHARE / share))
    if (standing !== 'stranger') this.#known += this.#remember(decision, weight)
    else {
      this.#strangers += weight
      if (this.usual.known < MIN_KNOWN) this.#remember(decision, weight)
    }
    this.held++
    for (const reason of reasons) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
    if (this.examples.length < MAX_EXAMPLES && messageId !== undefined) this.examples.push(messageId)
  }

  /** In nats. */
  evidence(nowMs: number): number {
    if (this.#inStreak === 0 || this.#strangers === 0) return this.#known
    if (this.isAfterStart) return this.#known + this.#strangers
    return this.#known + Math.min(this.#strangers, this.usual.strangersPosts(this.#streakMs, nowMs, this.list))
  }

  /** @returns what it adds, as far as its list may add more */
  #remember({ list, sender, messageId }: Decision, weight: number): number {
    const who = sender ?? messageId ?? ''
    const isNew = !this.#senders.has(who)
    if (isNew && this.#senders.size < MAX_REMEMBERED) this.#senders.add(who)
    const before = this.#lists.get(list) ?? 0
    if (before === 0 && this.#lists.size >= MAX_REMEMBERED) return 0
    const most = this.list === undefined && this.usual.lists >= FEW_LISTS ? OF_LIST : Number.POSITIVE_INFINITY
    const own = Math.min(most - before, isNew ? weight : weight * SAME_SENDER)
    this.#lists.set(list, before + own)
    return own
  }

  #begin(atMs: number): void {
    this.sinceMs = atMs
    this.held = 0
    this.examples.length = 0
    this.#reasons.clear()
    this.#lists.clear()
    this.#senders.clear()
  }
}
