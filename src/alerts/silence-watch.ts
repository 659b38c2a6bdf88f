/** `posts-stopped`: nothing goes through any more, where there always is something at that hour. */
import type { Alert, Board } from './alert.js'
import type { Changes } from './changes.js'
import type { HoldsWatch } from './holds-watch.js'
import type { Post } from './post.js'
import type { Usual } from './usual.js'

/** Posts that are missing: that none of them came is chance once in e^30. Holidays are slower, so much is asked. */
const LIMIT = 30
const LEAST_MS = 30 * 60_000
const MINUTE_MS = 60_000
const DAY_MINUTES = 1440

export interface SilenceState {
  /** Posts in each minute of the last day, a ring; and the minute of the last one, since 1970. */
  readonly posts: Uint32Array
  minute: number
  lastMs: number
  open: Alert | undefined
}

export class SilenceWatch {
  constructor(
    private readonly usual: Usual,
    private readonly holds: HoldsWatch,
    private readonly changes: Changes,
    private readonly board: Board,
    readonly state: SilenceState = { posts: new Uint32Array(DAY_MINUTES), minute: 0, lastMs: Number.NaN, open: undefined },
  ) {}

  see({ atMs, held }: Post): void {
    if (held) return
    const { state } = this
    state.lastMs = atMs
    this.#count(Math.floor(atMs / MINUTE_MS))
    if (state.open !== undefined) this.board.end(state.open, atMs)
    state.open = undefined
  }

  /** What came until now was not seen: it is as if there had been a post. */
  missed(nowMs: number): void {
    if (!Number.isNaN(this.state.lastMs)) this.state.lastMs = nowMs
  }

  tick(nowMs: number): void {
    const { open, lastMs: sinceMs } = this.state
    if (open !== undefined || Number.isNaN(sinceMs)) return
    if (nowMs - sinceMs < LEAST_MS || this.holds.alert !== undefined) return
    const usual = this.usual.posts(sinceMs, nowMs)
    const expected = usual < LIMIT ? 0 : usual * this.#pace(sinceMs)
    if (expected < LIMIT) return
    this.state.open = this.board.raise({
      kind: 'posts-stopped',
      severity: this.changes.stoppedMs === undefined ? 'critical' : 'warning',
      list: null,
      sinceMs,
      raisedMs: nowMs,
      count: 0,
      held: 0,
      lists: 0,
      senders: 0,
      usual: expected,
      evidence: expected,
      limit: LIMIT,
      reasons: [],
      examples: [],
    })
  }

  /** How busy it was just before, compared with usual; at most 1: holidays, and a host that most people have left. */
  #pace(untilMs: number): number {
    const since = (minutes: number) => {
      let seen = 0
      for (let i = 0; i < minutes; i++) seen += this.state.posts[(this.state.minute - i) % DAY_MINUTES]!
      return (seen + 1) / (this.usual.posts(untilMs - minutes * MINUTE_MS, untilMs) + 1)
    }
    return Math.min(1, since(60), since(180), since(DAY_MINUTES))
  }

  #count(minute: number): void {
    const { state } = this
    const { posts } = state
    // Also where the clock was set back.
    if (Math.abs(minute - state.minute) >= DAY_MINUTES) posts.fill(0)
    else for (let empty = state.minute + 1; empty <= minute; empty++) posts[empty % DAY_MINUTES] = 0
    state.minute = minute
    posts[minute % DAY_MINUTES]!++
  }
}
