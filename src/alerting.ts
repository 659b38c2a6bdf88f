/**
 * The detector beside the pipeline: it sees all events as they are read, in the order of their time; what it finds, and what guards
 * find, is an event and is told to people. What it has learned is on disk, with the alerts that are open.
 *
 * | what | when it is safe |
 * |---|---|
 * | an alert | on disk before anybody is told; told again, with the same id, where a crash left it open whether it was (notify/announcer.ts) |
 * | its event | written until it is stored; its id is the same each time |
 * | what was learned | each minute, and at each alert: a crash takes away up to a minute of it |
 */
import { watchAgent } from './agent-stuck.js'
import type { Alert } from './alerts/alert.js'
import { isAsked } from './alerts/asked.js'
import { AlertBook } from './alerts/book.js'
import { isOwn } from './alerts/decisions.js'
import { Detector } from './alerts/detector.js'
import { factOf, type Seen } from './alerts/fact.js'
import { type Queue, TimeMerge } from './alerts/merge.js'
import type { Config } from './config/options.js'
import type { Log } from './diagnostics/log.js'
import type { Followed } from './followed.js'
import { type GuardFacts, type Guards, openGuards } from './guards/guards.js'
import type { Health } from './health.js'
import { type Learned, loadLearned, saveLearned } from './learned.js'
import type { Clock, FileId, LogEvent, Output } from './model.js'
import type { Written } from './notify/event-writer.js'
import type { Observer } from './observer.js'
import type { Stream } from './stream.js'
import { openTelling, type Telling } from './telling.js'

const SAVE_MS = 60_000
/** Again so soon where it could not be saved. */
const SAVE_AGAIN_MS = 10_000
/** What is older is learned from and not told: the first start reads all logs that there are. */
const TOLD_MS = 7 * 86_400_000
/** What is older than this, on the clock, is not even learned from: what is usual has changed since (its half-life is four weeks). */
const LEARNED_MS = 35 * 86_400_000
/** Who was not asked for so long did not run: the logs are read first, then time passes. */
const SLEPT_MS = 30_000
const REST_MS = 15_000
const GUARD_MS = 60_000
/** So long before an alert a change may be why. */
const BEFORE_MS = 3_600_000
const MAX_FILES = 5_000

/** The file whose events come now. */
interface Source {
  readonly stream: Stream
  readonly queue: Queue
  /** Events up to this offset were seen before the last restart. */
  readonly until: number
  /** Of the last event. */
  offset: number
}

export interface AlertingParts {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly output: Output
  /** It learns, and tells nothing: `run --once`. */
  readonly isSilent: boolean
}

export async function openAlerting(parts: AlertingParts): Promise<Alerting> {
  const { config, log } = parts
  const before = await loadLearned(config.state.directory, log)
  return new Alerting(parts, parts.isSilent ? undefined : await openTelling(parts, before?.written), before)
}

export class Alerting implements Observer {
  readonly book: AlertBook
  readonly #parts: AlertingParts
  readonly #detector: Detector
  readonly #merge = new TimeMerge()
  /** Undefined: nobody is told. */
  readonly #telling: Telling | undefined
  readonly #written: Written
  readonly #guards: Guards
  /** Since the start, of each kind. */
  readonly #raisedOf = new Map<string, number>()
  readonly #seenBefore: ReadonlyMap<FileId, number>
  readonly #seen: Map<FileId, number>
  #from: Source | undefined
  #followed: Followed | undefined
  /** Time of the last event, and what the clock said then: time goes on from there. */
  #eventMs: number
  #wallMs: number
  #isLearned = false
  #isSavedBehind = true
  #isClosed = false
  #savedMs: number
  #tickedMs: number
  #guardedMs = Number.NEGATIVE_INFINITY
  #restUntilMs = 0
  #oldestMs: number
  #working: Promise<void> = Promise.resolve()

  constructor(parts: AlertingParts, telling: Telling | undefined, saved: Learned | undefined) {
    const { config, clock } = parts
    this.#parts = parts
    this.book = new AlertBook(saved?.book)
    this.#detector = new Detector(
      { raised: alert => this.#raised(alert), ended: alert => this.book.ended(alert) },
      saved?.detector,
    )
    if (saved?.isBehind) this.#detector.missed()
    this.#telling = telling
    this.#written = saved?.written ?? []
    this.#guards = openGuards(config, this.book, this.#guardFacts(), saved?.guards)
    this.#seenBefore = saved?.seen ?? new Map()
    this.#seen = new Map(saved?.seen)
    this.#eventMs = saved?.eventMs ?? Number.NaN
    this.#wallMs = saved?.wallMs ?? clock.now()
    this.#oldestMs = clock.now() - LEARNED_MS
    this.#savedMs = clock.monotonic()
    this.#tickedMs = clock.monotonic()
  }

