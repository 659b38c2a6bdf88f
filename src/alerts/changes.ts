/** What happened to Mailman itself, for `before`: stops, starts, errors at a start, settings that were complained of. */
import type { ActionName } from '../../parsers/_actions.js'
import type { Before } from './alert.js'
import { ERRORS } from './errors.js'
import type { Fact } from './fact.js'

/** So long before an alert's beginning is looked for why. */
const BEFORE_MS = 3_600_000
/** Errors so soon after a start are of that start. */
export const AT_START_MS = 10 * 60_000
/** Starts of runners so near to each other are one. */
const TOGETHER_MS = 60_000
const MAX_CHANGES = 50

/** What tells of a change, and errors, for they may be of one. */
export const CHANGES: ReadonlySet<ActionName> = new Set<ActionName>([
  'runner-started',
  'master-started',
  'master-signal',
  'config-error',
  'list-config-corrupt',
  ...ERRORS,
])

export interface ChangesState {
  readonly changes: { readonly atMs: number; readonly what: Before['what']; errors: number }[]
  /** Since when Mailman is stopped on purpose. */
  stoppedMs: number | undefined
  startedMs: number
  /** That was started last. */
  runner: { readonly name: string | undefined; readonly atMs: number }
  /** The last stop, start or restart. */
  changedMs: number
}

export class Changes {
  constructor(
    readonly state: ChangesState = {
      changes: [],
      stoppedMs: undefined,
      startedMs: Number.NEGATIVE_INFINITY,
      runner: { name: undefined, atMs: Number.NEGATIVE_INFINITY },
      changedMs: Number.NEGATIVE_INFINITY,
    },
  ) {}

  get stoppedMs(): number | undefined {
    return this.state.stoppedMs
  }

  get startedMs(): number {
    return this.state.startedMs
  }

  get changedMs(): number {
    return this.state.changedMs
  }

  /** @returns true with the first sign of a start */
  see({ action, atMs, signal, runner }: Fact): boolean {
    const { state } = this
    const last = state.changes.at(-1)
    if (action === 'runner-started' || action === 'master-started') {
      state.stoppedMs = undefined
      const { runner: other } = state
      state.runner = { name: runner, atMs }
      // One runner alone is one that died, and was started again by the others' master.
      const isAlone = action === 'runner-started' && (other.name === runner || atMs - other.atMs > TOGETHER_MS)
      if (isAlone && atMs - state.startedMs > TOGETHER_MS) return false
      const isSame = atMs - state.startedMs <= TOGETHER_MS
      state.startedMs = Math.max(atMs, state.startedMs)
      if (isSame) return false
      this.#add(atMs, last?.what === 'stop' || last?.what === 'restart' ? 'restart' : 'start')
      return true
    }
    if (action === 'master-signal' && signal !== undefined && !signal.includes('HUP')) {
      const isRestart = signal.includes('INT') || signal.includes('USR')
      if (!isRestart) state.stoppedMs = atMs
      this.#add(atMs, isRestart ? 'restart' : 'stop')
    } else if (action === 'config-error' || action === 'list-config-corrupt') {
      if (last?.what === 'setting') last.errors++
      else this.#add(atMs, 'setting')
    } else if (ERRORS.has(action) && last !== undefined && atMs - state.startedMs <= AT_START_MS) last.errors++
    return false
  }

  /** What was up to an hour before, the last first. */
  before(atMs: number): Before[] {
    return this.state.changes
      .filter(change => change.atMs <= atMs && change.atMs > atMs - BEFORE_MS)
      .map(({ atMs: whenMs, what, errors }) => ({ atMs: whenMs, what, text: textOf(what, errors) }))
      .reverse()
  }

  #add(atMs: number, what: Before['what']): void {
    const { changes } = this.state
    if (what !== 'setting') this.state.changedMs = atMs
    changes.push({ atMs, what, errors: 0 })
    if (changes.length > MAX_CHANGES) changes.shift()
  }
}

function textOf(what: Before['what'], errors: number): string {
  const words = {
    start: 'Mailman was started',
    stop: 'Mailman was stopped',
    restart: 'Mailman was restarted',
    setting: 'Mailman complained of its configuration',
  }[what]
  if (errors === 0) return words
  return what === 'setting'
    ? `${words}, ${errors + 1} times`
    : `${words}, and logged ${errors === 1 ? 'an error' : `${errors} errors`} at that`
}
