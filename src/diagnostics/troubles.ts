/** What is wrong now, what went wrong for a moment, and how long and how often: told when it begins and ends, and kept for `status`. */
import { type ErrorCode, errors } from '../errors.js'
import type { Clock } from '../model.js'
import type { Log } from './log.js'
import { endings, type Lasting, levelOf, type Topic } from './states.js'
import type { MomentStatus, Tally, TroubleStatus } from './status.js'
import { Teller } from './teller.js'

interface Trouble extends TroubleStatus {
  readonly topic: Lasting
  /** Monotonic; of this code, where it became another one. */
  readonly sinceMs: number
}

export class Troubles {
  readonly #clock: Clock
  readonly #teller: Teller
  /** By topic and, of places, by path. */
  readonly #now = new Map<string, Trouble>()
  readonly #moments = new Map<ErrorCode, MomentStatus>()
  /** Milliseconds of what is over. */
  readonly #lasted = new Map<ErrorCode, number>()

  constructor(log: Log, clock: Clock) {
    this.#clock = clock
    this.#teller = new Teller(log, clock)
  }

  /** It begins, or becomes another one; the same again is no news. @param place which, where a topic has several at once */
  begin(topic: Lasting, code: ErrorCode, detail: string, place = ''): void {
    const key = `${topic} ${place}`
    const before = this.#now.get(key)
    if (before?.code === code) return
    const since = before?.since ?? this.#date()
    if (before !== undefined) this.#count(before)
    this.#now.set(key, { topic, code, detail, since, sinceMs: this.#clock.monotonic() })
    this.#tell(topic, code, textOf(detail))
  }

  /** Nothing where there was none. */
  end(topic: Lasting, fields: object = {}, place = ''): void {
    const key = `${topic} ${place}`
    const before = this.#now.get(key)
    if (before === undefined) return
    this.#now.delete(key)
    this.#count(before)
    this.#teller.tell(topic, { level: 'info', fields, message: endings[topic] })
  }

  /** It is over already. @param detail for `status`  @param fields for the log; default: the detail */
  note(topic: Topic, code: ErrorCode, detail: string, fields: object = textOf(detail)): void {
    const count = (this.#moments.get(code)?.count ?? 0) + 1
    this.#moments.set(code, { code, count, detail, at: this.#date() })
    this.#tell(topic, code, fields)
  }

  /** The one of a topic that has but one at a time. */
  of(topic: Lasting): TroubleStatus | undefined {
    return this.#now.get(`${topic} `)
  }

  /** Those of the other topics. */
  besides(...topics: readonly Lasting[]): TroubleStatus[] {
    return [...this.#now.values()]
      .filter(({ topic }) => !topics.includes(topic))
      .map(({ code, detail, since }) => ({ code, detail, since }))
  }

  get moments(): MomentStatus[] {
    return [...this.#moments.values()]
  }

  /** Seconds that each code lasted in all, of places added up. */
  get seconds(): Tally {
    const ms = new Map(this.#lasted)
    const nowMs = this.#clock.monotonic()
    for (const { code, sinceMs } of this.#now.values()) ms.set(code, (ms.get(code) ?? 0) + nowMs - sinceMs)
    return Object.fromEntries([...ms].map(([code, lasted]) => [code, Math.round(lasted / 1000)]))
  }

  /** To be called now and then, and at the end of all: says what was left out. */
  tick(isEnd = false): void {
    if (isEnd) this.#teller.end()
    else this.#teller.tick()
  }

  #tell(topic: Topic, code: ErrorCode, fields: object): void {
    const { message, remedy } = errors[code]
    this.#teller.tell(topic, { level: levelOf(code), fields: { code, ...fields, remedy }, message })
  }

  #count({ code, sinceMs }: Trouble): void {
    this.#lasted.set(code, (this.#lasted.get(code) ?? 0) + this.#clock.monotonic() - sinceMs)
  }

  #date(): string {
    return new Date(this.#clock.now()).toISOString()
  }
}

const textOf = (detail: string): object => (detail === '' ? {} : { text: detail })
