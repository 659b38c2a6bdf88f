/**
 * `accepted-not-delivered`: moderators let messages through, and they do not come. Weighed like holds: each message let through that
 * is not posted within LATE_MS, against the share that usually is not.
 */
import type { Alert, Board } from './alert.js'
import type { Changes } from './changes.js'
import { owned } from './hash.js'
import type { Post } from './post.js'

const LATE_MS = 30 * 60_000
const MISSING_SHARE = 0.9
const LEAST_SHARE = 0.01
/** Once in so many messages let through, at most: e^10. */
const LIMIT = 10
const PRIOR = 20
const PRIOR_SHARE = 0.02
const MAX_WAITING = 10_000
const EARLY = 2 ** 10

/** The keys are hashes of list and message id, or of the message id alone. */
export interface ApprovedState {
  /** Let through, and since when; the oldest first. */
  readonly waiting: Map<number, { readonly sinceMs: number; readonly messageId: string }>
  /** Posted lately: two logs may tell of one second in either order. A ring, and how many came. */
  readonly early: Int32Array
  posted: number
  came: number
  missing: number
  sum: number
  sinceMs: number
  count: number
  readonly examples: string[]
  open: Alert | undefined
}

const empty = (): ApprovedState => ({
  waiting: new Map(),
  early: new Int32Array(EARLY),
  posted: 0,
  came: 0,
  missing: 0,
  sum: 0,
  sinceMs: 0,
  count: 0,
  examples: [],
  open: undefined,
})

export class ApprovedWatch {
  constructor(
    private readonly changes: Changes,
    private readonly board: Board,
    readonly state: ApprovedState = empty(),
  ) {}

  see({ what, message, id, messageId, atMs }: Post): void {
    if (messageId === undefined || what === 'message-held') return
    const { early, waiting } = this.state
    if (what === 'message-posted') {
      // 3 does not say of which list it was let through.
      if (waiting.size > 0 && (waiting.delete(message) || waiting.delete(id))) this.#weigh(true, atMs)
      else early[this.state.posted++ & (EARLY - 1)] = message
      return
    }
    const place = early.indexOf(message)
    if (place !== -1) {
      early[place] = 0
      this.#weigh(true, atMs)
    } else if (waiting.size < MAX_WAITING) waiting.set(message, { sinceMs: atMs, messageId: owned(messageId) })
  }

  /** What came until now was not seen: those that wait may have been posted. */
  missed(): void {
    this.state.waiting.clear()
  }

  tick(nowMs: number): void {
    const { waiting, examples } = this.state
    if (waiting.size === 0 || this.changes.stoppedMs !== undefined) return
    for (const [key, { sinceMs, messageId }] of waiting) {
      if (Math.max(sinceMs, this.changes.startedMs) > nowMs - LATE_MS) return
      waiting.delete(key)
      if (examples.length < 5) examples.push(messageId)
      this.#weigh(false, sinceMs, nowMs)
    }
  }

  #weigh(hasCome: boolean, sinceMs: number, nowMs = sinceMs): void {
    const { state } = this
    const usual = Math.max(LEAST_SHARE, (state.missing + PRIOR * PRIOR_SHARE) / (state.missing + state.came + PRIOR))
    const weight = hasCome ? Math.log((1 - MISSING_SHARE) / (1 - usual)) : Math.log(MISSING_SHARE / usual)
    if (state.sum === 0) {
      state.sinceMs = sinceMs
      state.count = 0
      state.examples.length = Math.min(state.examples.length, hasCome ? 0 : 1)
    }
    state.sum = Math.max(0, state.sum + weight)
    if (!hasCome) state.count++
    if (state.open !== undefined) {
      state.open.count = state.count
      state.sum = Math.min(state.sum, LIMIT)
      if (state.sum > 0) return
      this.board.end(state.open, sinceMs)
      state.open = undefined
      return
    }
    if (state.sum < LIMIT) {
      // What is usual is learned where nothing speaks for trouble.
      if (hasCome) state.came++
      else state.missing++
      return
    }
    state.open = this.board.raise({
      kind: 'accepted-not-delivered',
      severity: 'critical',
      list: null,
      sinceMs: state.sinceMs,
      raisedMs: nowMs,
      count: state.count,
      held: 0,
      lists: 0,
      senders: 0,
      usual: usual * state.count,
      evidence: state.sum,
      limit: LIMIT,
      reasons: [],
      examples: [...state.examples],
    })
  }
}
