/**
 * `accepted-not-delivered`: moderators let messages through, and they do not come. Weighed like holds: each message let through that
 * is not posted within LATE_MS, against the share that usually is not.
 */
import type { Alert, Board } from './alert.js'
import type { Changes } from './changes.js'
import type { Fact } from './fact.js'

const LATE_MS = 30 * 60_000
const MISSING_SHARE = 0.9
const LEAST_SHARE = 0.01
/** Once in so many messages let through, at most: e^10. */
const LIMIT = 10
const PRIOR = 20
const PRIOR_SHARE = 0.02
const MAX_WAITING = 10_000
const MAX_EARLY = 1000

export class ApprovedWatch {
  /** By list and message id, since when; the oldest first. */
  readonly #waiting = new Map<string, number>()
  /** Posted lately: two logs may tell of one second in either order. */
  readonly #early = new Set<string>()
  #came = 0
  #missing = 0
  #sum = 0
  #sinceMs = 0
  #count = 0
  readonly #examples: string[] = []
  #open: Alert | undefined

  constructor(
    private readonly changes: Changes,
    private readonly board: Board,
  ) {}

  see({ action, list, messageId, atMs }: Fact): void {
    if (messageId === undefined) return
    // 3 does not say of which list it was.
    const key = list === undefined ? messageId : `${list} ${messageId}`
    if (action === 'message-approved') {
      if (this.#early.delete(key)) this.#weigh(true, atMs)
      else if (this.#waiting.size < MAX_WAITING) this.#waiting.set(key, atMs)
    } else if (action === 'message-posted') {
      if (this.#waiting.delete(key) || this.#waiting.delete(messageId)) this.#weigh(true, atMs)
      else this.#early.add(key)
      if (this.#early.size > MAX_EARLY) this.#early.delete(this.#early.values().next().value!)
    }
  }

  tick(nowMs: number): void {
    if (this.changes.stoppedMs !== undefined) return
    for (const [key, sinceMs] of this.#waiting) {
      if (Math.max(sinceMs, this.changes.startedMs) > nowMs - LATE_MS) return
      this.#waiting.delete(key)
      if (this.#examples.length < 5) this.#examples.push(key.split(' ').at(-1)!)
      this.#weigh(false, sinceMs, nowMs)
    }
  }

  #weigh(hasCome: boolean, sinceMs: number, nowMs = sinceMs): void {
    const usual = Math.max(LEAST_SHARE, (this.#missing + PRIOR * PRIOR_SHARE) / (this.#missing + this.#came + PRIOR))
    const weight = hasCome ? Math.log((1 - MISSING_SHARE) / (1 - usual)) : Math.log(MISSING_SHARE / usual)
    if (this.#sum === 0) {
      this.#sinceMs = sinceMs
      this.#count = 0
      this.#examples.length = Math.min(this.#examples.length, hasCome ? 0 : 1)
    }
    this.#sum = Math.max(0, this.#sum + weight)
    if (!hasCome) this.#count++
    if (this.#open !== undefined) {
      this.#open.count = this.#count
      this.#sum = Math.min(this.#sum, LIMIT)
      if (this.#sum > 0) return
      this.board.end(this.#open, sinceMs)
      this.#open = undefined
      return
    }
    if (this.#sum < LIMIT) {
      // What is usual is learned where nothing speaks for trouble.
      if (hasCome) this.#came++
      else this.#missing++
      return
    }
    this.#open = this.board.raise({
      kind: 'accepted-not-delivered',
      severity: 'critical',
      list: null,
      sinceMs: this.#sinceMs,
      raisedMs: nowMs,
      count: this.#count,
      held: 0,
      lists: 0,
      senders: 0,
      usual: usual * this.#count,
      evidence: this.#sum,
      limit: LIMIT,
      reasons: [],
      examples: [...this.#examples],
    })
  }
}
