/** `holds-spike`, of the host and of each list, and what is usual there, learned from all that was no trouble. */
import type { Alert, Board } from './alert.js'
import { Decisions, noDecisions } from './decisions.js'
import { emptyRun, HoldsRun, type HoldsRunState, MIN_KNOWN } from './holds-run.js'
import { Learning, type LearningState } from './learning.js'
import { type KnownList, type Lists, unknownList } from './lists.js'
import type { PeopleState } from './people.js'
import type { Post } from './post.js'
import type { Decision, Standing, Usual } from './usual.js'

/**
 * A false alert comes at most once in so many days, if what is usual were known exactly: a sum of x nats is reached by chance
 * less than once in e^x decisions (Lorden 1971).
 */
const HOST_DAYS = 300
const LISTS_DAYS = 4
/** Before anything went through after a start less is asked: there are few starts, and they are when things break. */
const AFTER_START = 4
const MIN_SENDERS_OF_HOST = 3
const MIN_SENDERS_OF_LIST = 2
/** In the first week little is known, and shares are guesses. */
const LEARNING_MS = 7 * 86_400_000
const LEARNING_EXTRA = 4.5
/** Where logs do not say who wrote only silence speaks, and holidays are silent too. */
const UNKNOWN_EXTRA = 3
const MIN_LEARNED = 200
const MIN_PER_DAY = 100
/** What was decided is learned later, so that no incident teaches that it is usual. */
const LEARN_AFTER_MS = 6 * 3_600_000
/** After so long it is no incident but how it is. */
const USUAL_AFTER_MS = 7 * 86_400_000
/** It is over when so much speaks for the usual share again: five posts, or six, with no hold between them. */
const OVER_LIMIT = 6
/** Holds of the host's incident do not count for a list, also just after it. */
const HOST_FIRST_MS = 3_600_000

/** The numbers behind a decision; evidence and limit in nats. */
export interface HoldsExplained {
  readonly alert: Alert | undefined
  /** Decisions of which what is usual was learned; before `leastLearned` nothing is told. */
  readonly learned: number
  readonly leastLearned: number
  readonly perDay: number
  /** Of posts by people who are known to the list, to another list, to none: how many were learned, and the usual share of holds. */
  readonly shares: readonly { readonly standing: Standing; readonly learned: number; readonly share: number }[]
  readonly evidence: number
  readonly limit: number
  /** Of the stretch that `evidence` is about. */
  readonly sinceMs: number
  readonly held: number
  readonly senders: number
  readonly leastSenders: number
  readonly lists: number
  readonly leastLists: number
  /** Of a list: whether somebody was held whom it let through before. */
  readonly isChange: boolean
}

interface Open {
  readonly alert: Alert
  /** What speaks for its end, and since when. */
  calm: number
  calmSinceMs: number
}

export interface HoldsState {
  readonly decisions: PeopleState
  readonly host: HoldsRunState
  /** What is to be learned. */
  learning: LearningState
  open: Open | undefined
  /** By list. */
  readonly openLists: Map<string, Open>
  /** The host's last one: nothing of it is learned. */
  incident: { readonly sinceMs: number; readonly untilMs: number }
  hostUntilMs: number
  firstMs: number
}

export class HoldsWatch {
  readonly #state: HoldsState
  readonly #decisions: Decisions
  readonly #learning: Learning
  readonly #host: HoldsRun
  /** By the places of their lists. */
  readonly #runs: HoldsRun[]

