/**
 * Events in, alerts out: pure, so that the same events give the same alerts whenever they are read (`alerts replay`). Time is the
 * events' own; `tick` is for when nothing is logged.
 */

import type { ActionName } from '../../parsers/_actions.js'
import type { Pattern } from '../../parsers/_contract.js'
import { type Alert, type Board, type Finding, keyOf } from './alert.js'
import { type ApprovedState, ApprovedWatch } from './approved-watch.js'
import { CHANGES, Changes, type ChangesState } from './changes.js'
import { ERRORS } from './errors.js'
import type { ExcessState } from './excess.js'
import { type Fact, type Seen, SeenFact, type Slots, slotsOf } from './fact.js'
import { type HoldsExplained, type HoldsState, HoldsWatch } from './holds-watch.js'
import { type KnownList, Lists } from './lists.js'
import { POSTS, type PostFact, postOf } from './post.js'
import { type RateState, RateWatch, rateKinds } from './rate-watch.js'
import { RUNNERS, type Runner, RunnerWatch } from './runner-watch.js'
import { type SilenceState, SilenceWatch } from './silence-watch.js'
import { type StartState, StartWatch } from './start-watch.js'
import { Usual, type UsualState } from './usual.js'
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

/** Another version of this program may remember otherwise: such a state is of no use. */
export const STATE_VERSION = 1

/**
 * All that it remembers, as `v8.serialize` takes it; the detector goes on changing it. Alerts that are open are the objects that were
 * raised: serialised together with those of another owner they stay the same.
 */
export interface DetectorState {
  readonly version: typeof STATE_VERSION
  readonly changes: ChangesState
  readonly lists: KnownList[]
  readonly usual: UsualState
  readonly holds: HoldsState
  readonly wave: ExcessState
  readonly silence: SilenceState
  readonly start: StartState
  readonly runners: Map<string, Runner>
  readonly approved: ApprovedState
  /** In the order of `rateKinds`. */
  readonly rates: readonly RateState[]
  readonly time: Time
}

/** Event times; and how many events in a row were much too late. */
interface Time {
  tickedMs: number
  nowMs: number
  late: number
  openAlerts: number
}

type Watch = (fact: Fact) => void

interface Asked {
  readonly slots: Slots
  readonly watches: readonly Watch[]
}

/** For metrics. */
export interface DetectorFigures {
  /** Decisions of which what is usual was learned. */
  readonly learned: number
  readonly lists: number
  /** People and their lists, about. */
  readonly people: number
  readonly openAlerts: number
}

export class Detector {
  readonly #changes: Changes
  readonly #lists: Lists
  readonly #usual: Usual
  readonly #holds: HoldsWatch
  readonly #wave: WaveWatch
  readonly #silence: SilenceWatch
  readonly #start: StartWatch
  readonly #runners: RunnerWatch
  readonly #approved: ApprovedWatch
  readonly #rates: readonly RateWatch[]
  readonly #time: Time
  #hasMissed = false
  /** Who asks for what, in the order in which they are to see it. */
  readonly #watches = new Map<ActionName, Watch[]>()
  /** The same for each pattern; null: nobody asks for it. */
  readonly #asked = new WeakMap<Pattern, Asked | null>()

