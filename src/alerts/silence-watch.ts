/** `posts-stopped`: nothing goes through any more, where there always is something at that hour. */
import type { Alert, Board } from './alert.js'
import type { Changes } from './changes.js'
import type { HoldsWatch } from './holds-watch.js'
import type { Decision, Usual } from './usual.js'

/** Posts that are missing: that none of them came is chance once in e^30. Holidays are slower, so much is asked. */
const LIMIT = 30
const LEAST_MS = 30 * 60_000
const SHORT_MS = 3 * 3_600_000
const DAY_MS = 86_400_000

export class SilenceWatch {
  readonly #recent: number[] = []
  #lastMs = Number.NaN
  #open: Alert | undefined

  constructor(
    private readonly usual: Usual,
    private readonly holds: HoldsWatch,
    private readonly changes: Changes,
    private readonly board: Board,
  ) {}

  see({ atMs, held }: Decision): void {
    if (held) return
    this.#lastMs = atMs
    this.#recent.push(atMs)
    if (this.#open !== undefined) this.board.end(this.#open, atMs)
    this.#open = undefined
  }

  /** There were no logs to read for a long time. */
  forget(): void {
    this.#lastMs = Number.NaN
  }

  tick(nowMs: number): void {
    if (this.#open !== undefined || Number.isNaN(this.#lastMs)) return
    while (this.#recent.length > 0 && this.#recent[0]! < nowMs - DAY_MS) this.#recent.shift()
    const sinceMs = this.#lastMs
    if (nowMs - sinceMs < LEAST_MS || this.holds.alert !== undefined) return
    const expected = this.usual.posts(sinceMs, nowMs) * this.#pace(sinceMs)
    if (expected < LIMIT) return
    this.#open = this.board.raise({
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
    const since = (spanMs: number) => {
      const seen = this.#recent.filter(atMs => atMs > untilMs - spanMs).length
      return (seen + 1) / (this.usual.posts(untilMs - spanMs, untilMs) + 1)
    }
    return Math.min(1, since(SHORT_MS), since(DAY_MS))
  }
}
