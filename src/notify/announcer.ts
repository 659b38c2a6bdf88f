/**
 * Tells people of alerts: what is due (plan.ts) becomes a message (lane.ts), which is on disk (outbox.ts) before it is sent. Each
 * notifier goes on for itself: a dead webhook holds up no mail. It has no timer of its own but the time limit of what is being sent:
 * whoever has the alerts calls `update` every few seconds.
 */
import { join } from 'node:path'
import type { Alert } from '../alerts/alert.js'
import { markOf } from '../checkpoint/whole-file.js'
import type { AlertsConfig } from '../config/alerts-options.js'
import type { Clock } from '../model.js'
import { ANSWERS_FILE, type Answers, noAnswers, readAnswers } from './answers.js'
import { compose, forget, giveUp, type Lane, type Message, newLane, nextOf, postpone, settle } from './lane.js'
import { Mutes } from './mutes.js'
import type { Notice, Notifier } from './notice.js'
import { loadOutbox, OUTBOX_FILE, saveOutbox } from './outbox.js'
import type { Rules } from './plan.js'
import { SeenAlerts } from './seen.js'
import { type Shown, shownOf } from './shown.js'
import { endOfStretch } from './spans.js'

/** What one message may take. */
const SEND_MS = 60_000
/** What is on the way at the end may take so long; then it is given up, and sent again after the next start. */
const CLOSE_MS = 2_000
/** Counts that go on are written so seldom. */
const COUNTS_MS = 30_000

/** For the log. No message here holds an address, a secret or a text of strangers. */
export interface AnnouncerEvents {
  sent(notifier: string, notice: Notice): void
  /** It is tried again. @param attempts those that were made */
  failed(notifier: string, message: string, attempts: number): void
  /** What it was about is over for a day. */
  gaveUp(notifier: string, notice: Notice): void
  /** It is begun anew (`alerts.json`), or left as it is (`answers.json`). */
  damaged(path: string): void
  /** What was told cannot be written down: it may be told twice. */
  unsaved(error: unknown): void
}

export interface AnnouncerOptions {
  readonly config: Pick<AlertsConfig, 'repeatMinutes' | 'quietHours' | 'maintenance'>
  /** IANA name. */
  readonly timezone: string
  /** The state directory. */
  readonly directory: string
  /** They stay the caller's to close. */
  readonly notifiers: readonly Notifier[]
  readonly clock: Clock
  readonly random: () => number
  readonly events: AnnouncerEvents
}

export interface Announcer {
  /** All alerts that there are, open and lately ended. Returns at once. */
  update(alerts: readonly Alert[]): void
  /** When somebody said that this alert is known, as far as `update` has read it; undefined: nobody has. */
  acknowledgedMs(key: string): number | undefined
  /** For the page: as `alerts list` shows them. */
  readonly shown: Shown
  /** Resolves when nothing is going on that `update` began. */
  settled(): Promise<void>
  /** Within two seconds; what was not sent is on disk. */
  close(): Promise<void>
}

/** @throws the system's error where the state directory cannot be read */
export async function openAnnouncer(options: AnnouncerOptions): Promise<Announcer> {
  const { directory, notifiers, events, clock } = options
  const loaded = await loadOutbox(directory)
  if (loaded === 'damaged') events.damaged(join(directory, OUTBOX_FILE))
  const { seen, lanes, savedMs } =
    loaded === undefined || loaded === 'damaged' ? { seen: [], lanes: new Map<string, Lane>(), savedMs: clock.now() } : loaded
  return new OpenAnnouncer(
    options,
    new SeenAlerts(seen),
    new Map(notifiers.map(({ name }) => [name, lanes.get(name) ?? newLane()])),
    savedMs,
  )
}

class OpenAnnouncer implements Announcer {
  readonly #options: AnnouncerOptions
  readonly #seen: SeenAlerts
  readonly #lanes: ReadonlyMap<string, Lane>
  readonly #sending = new Map<string, { readonly controller: AbortController; readonly done: Promise<void> }>()
  #answers: Answers = noAnswers
  #answersMark = ''
  #isChanged = false
  #areCountsChanged = false
  #savedMs: number
  #saving: Promise<void> = Promise.resolve()
  #working: Promise<void> | undefined
  #isAsked = false
  #isClosed = false

  constructor(options: AnnouncerOptions, seen: SeenAlerts, lanes: ReadonlyMap<string, Lane>, savedMs: number) {
    this.#options = options
    this.#seen = seen
    this.#lanes = lanes
    this.#savedMs = savedMs
  }

