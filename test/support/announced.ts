/** An announcer on a directory of a test, with notifiers that a test makes take, refuse, or lose what they are sent. */
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Alert } from '../../src/alerts/alert.js'
import type { LeastSeverity } from '../../src/config/alerts-options.js'
import type { Clock } from '../../src/model.js'
import { type Announcer, type AnnouncerOptions, openAnnouncer } from '../../src/notify/announcer.js'
import type { Notice } from '../../src/notify/notice.js'

/** Stands until a test moves it; who sleeps is woken by its signal only. */
export class StandingClock implements Clock {
  nowMs = Date.UTC(2026, 10, 20, 12)
  now = (): number => this.nowMs
  monotonic = (): number => this.nowMs
  sleep(_: number, signal?: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      if (signal?.aborted) resolve()
      else signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}

/** `lost`: it is taken, and the answer does not come · `hung`: no answer, until it is aborted */
export type Mode = 'taken' | 'refused' | 'lost' | 'hung'

export class Receiver {
  mode: Mode = 'taken'
  readonly received: Notice[] = []
  /** Messages with one of these are refused, whatever the mode. */
  readonly poison = new Set<string>()
  attempts = 0

  constructor(
    readonly name: string,
    readonly least: LeastSeverity,
    readonly heard: (notice: Notice) => void = () => {},
  ) {}

  async send(notice: Notice, signal: AbortSignal): Promise<void> {
    this.attempts++
    if (this.mode === 'hung')
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
    const isPoison = notice.alerts.some(({ key }) => this.poison.has(key))
    if (this.mode !== 'refused' && !isPoison) {
      // As it is on the wire.
      const notices: Notice = JSON.parse(JSON.stringify(notice))
      this.received.push(notices)
      this.heard(notices)
    }
    if (this.mode !== 'taken' || isPoison) throw new Error('450')
  }

  /** `raised a,b` for each since the last time it was asked. */
  take(): string[] {
    return this.received.splice(0).map(({ moment, alerts }) => `${moment} ${alerts.map(({ about }) => about).join(',')}`)
  }
}

export interface Site {
  readonly clock: StandingClock
  /** What was said for the log. */
  readonly said: string[]
  directory: string
  announcer: Announcer
  /** One look, after so many milliseconds, and all that comes of it. */
  look(alerts: readonly Alert[], afterMs?: number): Promise<void>
  /** kill -9: what is not on disk at this moment is lost, and what goes on reaches nobody. */
  restart(receivers?: readonly Receiver[]): Promise<void>
}

export async function openSite(
  directory: string,
  receivers: readonly Receiver[],
  config: Partial<AnnouncerOptions['config']> = {},
): Promise<Site> {
  const clock = new StandingClock()
  const said: string[] = []
  let life = 0
  const open = (): Promise<Announcer> => {
    const lived = life
    return openAnnouncer({
      config: { repeatMinutes: 30, quietHours: undefined, maintenance: [], ...config },
      timezone: 'UTC',
      directory: site.directory,
      notifiers: receivers.map(each => ({
        name: each.name,
        least: each.least,
        send: (notice, signal) => (lived === life ? each.send(notice, signal) : new Promise(() => {})),
        close: async () => {},
      })),
      clock,
      random: () => 1,
      events: {
        sent: (name, { moment }) => void said.push(`${name} sent ${moment}`),
        failed: (name, message, attempts) => void said.push(`${name} failed ${attempts}: ${message}`),
        gaveUp: (name, { moment }) => void said.push(`${name} gave up ${moment}`),
        damaged: path => void said.push(`damaged ${path.split('/').at(-1)}`),
        unsaved: error => void said.push(`unsaved ${(error as NodeJS.ErrnoException).code}`),
      },
    })
  }
  const site: Omit<Site, 'announcer'> & { announcer?: Announcer } = {
    clock,
    said,
    directory: join(directory, 'state-0'),
    async look(alerts, afterMs = 0) {
      clock.nowMs += afterMs
      site.announcer!.update(alerts)
      await site.announcer!.settled()
    },
    async restart() {
      const next = join(directory, `state-${++life}`)
      // What is just being written has no name yet.
      cpSync(site.directory, next, { recursive: true, preserveTimestamps: true, filter: path => !path.endsWith('.new') })
      site.directory = next
      site.announcer = await open()
    },
  }
  mkdirSync(site.directory, { mode: 0o700 })
  site.announcer = await open()
  return site as Site
}
