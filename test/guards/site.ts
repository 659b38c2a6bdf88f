/** Guards on real directories, with the book that the agent has, and what they say of what they cannot read. */
import { deserialize, serialize } from 'node:v8'
import { AlertBook, type BookState } from '../../src/alerts/book.js'
import type { GuardsConfig } from '../../src/config/options.js'
import { openGuards } from '../../src/guards/guards.js'
import { noAlerts } from '../support/no-alerts.js'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export class Site {
  startedMs: number | undefined
  stoppedMs: number | undefined
  /** What the guards could not read, and could again. */
  readonly said: string[] = []
  book = new AlertBook()
  guards

  constructor(private readonly config: Partial<GuardsConfig>) {
    this.guards = this.#open(undefined)
  }

  /** The agent is started again, with what it kept. */
  async restart(): Promise<void> {
    const kept: unknown = deserialize(serialize({ book: this.book.state, guards: this.guards.state }))
    const { book, guards } = kept as { book: BookState; guards: unknown }
    await this.guards.close()
    this.book = new AlertBook(book)
    this.guards = this.#open(guards)
  }

  /** What stands after a look, a line each. */
  async look(nowMs: number): Promise<string[]> {
    await this.guards.look(nowMs)
    return this.open.map(({ kind, severity, list, about, words }) =>
      [kind, severity, list ?? about ?? '', words].join(' | ').replaceAll(' | | ', ' | '),
    )
  }

  get open() {
    return this.book.alerts.filter(({ endedMs }) => endedMs === undefined)
  }

  get ended() {
    return this.book.alerts.filter(({ endedMs }) => endedMs !== undefined)
  }

  #open(saved: unknown) {
    const site = this
    const facts = {
      get startedMs() {
        return site.startedMs
      },
      get stoppedMs() {
        return site.stoppedMs
      },
      trouble: (guard: string, path: string, code: string) => void this.said.push(`${guard} ${path} ${code}`),
      recovered: (guard: string, path: string) => void this.said.push(`${guard} ${path} again`),
    }
    const guards = { ...noAlerts.guards, ...this.config }
    return openGuards({ alerts: { ...noAlerts, guards } }, this.book, facts, saved)
  }
}
