/**
 * The verdict on the last start of Mailman: events in the order of time in, at any moment what can be said of that start out. Pure,
 * in event time. What was decided before the start is learned as usual; what came with it is judged, and learned only once another
 * start, or a day, has made it the past and it was found good.
 */
import type { LogEvent } from '../model.js'
import type { Alert, AlertKind } from './alert.js'
import { Decisions } from './decisions.js'
import { Detector } from './detector.js'
import { factOf } from './fact.js'
import { Lists } from './lists.js'
import { isPost, postOf } from './post.js'
import { type Decision, type Standing, Usual } from './usual.js'
import { type ErrorKind, ErrorShapes } from './verdict-errors.js'
import { FirstPosts, type PostsJudged } from './verdict-posts.js'
import { type Processes, type RunnersJudged, Runs } from './verdict-runs.js'

const DAY_MS = 86_400_000

/** What the detector may say of a start; the others are about strangers. */
const OF_MAILMAN: ReadonlySet<AlertKind> = new Set<AlertKind>([
  'holds-spike',
  'posts-stopped',
  'accepted-not-delivered',
  'delivery-failures',
  'delivery-slow',
  'runner-trouble',
  'error-burst',
  'errors-at-restart',
])

export interface Judgement {
  /** Of the last start; undefined: there is none in the logs. */
  readonly startMs: number | undefined
  /** When Mailman was stopped for it, where the logs say so. */
  readonly beforeMs: number | undefined
  /** It was stopped again since, and does not run. */
  readonly stoppedMs: number | undefined
  /** Of all events: the first and the last. */
  readonly firstMs: number
  readonly lastMs: number
  readonly errors: readonly ErrorKind[]
  readonly runners: RunnersJudged
  readonly posts: PostsJudged
  /** Raised since the start and not over. */
  readonly alerts: readonly Alert[]
}

export class Verdict {
  readonly #most: number
  readonly #usual = new Usual()
  readonly #decisions = new Decisions()
  readonly #lists = new Lists()
  readonly #runs = new Runs()
  readonly #errors = new ErrorShapes()
  readonly #alerts: Alert[] = []
  readonly #detector = new Detector({ raised: alert => void this.#alerts.push(alert), ended: () => {} })
  #posts: FirstPosts
  /** Of the last start, not learned. */
  #waiting: { readonly decision: Decision; readonly standing: Standing }[] = []
  #firstMs = Number.POSITIVE_INFINITY
  #lastMs = Number.NEGATIVE_INFINITY

  /** @param mostPosts that are weighed after a start */
  constructor(mostPosts: number) {
    this.#most = mostPosts
    this.#posts = new FirstPosts(this.#usual, mostPosts)
  }

  /** Events of all logs in the order of their time, more or less. */
  see(event: LogEvent): void {
    this.#detector.see(event)
    // A stranger may have written it (docs/decisions.md 17): it proves nothing, and does not say what time it is.
    if (event.tags.includes('mailman_suspect') || event.tags.includes('mailman_bad_time')) return
    this.#firstMs = Math.min(this.#firstMs, event.timestampMs)
    this.#lastMs = Math.max(this.#lastMs, event.timestampMs)
    this.#errors.see(event)
    const fact = factOf(event)
    if (fact === undefined) return
    if (event.dataset === 'mailman.qrunner' && this.#runs.see(fact, processesOf(event))) this.#begin(this.#runs.startMs!)
    if (!isPost(fact)) return
    const post = postOf(fact, this.#lists)
    if (this.#decisions.isOne(post)) this.#decide(post)
  }

  /** Of the last event; -Infinity: there was none. */
  get lastMs(): number {
    return this.#lastMs
  }

  /** As many posts as may be weighed were, and they do not say. */
  get isFull(): boolean {
    return this.#posts.isFull
  }

  /** @param nowMs event time, where the clock says more than the last event */
  judge(nowMs: number): Judgement {
    this.#detector.tick(nowMs)
    const { startMs, beforeMs, stoppedMs } = this.#runs
    return {
      startMs,
      beforeMs,
      stoppedMs,
      firstMs: this.#firstMs,
      lastMs: this.#lastMs,
      errors: this.#errors.kinds,
      runners: this.#runs.judge(nowMs),
      posts: this.#posts.judged,
      alerts: this.#alerts.filter(
        ({ kind, raisedMs, sinceMs, endedMs }) =>
          OF_MAILMAN.has(kind) && endedMs === undefined && startMs !== undefined && raisedMs >= startMs && sinceMs >= startMs,
      ),
    }
  }

  #begin(startMs: number): void {
    this.#learn()
    this.#errors.started(startMs)
    this.#posts = new FirstPosts(this.#usual, this.#most)
  }

  #decide(decision: Decision): void {
    const { startMs } = this.#runs
    const standing = this.#usual.standing(decision)
    if (startMs !== undefined && decision.atMs >= startMs && decision.atMs <= startMs + DAY_MS) {
      this.#posts.add(decision, standing)
      this.#waiting.push({ decision, standing })
      return
    }
    if (startMs !== undefined && decision.atMs > startMs) this.#learn()
    this.#usual.learn(decision, standing)
  }

  /** What came with a start that was bad teaches nothing. */
  #learn(): void {
    if (this.#posts.judged.state !== 'held')
      for (const { decision, standing } of this.#waiting) this.#usual.learn(decision, standing)
    this.#waiting = []
  }
}

/** Of the line's own process, and of the one that it tells of. */
function processesOf({ pattern, values, document }: LogEvent): Processes {
  const { process } = JSON.parse(Buffer.from(document, 'latin1').toString('utf8')) as { process?: { pid?: unknown } }
  const child = values[pattern?.fields.indexOf('mailman.runner.pid') ?? -1]
  const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined)
  return { pid: numberOf(process?.pid), childPid: numberOf(child) }
}
