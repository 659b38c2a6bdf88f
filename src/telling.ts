/** Whom alerts are told: a store, as events; people, by notifiers. And how that goes, for `status` and the metrics. */
import type { Alert } from './alerts/alert.js'
import type { DetectorFigures } from './alerts/detector.js'
import { kindWords } from './alerts/words.js'
import type { Config } from './config/options.js'
import type { Log } from './diagnostics/log.js'
import type { AlertFigures, NotifierStatus } from './diagnostics/status.js'
import { ShipperError } from './errors.js'
import type { Health } from './health.js'
import type { Clock, Output } from './model.js'
import { type Announcer, openAnnouncer } from './notify/announcer.js'
import { AlertEventWriter, type Written } from './notify/event-writer.js'
import type { Notifier } from './notify/notice.js'
import { nameNotifiers, siteOf } from './notify/notifiers.js'
import { rankOf } from './notify/plan.js'

const CLOSE_MS = 2_000

export interface TellingParts {
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly output: Output
}

/** @param written what the one before had written (`written`) */
export async function openTelling(parts: TellingParts, written: Written | undefined): Promise<Telling> {
  const { config, clock, log, health, output } = parts
  const site = siteOf(config)
  const namespace = config.elasticsearch?.namespace ?? 'default'
  const named = nameNotifiers(config.alerts, log, site)
  const course = new Course(named, parts)
  const notifiers: Notifier[] = []
  for (const { name, make } of named)
    try {
      notifiers.push(await make())
    } catch (error) {
      // Its secret cannot be read: no reason not to ship, nor not to tell the others.
      if (!(error instanceof ShipperError)) throw error
      course.failed(name, error.detail)
    }
  const announcer = await openAnnouncer({
    config: config.alerts,
    timezone: config.logs.timezone,
    directory: config.state.directory,
    notifiers,
    clock,
    random: Math.random,
    events: {
      sent: (name, { moment, alerts }) => course.sent(name, moment, alerts),
      failed: (name, message) => course.failed(name, message),
      gaveUp: (name, { id }) =>
        log.warn({ notifier: name, notice: id }, 'what could not be told is over for a day: it is given up'),
      damaged: path => health.troubles.note('start', 'MLS_STATE_DAMAGED', path),
      unsaved: error => health.troubles.begin('learned', 'MLS_ALERTS_UNSAVED', String((error as NodeJS.ErrnoException).code)),
    },
  })
  return new Telling(
    notifiers,
    course,
    announcer,
    new AlertEventWriter(output, { ...site, namespace }, clock.now, key => announcer.acknowledgedMs(key), written),
  )
}

export class Telling {
  readonly announcer: Announcer
  readonly #notifiers: readonly Notifier[]
  readonly #course: Course
  readonly #events: AlertEventWriter

  constructor(notifiers: readonly Notifier[], course: Course, announcer: Announcer, events: AlertEventWriter) {
    this.#notifiers = notifiers
    this.#course = course
    this.announcer = announcer
    this.#events = events
  }

  /** What is stored of alerts. */
  get written(): Written {
    return this.#events.state
  }

  /** @param alerts all that there are, open and lately ended */
  update(alerts: readonly Alert[]): void {
    this.#events.update(alerts)
    this.announcer.update(alerts)
  }

  figures(
    alerts: readonly Alert[],
    raised: ReadonlyMap<string, number>,
    detector: DetectorFigures,
    isLearned: boolean,
  ): AlertFigures {
    return {
      open: alerts
        .filter(({ endedMs }) => endedMs === undefined)
        .sort((a, b) => rankOf[b.severity] - rankOf[a.severity])
        .map(({ kind, severity, list, about, sinceMs }) => ({
          kind,
          severity,
          list,
          about,
          since: new Date(sinceMs).toISOString(),
        })),
      raised: Object.fromEntries(Object.keys(kindWords).map(kind => [kind, raised.get(kind) ?? 0])),
      detector: { isLearned, lists: detector.lists },
      notifiers: this.#course.status,
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.announcer.close(), this.#events.close(CLOSE_MS)])
    for (const notifier of this.#notifiers) await notifier.close()
  }
}

/** How the notifiers fare. */
class Course {
  readonly #of: Map<string, { -readonly [field in keyof NotifierStatus]: NotifierStatus[field] }>
  readonly #parts: TellingParts

  constructor(notifiers: readonly { readonly name: string }[], parts: TellingParts) {
    this.#parts = parts
    this.#of = new Map(notifiers.map(({ name }) => [name, { name, sent: 0, failed: 0, lastSentAt: null, failing: null }]))
  }

  get status(): NotifierStatus[] {
    return [...this.#of.values()].map(each => ({ ...each }))
  }

  sent(name: string, moment: string, alerts: readonly Alert[]): void {
    const { log, health } = this.#parts
    log.info({ notifier: name, moment, kinds: alerts.map(({ kind }) => kind) }, 'alerts were told')
    health.troubles.end('notifier', { notifier: name }, name)
    const course = this.#of.get(name)!
    course.sent++
    course.lastSentAt = this.#date()
    course.failing = null
  }

  failed(name: string, message: string): void {
    this.#parts.health.troubles.begin('notifier', 'MLS_ALERTS_UNSENT', `${name}: ${message}`, name)
    const course = this.#of.get(name)!
    course.failed++
    course.failing = { since: course.failing?.since ?? this.#date(), detail: message }
  }

  #date(): string {
    return new Date(this.#parts.clock.now()).toISOString()
  }
}
