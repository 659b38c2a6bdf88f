/**
 * Events in, alerts out: pure, so that the same events give the same alerts whenever they are read (`alerts replay`). Time is the
 * events' own; `tick` is for when nothing is logged.
 */

import type { LogEvent } from '../model.js'
import type { Alert, Board, Finding } from './alert.js'
import { ApprovedWatch } from './approved-watch.js'
import { Changes } from './changes.js'
import { type Fact, factOf } from './fact.js'
import { type HoldsExplained, HoldsWatch } from './holds-watch.js'
import { RateWatch, rateKinds } from './rate-watch.js'
import { RunnerWatch } from './runner-watch.js'
import { SilenceWatch } from './silence-watch.js'
import { StartWatch } from './start-watch.js'
import { Usual } from './usual.js'
import { WaveWatch } from './wave-watch.js'

/** Windows are closed so often, in event time. */
const TICK_MS = 60_000
/** Logs of several programs are not in the order of time to the second, and an hour comes twice each autumn. */
const LATE_MS = 2 * 3_600_000
const MAX_LATE = 200
/** After so long without any line of any log there were none to read: nothing can be said of that time. */
const GAP_MS = 24 * 3_600_000

export interface DetectorEvents {
  raised(alert: Alert): void
  ended(alert: Alert): void
}

export class Detector {
  readonly #changes = new Changes()
  readonly #usual = new Usual()
  readonly #holds: HoldsWatch
  readonly #wave: WaveWatch
  readonly #silence: SilenceWatch
  readonly #start: StartWatch
  readonly #runners: RunnerWatch
  readonly #approved: ApprovedWatch
  readonly #rates: readonly RateWatch[]
  #tickedMs = Number.NEGATIVE_INFINITY
  #nowMs = Number.NEGATIVE_INFINITY
  #late = 0

  constructor(events: DetectorEvents) {
    const board: Board = {
      raise: (finding: Finding) => {
        const alert = { ...finding, endedMs: undefined, before: this.#changes.before(finding.sinceMs) }
        events.raised(alert)
        return alert
      },
      end: (alert, atMs) => {
        alert.endedMs = atMs
        events.ended(alert)
      },
    }
    this.#holds = new HoldsWatch(this.#usual, board)
    this.#wave = new WaveWatch(this.#holds, board)
    this.#silence = new SilenceWatch(this.#usual, this.#holds, this.#changes, board)
    this.#start = new StartWatch(this.#changes, board)
    this.#runners = new RunnerWatch(this.#changes, board)
    this.#approved = new ApprovedWatch(this.#changes, board)
    this.#rates = rateKinds.map(kind => new RateWatch(kind, board))
  }

  /**
   * Events of all logs in the order of their time. One that is late counts as of now; where many come that are much too late, the
   * clock was set back, and time goes on from there.
   */
  see(event: LogEvent): void {
    // A stranger may have written it (docs/decisions.md 17): it raises nothing, nor does it say what time it is.
    if (event.tags.includes('mailman_suspect')) return
    const { timestampMs } = event
    if (timestampMs < this.#nowMs - LATE_MS) {
      if (++this.#late <= MAX_LATE) return
      this.#nowMs = timestampMs
      this.#tickedMs = timestampMs
    }
    this.#late = 0
    const atMs = Math.max(timestampMs, this.#nowMs)
    this.#passTo(atMs)
    const fact = factOf(event)
    if (fact !== undefined) this.#see(atMs === timestampMs ? fact : { ...fact, atMs })
  }

  /** Why there is an alert about holds now, or none. @param list as events name it; undefined: the host */
  explain(list: string | undefined): HoldsExplained {
    return this.#holds.explain(list, this.#nowMs)
  }

  /** @param nowMs the clock's time, where nothing was logged for a while */
  tick(nowMs: number): void {
    this.#passTo(nowMs)
  }

  #see(fact: Fact): void {
    if (this.#changes.see(fact)) {
      this.#holds.started()
      this.#start.started(fact.atMs)
    }
    this.#approved.see(fact)
    const decided = this.#holds.see(fact)
    if (decided !== undefined) {
      this.#wave.see(decided.decision, decided.standing)
      this.#silence.see(decided.decision)
      return
    }
    this.#start.see(fact)
    this.#runners.see(fact)
    for (const watch of this.#rates) watch.see(fact)
  }

  /** Minute by minute, as if a clock had ticked: so a replay tells at the same times as the agent does. */
  #passTo(nowMs: number): void {
    if (nowMs - this.#tickedMs > GAP_MS) {
      this.#silence.forget()
      this.#tickedMs = nowMs - TICK_MS
    }
    while (nowMs - this.#tickedMs >= TICK_MS) {
      this.#tickedMs += TICK_MS
      const atMs = this.#tickedMs
      this.#wave.tick(atMs)
      this.#silence.tick(atMs)
      this.#start.tick(atMs)
      this.#runners.tick(atMs)
      this.#approved.tick(atMs)
      for (const watch of this.#rates) watch.tick(atMs)
    }
    this.#nowMs = Math.max(nowMs, this.#nowMs)
  }
}