  /** From now on these are the files that are read. */
  watch(followed: Followed): void {
    this.#followed = followed
    const { health } = this.#parts
    const telling = this.#telling
    if (telling === undefined) return
    health.alerts = () => {
      const { learned, leastLearned } = this.#detector.explain(undefined)
      return telling.figures(this.book.alerts, this.#raisedOf, this.#detector.figures, learned >= leastLearned)
    }
  }

  see(stream: Stream, events: readonly LogEvent[]): void {
    const from = stream === this.#from?.stream ? this.#from : this.#turnTo(stream)
    const { queue, until } = from
    for (const event of events) {
      from.offset = event.offset
      if (event.offset <= until || event.timestampMs < this.#oldestMs) continue
      if (event.timestampMs > queue.lastMs) queue.lastMs = event.timestampMs
      if (isAsked(event)) this.#merge.add(queue, event)
    }
  }

  flow(unread: () => ReadonlySet<string>): void {
    if (this.#merge.size === 0) return
    this.#thinkOver(unread())
    if (this.book.isChanged && this.#merge.size === 0) this.#publish()
  }

  /** Another file's events come. */
  #turnTo(stream: Stream): Source {
    this.#keepOffset()
    const { id, log, saved } = stream.generation
    const until = (saved === undefined ? undefined : this.#seenBefore.get(id)) ?? Number.NEGATIVE_INFINITY
    this.#from = { stream, queue: this.#merge.queueOf(log), until, offset: this.#seen.get(id) ?? -1 }
    return this.#from
  }

  #keepOffset(): void {
    if (this.#from === undefined) return
    const { stream, offset } = this.#from
    this.#seen.delete(stream.generation.id) // the last seen come last
    this.#seen.set(stream.generation.id, offset)
    if (this.#seen.size > MAX_FILES) this.#seen.delete(this.#seen.keys().next().value!)
  }

  readonly isAhead = (log: string): boolean => this.#merge.holdsBack(log)

  /** To be called every few seconds. */
  tick(): void {
    const { clock, isSilent } = this.#parts
    const now = clock.monotonic()
    this.#oldestMs = clock.now() - LEARNED_MS
    if (now - this.#tickedMs > SLEPT_MS) this.#restUntilMs = now + REST_MS
    this.#tickedMs = now
    if (this.#isUpToDate && now >= this.#restUntilMs && !Number.isNaN(this.#eventMs))
      this.#detector.tick(this.#eventMs + Math.max(0, clock.now() - this.#wallMs))
    if (isSilent) return
    watchAgent(this.book, this.#parts.health, clock.now())
    // A log that cannot be read does not blind the guards.
    if (!(this.#followed?.hasUnread ?? true) && now - this.#guardedMs >= GUARD_MS) {
      this.#guardedMs = now
      void this.#guards.look(clock.now())
    }
    const isSaveDue = now - this.#savedMs >= SAVE_MS || (this.#isSavedBehind && this.#isUpToDate)
    if (this.book.isChanged || (this.#isLearned && isSaveDue)) this.#publish()
    else this.#tell()
  }

  /** All that was read is thought over and saved. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#thinkOver(new Set())
    this.#publish()
    await this.#guards.close()
    await this.#working
    await this.#telling?.close()
    await this.#save()
  }

  get #isUpToDate(): boolean {
    return (
      this.#followed !== undefined && !this.#followed.hasUnread && this.#followed.blocked.size === 0 && this.#merge.size === 0
    )
  }

  #thinkOver(unread: ReadonlySet<string>): void {
    const { clock, config } = this.#parts
    const nowMs = clock.now()
    const isArchived = config.alerts.guards.archives !== undefined
    const think = (event: Seen): void => {
      this.#detector.see(event, nowMs)
      this.#eventMs = event.timestampMs
      this.#wallMs = nowMs
      this.#isLearned = true
      if (isArchived) this.#archive(event)
    }
    this.#merge.release(unread, think, clock.monotonic())
  }

  #archive(event: Seen): void {
    if (event.pattern?.action !== 'message-posted') return
    const { list, sender, atMs } = factOf(event)!
    if (list !== undefined && !(sender !== undefined && isOwn(list, sender))) this.#guards.posted(list, atMs)
  }

  #guardFacts(): GuardFacts {
    const { troubles } = this.#parts.health
    const { mailman } = this.#detector
    return {
      get startedMs() {
        return Number.isFinite(mailman.startedMs) ? mailman.startedMs : undefined
      },
      get stoppedMs() {
        return mailman.stoppedMs
      },
      trouble: (guard, path, code) =>
        troubles.begin('guard', 'MLS_ALERTS_BLIND', `${guard}: ${path} (${code})`, `${guard} ${path}`),
      recovered: (guard, path) => troubles.end('guard', { guard, text: path }, `${guard} ${path}`),
    }
  }

  #raised(alert: Alert): void {
    const { clock, isSilent } = this.#parts
    if (isSilent || alert.raisedMs < clock.now() - TOLD_MS) return
    const settings = this.#guards.changesBefore(alert.sinceMs, BEFORE_MS)
    alert.before = [...alert.before, ...settings].sort((a, b) => b.atMs - a.atMs)
    this.book.raised(alert)
    this.#raisedOf.set(alert.kind, (this.#raisedOf.get(alert.kind) ?? 0) + 1)
  }

  /** First on disk, then told: a crash takes nothing back that somebody has heard of. */
  #publish(): void {
    this.book.isChanged = false
    this.#isLearned = false
    this.#savedMs = this.#parts.clock.monotonic()
    this.#working = this.#working.then(() => this.#save()).then(() => this.#tell())
  }

  #tell(): void {
    this.#telling?.update(this.book.alerts)
  }

  async #save(): Promise<void> {
    this.#keepOffset()
    this.#isSavedBehind = !this.#isClosed && !this.#isUpToDate
    const saved: Learned = {
      detector: this.#detector.state,
      book: this.book.state,
      written: this.#telling?.written ?? this.#written,
      guards: this.#guards.state,
      seen: this.#seen,
      eventMs: this.#eventMs,
      wallMs: this.#wallMs,
      isBehind: this.#isSavedBehind,
    }
    const { health, config } = this.#parts
    if (await saveLearned(config.state.directory, saved, health.troubles)) return
    this.#isLearned = true
    this.#savedMs = this.#parts.clock.monotonic() - SAVE_MS + SAVE_AGAIN_MS
  }
}
