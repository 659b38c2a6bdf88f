/** Which start of Mailman was the last, and whether the runners that ran before it are up since: from what `qrunner` says. */
import type { Fact } from './fact.js'

const DAY_MS = 86_400_000
/** Starts of runners so near to each other are one start of Mailman. */
const TOGETHER_MS = 60_000
/** So long after a start its runners may take to come up. */
const COMING_UP_MS = 60_000
const MAX_FORMER = 1000
/** What master-qrunner of 2.1 starts (Defaults.py, QRUNNERS), where the logs do not say what ran before. */
const USUAL_21 = ['Arch', 'Bounce', 'Command', 'Incoming', 'News', 'Outgoing', 'Virgin', 'Retry'].map(name => `${name}Runner`)

/** A runner's process, from the log; `childPid` where the master tells of another process. */
export interface Processes {
  readonly pid: number | undefined
  readonly childPid: number | undefined
}

export interface RunnersJudged {
  readonly state: 'up' | 'down' | 'unknown'
  readonly up: readonly string[]
  /** What ran before and is not up (or not as often as before). */
  readonly missing: readonly string[]
  /** What died since the start, though it may be up again; what Mailman gave up. */
  readonly died: readonly string[]
  readonly givenUp: readonly string[]
  /** The logs do not say what ran before the start. */
  readonly isFirst: boolean
}

interface Run {
  readonly startMs: number
  endMs: number
  /** Processes of each runner, as many as were started together. */
  readonly most: Map<string, number>
}

export class Runs {
  /** When Mailman was stopped last, or told to start again, before the last start. */
  beforeMs: number | undefined
  /** It is stopped on purpose, since then. */
  stoppedMs: number | undefined
  #restartMs: number | undefined
  #run: Run = { startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY, most: new Map() }
  #earlier: Run[] = []
  readonly #alive = new Map<number, { readonly name: string; readonly sinceMs: number }>()
  #former = new Set<number>()
  /** A runner started alone: the master may have replaced one that died. */
  #lone: { readonly atMs: number; readonly name: string } | undefined
  readonly #died = new Set<string>()
  readonly #givenUp = new Set<string>()

  /** Undefined: none in the logs. */
  get startMs(): number | undefined {
    return Number.isFinite(this.#run.startMs) ? this.#run.startMs : undefined
  }

  /** @returns true where it is known now that Mailman was started, at `startMs` */
  see({ action, atMs, runner, signal }: Fact, { pid, childPid }: Processes): boolean {
    if (action === 'master-signal' && signal !== undefined && !signal.includes('HUP')) {
      if (signal.includes('INT') || signal.includes('USR')) this.#restartMs = atMs
      else this.stoppedMs = atMs
      return false
    }
    const startMs = this.#startOf(action, atMs, runner)
    if (runner !== undefined && pid !== undefined) {
      if (action === 'runner-started') this.#appear(pid, runner, atMs)
      else if (action === 'runner-signal') this.#note(pid, runner, atMs, signal)
      else if (action === 'runner-stopped') this.#alive.delete(pid)
    }
    if (action === 'runner-restart-limit' && runner !== undefined) this.#givenUp.add(runner)
    if ((action === 'runner-exited' || action === 'runner-restarted') && childPid !== undefined) {
      const gone = this.#alive.get(childPid)
      this.#alive.delete(childPid)
      if (gone !== undefined && this.stoppedMs === undefined && this.#restartMs === undefined) this.#died.add(gone.name)
    }
    if (startMs !== undefined) this.#begin(startMs)
    return startMs !== undefined
  }

  judge(nowMs: number): RunnersJudged {
    const up = this.#count()
    const expected = new Map<string, number>()
    for (const { most } of this.#earlier)
      for (const [name, count] of most) expected.set(name, Math.max(count, expected.get(name) ?? 0))
    const isFirst = expected.size === 0
    if (isFirst && [...up.keys()].some(name => USUAL_21.includes(name))) for (const name of USUAL_21) expected.set(name, 1)
    const missing = [...expected].filter(([name, count]) => (up.get(name) ?? 0) < count).map(([name]) => name)
    const [died, givenUp] = [[...this.#died], [...this.#givenUp]]
    const isComingUp = nowMs - this.#run.startMs < COMING_UP_MS
    const isDown = died.length > 0 || givenUp.length > 0 || (missing.length > 0 && !isComingUp)
    const isKnown = expected.size > 0 && missing.length === 0
    return { state: isDown ? 'down' : isKnown ? 'up' : 'unknown', up: [...up.keys()].sort(), missing, died, givenUp, isFirst }
  }

  /** When Mailman was started, where this is the sign of it. */
  #startOf(action: Fact['action'], atMs: number, name: string | undefined): number | undefined {
    if (action !== 'runner-started' && action !== 'master-started') return undefined
    if (atMs - this.#run.startMs <= TOGETHER_MS && this.stoppedMs === undefined && this.#restartMs === undefined) return undefined
    if (action === 'master-started' || this.stoppedMs !== undefined || this.#restartMs !== undefined) return atMs
    const other = this.#lone
    this.#lone = name === undefined ? undefined : { atMs, name }
    const isAnother = other !== undefined && other.name !== name && atMs - other.atMs <= TOGETHER_MS
    return isAnother ? other.atMs : undefined
  }

  #begin(startMs: number): void {
    for (const [pid, { sinceMs }] of this.#alive)
      if (sinceMs < startMs) {
        this.#alive.delete(pid)
        this.#former.add(pid)
      }
    if (this.#former.size > MAX_FORMER) this.#former = new Set([...this.#former].slice(-MAX_FORMER / 2))
    this.#run.endMs = startMs
    // A start that went wrong does not say what is to run: the runs of a day before count too.
    const last = this.#run
    this.#earlier = [...this.#earlier.filter(({ endMs }) => endMs > startMs - DAY_MS), last]
    this.#run = { startMs, endMs: Number.POSITIVE_INFINITY, most: this.#count() }
    this.beforeMs = this.stoppedMs ?? this.#restartMs
    this.stoppedMs = undefined
    this.#restartMs = undefined
    this.#lone = undefined
    this.#died.clear()
    this.#givenUp.clear()
  }

  #appear(pid: number, name: string, sinceMs: number): void {
    this.#former.delete(pid)
    this.#alive.set(pid, { name, sinceMs })
    // Later ones replace what died, of which the log may not tell, or begin a run of their own.
    if (sinceMs - this.#run.startMs <= TOGETHER_MS) this.#ran(name, this.#count().get(name)!)
  }

  /** A process that was told something runs; where it was told to end, it is one from before, or will not for long. */
  #note(pid: number, name: string, atMs: number, signal = ''): void {
    if (this.#alive.has(pid) || this.#former.has(pid)) return
    this.#ran(name, 1)
    if (signal.includes('HUP')) this.#alive.set(pid, { name, sinceMs: atMs })
    else this.#former.add(pid)
  }

  #ran(name: string, count: number): void {
    this.#run.most.set(name, Math.max(count, this.#run.most.get(name) ?? 0))
  }

  #count(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const { name } of this.#alive.values()) counts.set(name, (counts.get(name) ?? 0) + 1)
    return counts
  }
}
