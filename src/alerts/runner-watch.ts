/**
 * `runner-trouble`: a runner that dies again and again, was given up, or ended and was not started again while Mailman runs. Which
 * one says how bad it is: without these no post gets through (2.1: Queue/; 3: runners/).
 */
import type { Alert, Board } from './alert.js'
import type { Changes } from './changes.js'
import type { Fact } from './fact.js'
import { owned } from './hash.js'

const ON_THE_WAY = /^(?:incoming|pipeline|outgoing|in|out|lmtp)(?:runner)?$/i
/** So many unwanted ends within so long are a loop. */
const LOOP = 3
const LOOP_MS = 30 * 60_000
/** A restart takes seconds. */
const AWAY_MS = 5 * 60_000
const STEADY_MS = 30 * 60_000
const MAX_RUNNERS = 100

export const RUNNERS = ['runner-started', 'runner-exited', 'runner-restarted', 'runner-restart-limit'] as const

export interface Runner {
  /** Unwanted ends within LOOP_MS. */
  ends: number[]
  /** Since when it does not run, as far as the log says. */
  awayMs: number | undefined
  startedMs: number
  open: Alert | undefined
}

export class RunnerWatch {
  constructor(
    private readonly changes: Changes,
    private readonly board: Board,
    readonly state: Map<string, Runner> = new Map(),
  ) {}

  see({ action, atMs, runner: name, outcome }: Fact): void {
    if (name === undefined) return
    let runner = this.state.get(name)
    if (runner === undefined) {
      if (this.state.size >= MAX_RUNNERS) return
      runner = { ends: [], awayMs: undefined, startedMs: atMs, open: undefined }
      this.state.set(owned(name), runner)
    }
    if (action === 'runner-started') {
      runner.awayMs = undefined
      runner.startedMs = atMs
    } else if (action === 'runner-exited') runner.awayMs ??= atMs
    else if (action === 'runner-restart-limit') {
      runner.awayMs = atMs
      this.#raise(name, runner, atMs, runner.ends[0] ?? atMs)
    }
    if ((action !== 'runner-exited' && action !== 'runner-restarted') || outcome !== 'failure') return
    // Ends that a stop of Mailman asked for count as failures in the log too.
    if (this.changes.stoppedMs !== undefined || atMs - this.changes.changedMs < AWAY_MS) return
    runner.ends = [...runner.ends.filter(endMs => endMs > atMs - LOOP_MS), atMs]
    if (runner.ends.length >= LOOP) this.#raise(name, runner, atMs, runner.ends[0]!)
  }

  /** What came until now was not seen: those that are away may be back. */
  missed(): void {
    for (const runner of this.state.values()) runner.awayMs = undefined
  }

  tick(nowMs: number): void {
    for (const [name, runner] of this.state) {
      const { awayMs, startedMs, ends, open } = runner
      if (this.changes.stoppedMs !== undefined) runner.awayMs = undefined
      else if (awayMs !== undefined && nowMs - awayMs > AWAY_MS) this.#raise(name, runner, nowMs, awayMs)
      const isSteady = awayMs === undefined && nowMs - Math.max(startedMs, ends.at(-1) ?? 0) > STEADY_MS
      if (open === undefined || !isSteady) continue
      this.board.end(open, startedMs)
      runner.open = undefined
    }
  }

  #raise(name: string, runner: Runner, atMs: number, sinceMs: number): void {
    if (runner.open !== undefined) {
      runner.open.count = Math.max(runner.open.count, runner.ends.length)
      return
    }
    runner.open = this.board.raise({
      kind: 'runner-trouble',
      severity: ON_THE_WAY.test(name) ? 'critical' : 'warning',
      list: null,
      about: name,
      sinceMs,
      raisedMs: atMs,
      count: Math.max(1, runner.ends.length),
      held: 0,
      lists: 0,
      senders: 0,
      usual: 0,
      evidence: Math.max(1, runner.ends.length),
      limit: 1,
      reasons: [],
      examples: [],
    })
  }
}