  get shown(): Shown {
    const { config, timezone, clock } = this.#options
    const state = { savedMs: this.#savedMs, seen: this.#seen.all, lanes: this.#lanes }
    return shownOf(state, this.#answers, { maintenance: config.maintenance, timezone, nowMs: clock.now() })
  }

  acknowledgedMs(key: string): number | undefined {
    return this.#answers.acknowledged.find(each => each.key === key)?.atMs
  }

  update(alerts: readonly Alert[]): void {
    const change = this.#seen.see(alerts, this.#options.clock.now())
    this.#isChanged ||= change === 'began'
    this.#areCountsChanged ||= change !== undefined
    this.#work()
  }

  async settled(): Promise<void> {
    while (this.#working !== undefined || this.#sending.size > 0)
      await Promise.all([this.#working, ...[...this.#sending.values()].map(({ done }) => done)])
    await this.#saving
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const inTime = new AbortController()
    await Promise.race([this.settled(), this.#options.clock.sleep(CLOSE_MS, inTime.signal)])
    inTime.abort()
    for (const { controller } of this.#sending.values()) controller.abort()
    await this.settled()
    this.#isChanged ||= this.#areCountsChanged
    await this.#save()
  }

  /** One at a time; asked meanwhile, once more. */
  #work(): void {
    if (this.#isClosed) return
    this.#isAsked = true
    this.#working ??= (async () => {
      while (this.#isAsked && !this.#isClosed) {
        this.#isAsked = false
        await this.#step()
      }
      this.#working = undefined
    })()
  }

  async #step(): Promise<void> {
    const { clock, notifiers, events } = this.#options
    await this.#readAnswers()
    const rules = this.#rules(clock.now())
    const known = new Map([...this.#seen.all].filter(([key]) => !this.#seen.isAbsent(key)))
    for (const { name, least } of notifiers) {
      const lane = this.#lanes.get(name)!
      for (const { notice } of giveUp(lane, this.#seen.all, rules.nowMs)) {
        events.gaveUp(name, notice)
        this.#isChanged = true
      }
      if (compose(name, lane, known, least, rules)) this.#isChanged = true
    }
    if (this.#areCountsChanged && Math.abs(rules.nowMs - this.#savedMs) >= COUNTS_MS) this.#isChanged = true
    await this.#save()
    for (const notifier of notifiers) {
      if (this.#isClosed || this.#sending.has(notifier.name)) continue
      const lane = this.#lanes.get(notifier.name)!
      const message = nextOf(lane, rules)
      if (message !== undefined) this.#send(notifier, lane, message)
    }
  }

  /** Goes on beside. */
  #send(notifier: Notifier, lane: Lane, message: Message): void {
    const { clock, random, events } = this.#options
    const controller = new AbortController()
    const { signal } = controller
    const isLate = clock.sleep(SEND_MS, signal).then(() => Promise.reject(new Error('no answer in time')))
    const sending = (async () => notifier.send(message.notice, signal))()
    // Whoever loses the race is heard by nobody.
    sending.catch(() => {})
    isLate.catch(() => {})
    const done = Promise.race([sending, isLate])
      .then(
        () => {
          settle(lane, message, clock.now())
          events.sent(notifier.name, message.notice)
        },
        (error: unknown) => {
          if (this.#isClosed) return
          postpone(message, clock.now(), random())
          events.failed(notifier.name, error instanceof Error ? error.message : 'unknown error', message.attempts)
        },
      )
      .then(() => {
        controller.abort()
        this.#isChanged = true
        return this.#save()
      })
      .finally(() => {
        this.#sending.delete(notifier.name)
        this.#work()
      })
    this.#sending.set(notifier.name, { controller, done })
  }

  /** Resolves when all that was so when it was called is on disk, or cannot be written. */
  #save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      if (!this.#isChanged) return
      this.#isChanged = false
      this.#areCountsChanged = false
      this.#savedMs = this.#options.clock.now()
      const { directory, events } = this.#options
      for (const lane of this.#lanes.values()) forget(lane, this.#seen.all)
      await saveOutbox(directory, { savedMs: this.#savedMs, seen: this.#seen.all, lanes: this.#lanes }).catch(error => {
        // It is told all the same: better twice than not at all.
        this.#areCountsChanged = true
        events.unsaved(error)
      })
    })
    return this.#saving
  }

  async #readAnswers(): Promise<void> {
    const { directory, events } = this.#options
    const path = join(directory, ANSWERS_FILE)
    const mark = await markOf(path)
    if (mark === this.#answersMark) return
    this.#answersMark = mark
    const answers = await readAnswers(directory).catch(() => 'damaged' as const)
    if (answers === 'damaged') events.damaged(path)
    else this.#answers = answers
  }

  #rules(nowMs: number): Rules {
    const { config, timezone } = this.#options
    const acknowledged = new Set(this.#answers.acknowledged.map(({ key }) => key))
    return {
      nowMs,
      mutes: new Mutes(this.#answers, config.maintenance, timezone, nowMs),
      isQuiet: config.quietHours !== undefined && endOfStretch(config.quietHours, timezone, nowMs) !== undefined,
      repeatMs: config.repeatMinutes * 60_000,
      isAcknowledged: key => acknowledged.has(key),
    }
  }
}
