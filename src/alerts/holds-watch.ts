/** `holds-spike`, of the host and of each list, and what is usual there, learned from all that was no trouble. */
import type { Alert, Board } from './alert.js'
import { Decisions } from './decisions.js'
import type { Fact } from './fact.js'
import { HoldsRun } from './holds-run.js'
import type { Decision, Standing, Usual } from './usual.js'

/**
 * A false alert comes at most once in so many days, if what is usual were known exactly: a sum of x nats is reached by chance
 * less than once in e^x decisions (Lorden 1971).
 */
const HOST_DAYS = 300
const LISTS_DAYS = 10
/** Before anything went through after a start less is asked: there are few starts, and they are when things break. */
const AFTER_START = 4
const MIN_SENDERS_OF_HOST = 3
const MIN_SENDERS_OF_LIST = 2
/** In the first week little is known, and shares are guesses. */
const LEARNING_MS = 7 * 86_400_000
const LEARNING_EXTRA = 4.5
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
const MAX_LISTS = 5000

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
}

interface Open {
  readonly alert: Alert
  /** What speaks for its end, and since when. */
  calm: number
  calmSinceMs: number
}

export class HoldsWatch {
  readonly #decisions = new Decisions()
  readonly #host: HoldsRun
  readonly #lists = new Map<string, HoldsRun>()
  readonly #waiting: { readonly decision: Decision; readonly standing: Standing }[] = []
  #open: Open | undefined
  readonly #openLists = new Map<string, Open>()
  /** The host's last one: nothing of it is learned. */
  #incident = { sinceMs: 0, untilMs: 0 }
  #hostUntilMs = 0
  #firstMs = Number.NaN

  constructor(
    private readonly usual: Usual,
    private readonly board: Board,
  ) {
    this.#host = new HoldsRun(usual, undefined)
  }

  /** The host's alert, while it lasts. */
  get alert(): Alert | undefined {
    return this.#open?.alert
  }

  /** Mailman was started: what was held before belongs to another configuration. */
  started(): void {
    if (this.#open === undefined) this.#host.started()
  }

  /** @returns the decision that the fact is, and who decided it is about */
  see(fact: Fact): { decision: Decision; standing: Standing } | undefined {
    const decision = this.#decisions.of(fact)
    if (decision === undefined) return undefined
    const standing = this.usual.standing(decision)
    if (Number.isNaN(this.#firstMs)) this.#firstMs = decision.atMs
    this.#learn(decision.atMs)
    this.#waiting.push({ decision, standing })
    this.#weigh(decision, standing)
    return { decision, standing }
  }

  #weigh(decision: Decision, standing: Standing): void {
    const { atMs, list } = decision
    this.#host.add(decision, standing)
    const run = this.#lists.get(list) ?? (this.#lists.size < MAX_LISTS ? new HoldsRun(this.usual, list) : undefined)
    if (run !== undefined) this.#lists.set(list, run)
    run?.add(decision, standing)
    if (this.usual.size < MIN_LEARNED) return
    this.#weighHost(decision, standing, this.#limit(HOST_DAYS, atMs) - (this.#host.isAfterStart ? AFTER_START : 0))
    if (run !== undefined) this.#weighList(decision, standing, run, this.#limit(LISTS_DAYS, atMs))
  }

  #limit(days: number, atMs: number): number {
    const extra = atMs - this.#firstMs < LEARNING_MS ? LEARNING_EXTRA : 0
    return Math.log(days * Math.max(MIN_PER_DAY, this.usual.perDay)) + extra
  }

  /** Why there is an alert now, or none. @param list undefined: of the host; a list of which nothing is known gives zeros */
  explain(list: string | undefined, nowMs: number): HoldsExplained {
    const run = list === undefined ? this.#host : this.#lists.get(list)
    const open = list === undefined ? this.#open : this.#openLists.get(list)
    const less = list === undefined && this.#host.isAfterStart ? AFTER_START : 0
    return {
      alert: open?.alert,
      learned: Math.round(this.usual.size),
      leastLearned: MIN_LEARNED,
      perDay: this.usual.perDay,
      shares: this.usual.shares(list),
      evidence: run?.evidence(nowMs) ?? 0,
      limit: this.#limit(list === undefined ? HOST_DAYS : LISTS_DAYS, nowMs) - less,
      sinceMs: run?.sinceMs ?? 0,
      held: run?.held ?? 0,
      senders: run?.senders ?? 0,
      leastSenders: list === undefined ? MIN_SENDERS_OF_HOST : MIN_SENDERS_OF_LIST,
      lists: run?.lists ?? 0,
      leastLists: list === undefined ? this.#leastLists : 1,
    }
  }

  /** Where there are fewer lists, all of them. */
  get #leastLists(): number {
    return Math.min(3, Math.max(1, this.usual.lists))
  }

  #weighHost(decision: Decision, standing: Standing, limit: number): void {
    const { atMs, held } = decision
    if (this.#open !== undefined) {
      if (held) this.#open.alert.count++
      if (this.#isOver(this.#open, decision, standing)) {
        this.board.end(this.#open.alert, this.#open.calmSinceMs)
        this.#incident = { sinceMs: this.#open.alert.sinceMs, untilMs: this.#open.calmSinceMs }
        this.#hostUntilMs = atMs + HOST_FIRST_MS
        this.#open = undefined
        this.#host.clear()
        for (const run of this.#lists.values()) run.clear()
      }
      return
    }
    const evidence = this.#host.evidence(atMs)
    if (evidence < limit || this.#host.senders < MIN_SENDERS_OF_HOST || this.#host.lists < this.#leastLists) return
    const { sinceMs, held: count, lists: hit, senders } = this.#host
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
      reasons: this.#host.reasons,
      examples: [...this.#host.examples],
    })
    this.#open = { alert, calm: 0, calmSinceMs: atMs }
    this.#hostUntilMs = Number.POSITIVE_INFINITY
  }

  #weighList(decision: Decision, standing: Standing, run: HoldsRun, limit: number): void {
    const { atMs, list, held } = decision
    const open = this.#openLists.get(list)
    if (open !== undefined) {
      if (held) open.alert.count++
      if (!this.#isOver(open, decision, standing)) return
      this.board.end(open.alert, open.calmSinceMs)
      this.#openLists.delete(list)
      run.clear()
      return
    }
    if (this.#open !== undefined || atMs < this.#hostUntilMs) return
    this.#hostUntilMs = 0
    const evidence = run.evidence(atMs)
    if (evidence < limit || run.senders < MIN_SENDERS_OF_LIST) return
    const alert = this.board.raise({
      kind: 'holds-spike',
      severity: 'warning',
      list,
      sinceMs: run.sinceMs,
      raisedMs: atMs,
      count: run.held,
      held: run.held,
      lists: 1,
      senders: run.senders,
      usual: 0,
      evidence,
      limit,
      reasons: run.reasons,
      examples: [...run.examples],
    })
    this.#openLists.set(list, { alert, calm: 0, calmSinceMs: atMs })
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
    for (;;) {
      const first = this.#waiting[0]
      if (first === undefined || first.decision.atMs > nowMs - LEARN_AFTER_MS) return
      this.#waiting.shift()
      const { atMs, list } = first.decision
      const host = this.#open
      if (host !== undefined && atMs >= host.alert.sinceMs) continue
      if (atMs >= this.#incident.sinceMs && atMs < this.#incident.untilMs) continue
      const own = this.#openLists.get(list)
      if (own !== undefined && atMs >= own.alert.sinceMs) continue
      this.usual.learn(first.decision, first.standing)
    }
  }
}
