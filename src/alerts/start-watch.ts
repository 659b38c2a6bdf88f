/** `errors-at-restart`: errors within minutes after a start, where there usually are none. */
import type { Alert, Board } from './alert.js'
import { AT_START_MS, type Changes } from './changes.js'
import { isError } from './errors.js'
import type { Fact } from './fact.js'

const LEAST = 3
/** A start that many errors follow as usually is not told of: so many times the errors of the last starts. */
const TIMES = 3
const QUIET_MS = 30 * 60_000

export class StartWatch {
  #startedMs = Number.NaN
  #errors = 0
  #seconds = new Set<number>()
  #usual = 0
  #lastMs = 0
  #open: Alert | undefined

  constructor(
    private readonly changes: Changes,
    private readonly board: Board,
  ) {}

  started(atMs: number): void {
    if (!Number.isNaN(this.#startedMs)) this.#usual = 0.7 * this.#usual + 0.3 * (this.#open === undefined ? this.#errors : 0)
    this.#startedMs = atMs
    this.#errors = 0
    this.#seconds = new Set()
  }

  see({ action, atMs }: Fact): void {
    if (!isError(action)) return
    if (this.#open !== undefined) {
      this.#open.count++
      this.#lastMs = atMs
      return
    }
    if (!(atMs - this.changes.startedMs <= AT_START_MS) || this.#seconds.size >= 1000) return
    // A traceback and the message that was shunted for it are one.
    if (this.#seconds.has(Math.floor(atMs / 1000))) return
    this.#seconds.add(Math.floor(atMs / 1000))
    this.#errors++
    if (this.#errors < Math.max(LEAST, TIMES * this.#usual)) return
    this.#lastMs = atMs
    this.#open = this.board.raise({
      kind: 'errors-at-restart',
      severity: 'warning',
      list: null,
      sinceMs: this.changes.startedMs,
      raisedMs: atMs,
      count: this.#errors,
      held: 0,
      lists: 0,
      senders: 0,
      usual: this.#usual,
      evidence: this.#errors,
      limit: LEAST,
      reasons: [],
      examples: [],
    })
  }

  tick(nowMs: number): void {
    if (this.#open === undefined || nowMs - this.#lastMs < QUIET_MS) return
    this.board.end(this.#open, this.#lastMs)
    this.#open = undefined
  }
}
