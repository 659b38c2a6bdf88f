/** `errors-at-restart`: errors within minutes after a start, where there usually are none. */
import type { Alert, Board } from './alert.js'
import { AT_START_MS, type Changes } from './changes.js'
import type { Fact } from './fact.js'

const LEAST = 3
/** A start that many errors follow as usually is not told of: so many times the errors of the last starts. */
const TIMES = 3
const QUIET_MS = 30 * 60_000

export interface StartState {
  startedMs: number
  errors: number
  /** In which an error came. */
  seconds: Set<number>
  /** Errors of the last starts. */
  usual: number
  lastMs: number
  open: Alert | undefined
}

export class StartWatch {
  constructor(
    private readonly changes: Changes,
    private readonly board: Board,
    readonly state: StartState = {
      startedMs: Number.NaN,
      errors: 0,
      seconds: new Set(),
      usual: 0,
      lastMs: 0,
      open: undefined,
    },
  ) {}

  started(atMs: number): void {
    const { state } = this
    if (!Number.isNaN(state.startedMs)) state.usual = 0.7 * state.usual + 0.3 * (state.open === undefined ? state.errors : 0)
    state.startedMs = atMs
    state.errors = 0
    state.seconds = new Set()
  }

  /** An error (errors.ts). */
  see({ atMs }: Fact): void {
    const { state } = this
    if (state.open !== undefined) {
      state.open.count++
      state.lastMs = atMs
      return
    }
    if (!(atMs - this.changes.startedMs <= AT_START_MS) || state.seconds.size >= 1000) return
    // A traceback and the message that was shunted for it are one.
    const second = Math.floor(atMs / 1000)
    if (state.seconds.has(second)) return
    state.seconds.add(second)
    state.errors++
    if (state.errors < Math.max(LEAST, TIMES * state.usual)) return
    state.lastMs = atMs
    state.open = this.board.raise({
      kind: 'errors-at-restart',
      severity: 'warning',
      list: null,
      sinceMs: this.changes.startedMs,
      raisedMs: atMs,
      count: state.errors,
      held: 0,
      lists: 0,
      senders: 0,
      usual: state.usual,
      evidence: state.errors,
      limit: LEAST,
      reasons: [],
      examples: [],
    })
  }

  tick(nowMs: number): void {
    const { open, lastMs } = this.state
    if (open === undefined || nowMs - lastMs < QUIET_MS) return
    this.board.end(open, lastMs)
    this.state.open = undefined
  }
}