  /** @param state of another detector of this STATE_VERSION, to go on from there; it is taken over */
  constructor(events: DetectorEvents, state?: DetectorState) {
    this.#time = state?.time ?? { tickedMs: Number.NEGATIVE_INFINITY, nowMs: Number.NEGATIVE_INFINITY, late: 0, openAlerts: 0 }
    this.#changes = new Changes(state?.changes)
    this.#lists = new Lists(state?.lists)
    this.#usual = new Usual(state?.usual)
    const board: Board = {
      raise: (finding: Finding) => {
        const { about = null } = finding
        const before = this.#changes.before(finding.sinceMs)
        const alert = { ...finding, key: keyOf(finding), about, endedMs: undefined, before }
        this.#time.openAlerts++
        events.raised(alert)
        return alert
      },
      end: (alert, atMs) => {
        alert.endedMs = atMs
        this.#time.openAlerts--
        events.ended(alert)
      },
    }
    this.#holds = new HoldsWatch(this.#lists, this.#usual, board, state?.holds)
    this.#wave = new WaveWatch(this.#holds, board, state?.wave)
    this.#silence = new SilenceWatch(this.#usual, this.#holds, this.#changes, board, state?.silence)
    this.#start = new StartWatch(this.#changes, board, state?.start)
    this.#runners = new RunnerWatch(this.#changes, board, state?.runners)
    this.#approved = new ApprovedWatch(this.#changes, board, state?.approved)
    this.#rates = rateKinds.map((kind, i) => new RateWatch(kind, board, state?.rates[i]))
    this.#ask(POSTS, fact => this.#seePost(fact as PostFact))
    this.#ask(CHANGES, fact => this.#seeChange(fact))
    this.#ask(ERRORS, fact => this.#start.see(fact))
    this.#ask(RUNNERS, fact => this.#runners.see(fact))
    for (const watch of this.#rates) this.#ask(watch.kind.actions, fact => watch.see(fact))
  }

  get state(): DetectorState {
    return {
      version: STATE_VERSION,
      changes: this.#changes.state,
      lists: this.#lists.state,
      usual: this.#usual.state,
      holds: this.#holds.state,
      wave: this.#wave.state,
      silence: this.#silence.state,
      start: this.#start.state,
      runners: this.#runners.state,
      approved: this.#approved.state,
      rates: this.#rates.map(watch => watch.state),
      time: this.#time,
    }
  }

  /** What is usual here; the shares of holds are among what `explain` says. */
  get usual(): Pick<Usual, 'perDay' | 'posts' | 'holds' | 'size'> {
    return this.#usual
  }

  /** When Mailman was started last, and since when it is stopped on purpose; it goes on. */
  get mailman(): Readonly<Pick<Changes, 'startedMs' | 'stoppedMs'>> {
    return this.#changes
  }

  get figures(): DetectorFigures {
    const { decisions: learned } = this.#usual.state
    return { learned, lists: this.#usual.lists, people: this.#usual.people, openAlerts: this.#time.openAlerts }
  }

  /**
   * Events of all logs in the order of their time. One that is late counts as of now. One that is much too late is of an old file that
   * came back, and is passed over; but where the clock was set back, time goes on from there.
   * @param clockMs what the clock says; without it many that are much too late, one after the other, say that it was set back
   */
  see(event: Seen, clockMs?: number): void {
    // A stranger may have written it (docs/decisions.md 17): it raises nothing, nor does it say what time it is.
    const { timestampMs, tags, pattern, values } = event
    if (tags.length > 0 && tags.includes('mailman_suspect')) return
    if (timestampMs < this.#time.nowMs - LATE_MS) {
      const wasSetBack = clockMs === undefined ? ++this.#time.late > MAX_LATE : clockMs < this.#time.nowMs - LATE_MS
      if (!wasSetBack) return
      this.#time.nowMs = timestampMs
      this.#time.tickedMs = timestampMs
    }
    this.#time.late = 0
    const atMs = Math.max(timestampMs, this.#time.nowMs)
    this.#passTo(atMs)
    if (pattern === undefined) return
    const asked = this.#asked.get(pattern) ?? this.#askedOf(pattern)
    if (asked === null) return
    const fact = new SeenFact(pattern, asked.slots, values, atMs)
    for (const see of asked.watches) see(fact)
  }

  /** Why there is an alert about holds now, or none. @param list as events name it; undefined: the host */
  explain(list: string | undefined): HoldsExplained {
    return this.#holds.explain(list, this.#time.nowMs)
  }

  /** @param nowMs the clock's time, where nothing was logged for a while */
  tick(nowMs: number): void {
    this.#passTo(nowMs)
  }

  /** The next event may come after others that were not seen: nothing is concluded from what did not come. */
  missed(): void {
    this.#hasMissed = true
  }

  #ask(actions: Iterable<ActionName>, see: Watch): void {
    for (const action of actions) {
      const watches = this.#watches.get(action)
      if (watches === undefined) this.#watches.set(action, [see])
      else watches.push(see)
    }
  }

  #askedOf(pattern: Pattern): Asked | null {
    const watches = this.#watches.get(pattern.action)
    const asked = watches === undefined ? null : { watches, slots: slotsOf(pattern) }
    this.#asked.set(pattern, asked)
    return asked
  }

  #seePost(fact: PostFact): void {
    const post = postOf(fact, this.#lists)
    this.#approved.see(post)
    const standing = this.#holds.see(post)
    if (standing === undefined) return
    this.#wave.see(post, standing)
    this.#silence.see(post)
  }

  #seeChange(fact: Fact): void {
    if (!this.#changes.see(fact)) return
    this.#holds.started()
    this.#start.started(fact.atMs)
  }

  /** Minute by minute, as if a clock had ticked: so a replay tells at the same times as the agent does. */
  #passTo(nowMs: number): void {
    if (this.#hasMissed || nowMs - this.#time.tickedMs > GAP_MS) {
      this.#hasMissed = false
      this.#silence.missed(nowMs)
      this.#approved.missed()
      this.#runners.missed()
      this.#time.tickedMs = nowMs - TICK_MS
    }
    while (nowMs - this.#time.tickedMs >= TICK_MS) {
      this.#time.tickedMs += TICK_MS
      const atMs = this.#time.tickedMs
      this.#wave.tick(atMs)
      this.#silence.tick(atMs)
      this.#start.tick(atMs)
      this.#runners.tick(atMs)
      this.#approved.tick(atMs)
      for (const watch of this.#rates) watch.tick(atMs)
    }
    this.#time.nowMs = Math.max(nowMs, this.#time.nowMs)
  }
}
