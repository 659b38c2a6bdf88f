/** What happened to Mailman itself, for `before`: stops, starts, errors at a start, settings that were complained of. */
import type { Before } from './alert.js'
import { isError } from './errors.js'
import type { Fact } from './fact.js'

/** So long before an alert's beginning is looked for why. */
const BEFORE_MS = 3_600_000
/** Errors so soon after a start are of that start. */
export const AT_START_MS = 10 * 60_000
/** Starts of runners so near to each other are one. */
const TOGETHER_MS = 60_000
const MAX_CHANGES = 50

export class Changes {
  readonly #changes: { atMs: number; what: Before['what']; errors: number }[] = []
  /** Since when Mailman is stopped on purpose. */
  stoppedMs: number | undefined
  startedMs = Number.NEGATIVE_INFINITY
  /** The last stop, start or restart. */
  changedMs = Number.NEGATIVE_INFINITY

  /** @returns true with the first sign of a start */
  see({ action, atMs, signal }: Fact): boolean {
    const last = this.#changes.at(-1)
    if (action === 'runner-started' || action === 'master-started') {
      this.stoppedMs = undefined
      const isSame = atMs - this.startedMs <= TOGETHER_MS
      this.startedMs = Math.max(atMs, this.startedMs)
      if (isSame) return false
      this.#add(atMs, last?.what === 'stop' || last?.what === 'restart' ? 'restart' : 'start')
      return true
    }
    if (action === 'master-signal' && signal !== undefined && !signal.includes('HUP')) {
      const isRestart = signal.includes('INT') || signal.includes('USR')
      if (!isRestart) this.stoppedMs = atMs
      this.#add(atMs, isRestart ? 'restart' : 'stop')
    } else if (action === 'config-error' || action === 'list-config-corrupt') {
      if (last?.what === 'setting') last.errors++
      else this.#add(atMs, 'setting')
    } else if (isError(action) && last !== undefined && atMs - this.startedMs <= AT_START_MS) last.errors++
    return false
  }

  /** What was up to an hour before, the last first. */
  before(atMs: number): Before[] {
    return this.#changes
      .filter(change => change.atMs <= atMs && change.atMs > atMs - BEFORE_MS)
      .map(({ atMs: whenMs, what, errors }) => ({ atMs: whenMs, what, text: textOf(what, errors) }))
      .reverse()
  }

  #add(atMs: number, what: Before['what']): void {
    if (what !== 'setting') this.changedMs = atMs
    this.#changes.push({ atMs, what, errors: 0 })
    if (this.#changes.length > MAX_CHANGES) this.#changes.shift()
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