  constructor(
    private readonly lists: Lists,
    private readonly usual: Usual,
    private readonly board: Board,
    state?: HoldsState,
  ) {
    this.#learning = new Learning(state?.learning)
    this.#state = state ?? {
      decisions: noDecisions(),
      host: emptyRun(),
      learning: this.#learning.state,
      open: undefined,
      openLists: new Map(),
      incident: { sinceMs: 0, untilMs: 0 },
      hostUntilMs: 0,
      firstMs: Number.NaN,
    }
    this.#decisions = new Decisions(this.#state.decisions)
    this.#host = new HoldsRun(usual, undefined, this.#state.host)
    this.#runs = lists.state.map(list => new HoldsRun(usual, list, list.run))
  }

  get state(): HoldsState {
    this.#state.learning = this.#learning.state
    return this.#state
  }

  /** The host's alert, while it lasts. */
  get alert(): Alert | undefined {
    return this.#state.open?.alert
  }

  /** Mailman was started: what was held before belongs to another configuration. */
  started(): void {
    if (this.#state.open === undefined) this.#host.started()
  }

  /** @returns who it is about, where the post is a decision */
  see(post: Post): Standing | undefined {
    if (!this.#decisions.isOne(post)) return undefined
    const standing = this.usual.standing(post)
    if (Number.isNaN(this.#state.firstMs)) this.#state.firstMs = post.atMs
    this.#learn(post.atMs)
    if (!post.held) this.usual.passed(post.atMs)
    this.#learning.push(post, standing)
    this.#weigh(post, standing)
    return standing
  }

  #weigh(decision: Decision, standing: Standing): void {
    const { list } = decision
    const run = this.#runOf(list)
    const share = this.usual.share(list, standing)
    this.#host.add(decision, standing, share)
    run.add(decision, standing, share)
    if (this.usual.size < MIN_LEARNED) return
    this.#weighHost(decision, standing)
    this.#weighList(decision, standing, run)
  }

  #runOf(list: KnownList): HoldsRun {
    const known = this.#runs[list.place]
    if (known !== undefined) return known
    const run = new HoldsRun(this.usual, list, list.run)
    if (list.place !== -1) this.#runs[list.place] = run
    return run
  }

  #limit(days: number, atMs: number): number {
    const learning = atMs - this.#state.firstMs < LEARNING_MS ? LEARNING_EXTRA : 0
    const extra = this.usual.known < MIN_KNOWN ? learning + UNKNOWN_EXTRA : learning
    return Math.log(days * Math.max(MIN_PER_DAY, this.usual.perDay)) + extra
  }

  #hostLimit(atMs: number): number {
    return this.#limit(HOST_DAYS, atMs) - (this.#host.state.isAfterStart ? AFTER_START : 0)
  }

  /** Why there is an alert now, or none. @param name of a list; undefined: of the host; of an unknown list there are zeros */
  explain(name: string | undefined, nowMs: number): HoldsExplained {
    const list = name === undefined ? undefined : (this.lists.get(name) ?? unknownList(name))
    const run = list === undefined ? this.#host : this.#runOf(list)
    const open = name === undefined ? this.#state.open : this.#state.openLists.get(name)
    const { sinceMs, held } = run.state
    return {
      alert: open?.alert,
      learned: Math.round(this.usual.size),
      leastLearned: MIN_LEARNED,
      perDay: this.usual.perDay,
      shares: this.usual.shares(list),
      evidence: run.evidence(nowMs),
      limit: list === undefined ? this.#hostLimit(nowMs) : this.#limit(LISTS_DAYS, nowMs),
      sinceMs,
      held,
      senders: run.senders,
      leastSenders: list === undefined ? MIN_SENDERS_OF_HOST : MIN_SENDERS_OF_LIST,
      lists: run.lists,
      leastLists: list === undefined ? this.#leastLists : 1,
      isChange: list === undefined || run.isChange,
    }
  }

  /** Where there are fewer lists, all of them. */
  get #leastLists(): number {
    return Math.min(3, Math.max(1, this.usual.lists))
  }

  #weighHost(decision: Decision, standing: Standing): void {
    const { atMs, held } = decision
    const { open } = this.state
    if (open !== undefined) {
      if (held) open.alert.count++
      if (!this.#isOver(open, decision, standing)) return
      this.board.end(open.alert, open.calmSinceMs)
      this.#state.incident = { sinceMs: open.alert.sinceMs, untilMs: open.calmSinceMs }
      this.#state.hostUntilMs = atMs + HOST_FIRST_MS
      this.#state.open = undefined
      this.#host.clear()
      for (const run of this.#runs) run.clear()
      return
    }
    if (this.#host.senders < MIN_SENDERS_OF_HOST || this.#host.lists < this.#leastLists) return
    const evidence = this.#host.evidence(atMs)
    const limit = this.#hostLimit(atMs)
    if (evidence < limit) return
    const { lists: hit, senders, reasons, examples } = this.#host
    const { sinceMs, held: count } = this.#host.state
    const alert = this.board.raise({
      kind: 'holds-spike',
      severity: 'critical',
      list: null,
      sinceMs,
      raisedMs: atMs,
      count,
      held: count,
      lists: hit,
      senders,
      usual: this.usual.holds(sinceMs, atMs),
      evidence,
      limit,
      reasons,
      examples,
    })
    this.#state.open = { alert, calm: 0, calmSinceMs: atMs }
    this.#state.hostUntilMs = Number.POSITIVE_INFINITY
  }

  #weighList(decision: Decision, standing: Standing, run: HoldsRun): void {
    const { atMs, held, list } = decision
    const open = this.#state.openLists.size === 0 ? undefined : this.#state.openLists.get(list.name)
    if (open !== undefined) {
      if (held) open.alert.count++
      if (!this.#isOver(open, decision, standing)) return
      this.board.end(open.alert, open.calmSinceMs)
      this.#state.openLists.delete(list.name)
      run.clear()
      return
    }
    if (this.#state.open !== undefined || atMs < this.#state.hostUntilMs) return
    this.#state.hostUntilMs = 0
    if (run.senders < MIN_SENDERS_OF_LIST || !run.isChange) return
    const evidence = run.evidence(atMs)
    const limit = this.#limit(LISTS_DAYS, atMs)
    if (evidence < limit) return
    const alert = this.board.raise({
      kind: 'holds-spike',
      severity: 'warning',
      list: list.name,
      sinceMs: run.state.sinceMs,
      raisedMs: atMs,
      count: run.state.held,
      held: run.state.held,
      lists: 1,
      senders: run.senders,
      usual: 0,
      evidence,
      limit,
      reasons: run.reasons,
      examples: run.examples,
    })
    this.#state.openLists.set(list.name, { alert, calm: 0, calmSinceMs: atMs })
  }

  #isOver(open: Open, decision: Decision, standing: Standing): boolean {
    const { atMs, held } = decision
    if (atMs - open.alert.sinceMs > USUAL_AFTER_MS) {
      open.calmSinceMs = atMs
      return true
    }
    // That strangers are held says nothing here either.
    if (held && standing === 'stranger') return false
    if (!held && open.calm === 0) open.calmSinceMs = atMs
    open.calm = Math.max(0, open.calm + (held ? -3 : 1.1))
    return open.calm >= OVER_LIMIT
  }

  /** Learns what is old enough, and was part of no incident. */
  #learn(nowMs: number): void {
    const { open, openLists, incident } = this.#state
    this.#state.firstMs = Math.min(this.#state.firstMs, nowMs)
    while (this.#learning.isDue(nowMs, nowMs - LEARN_AFTER_MS)) {
      const lesson = this.#learning.shift(this.lists.state)
      const { atMs, list } = lesson
      if (atMs > nowMs) continue // the clock was set back
      if (open !== undefined && atMs >= open.alert.sinceMs) continue
      if (atMs >= incident.sinceMs && atMs < incident.untilMs) continue
      const own = openLists.size === 0 || list === undefined ? undefined : openLists.get(list.name)
      if (own !== undefined && atMs >= own.alert.sinceMs) continue
      this.usual.learn(lesson, lesson.standing)
    }
  }
}
