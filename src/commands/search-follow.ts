/**
 * `search --follow`: like `tail -f`, on either store. Each second it asks for what fits of the time from a minute before the
 * newest event that it knows of, and shows what it has not shown: so an event is shown once, events of the same moment are not
 * lost, and neither is one that arrives up to a minute (of the logs' time) after newer ones of other logs or hosts. Where one
 * agent catches up by itself after an outage, all that it ships is newer than what is there, and is shown however late it comes.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/options.js'
import { printableJson } from '../diagnostics/printable.js'
import { type ErrorCode, ShipperError } from '../errors.js'
import type { EventQuery, EventStore, Page, StoredEvent } from '../store/query.js'
import { walk } from '../store/walk.js'
import { formatEvents } from './event-table.js'
import type { Screen } from './search.js'
import { withStore } from './with-store.js'

const LOOK_MS = 1000
/** By how much an event may be older than the newest one when it arrives. */
const LATE_MS = 60_000
/** Earlier rows that have a say in how wide the columns of the next are, so that these seldom jump. */
const ROWS_REMEMBERED = 50

/** What passes by itself: asked again until it does. */
const passing: readonly ErrorCode[] = [
  'MLS_OUTPUT_BUSY',
  'MLS_OUTPUT_SERVER',
  'MLS_OUTPUT_TIMEOUT',
  'MLS_OUTPUT_UNREACHABLE',
  'MLS_STORE_UNREADABLE',
]

/** An abort signal for Ctrl-C and for `kill`: then the command ends with 0. */
export function interrupted(): AbortSignal {
  const end = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => end.abort())
  return end.signal
}

/**
 * @param query what is shown first, its newest `limit`; from then on all that fits
 * @throws ShipperError where the first answer does not come; later trouble that may pass is told once, and waited for
 */
export async function follow(
  config: Config,
  query: EventQuery & Page,
  screen: Screen,
  { json, ended }: { readonly json: boolean; readonly ended: AbortSignal },
): Promise<void> {
  const tail = new Tail(query)
  const print = printer(config, screen, json)
  let isTold = false
  const rest = async (): Promise<void> => void (await sleep(LOOK_MS, undefined, { signal: ended }).catch(() => undefined))
  while (!ended.aborted) {
    try {
      await withStore(config, async store => {
        for (; !ended.aborted; await rest()) {
          for await (const events of tail.look(store, screen.now())) print(events)
          if (isTold) screen.err('The store answers again.')
          isTold = false
        }
      })
    } catch (error) {
      if (!(error instanceof ShipperError) || !tail.hasBegun || !passing.includes(error.code)) throw error
      if (!isTold) screen.err(`${error.message} Asking again until it answers.`)
      isTold = true
      await rest()
    }
  }
}

/** What was shown, as far as it could come again. */
class Tail {
  readonly #query: EventQuery & Page
  /** Ids with their times, of what is not older than LATE_MS before the newest. */
  readonly #known = new Map<string, number>()
  #newestMs = Number.MIN_SAFE_INTEGER
  hasBegun = false

  constructor(query: EventQuery & Page) {
    this.#query = query
  }

  /** What is new, in the order in which it is to be shown. */
  async *look(store: EventStore, nowMs: number): AsyncGenerator<readonly StoredEvent[]> {
    if (!this.hasBegun) yield await this.#begin(store, nowMs)
    this.hasBegun = true
    for await (const page of walk(store, this.#window())) {
      const fresh = page.filter(({ id }) => !this.#known.has(id))
      for (const event of fresh) this.#remember(event, nowMs)
      if (fresh.length > 0) yield fresh
    }
    const { sinceMs = Number.MIN_SAFE_INTEGER } = this.#window()
    for (const [id, timestampMs] of this.#known) if (timestampMs < sinceMs) this.#known.delete(id)
  }

  /** The newest that fit. Older ones of the last minute that are beyond the limit are known then, and not shown. */
  async #begin(store: EventStore, nowMs: number): Promise<readonly StoredEvent[]> {
    // Of all events, so that the first that fits may come late too.
    const newest = await store.search({ limit: 1, order: 'newest' })
    for (const { timestampMs } of newest.hits) this.#newestMs = Math.min(timestampMs, nowMs)
    const before: StoredEvent[] = []
    // What arrives between these two questions is in the second only, or else new at the next look.
    if (newest.total > 0) for await (const page of walk(store, this.#window())) before.push(...page)
    const { hits } = await store.search(this.#query)
    for (const event of [...before, ...hits]) this.#remember(event, nowMs)
    return hits.toReversed()
  }

  #window(): EventQuery {
    const { limit: _, order: __, ...query } = this.#query
    const sinceMs = Math.max(this.#newestMs - LATE_MS, query.sinceMs ?? Number.MIN_SAFE_INTEGER)
    return sinceMs <= Number.MIN_SAFE_INTEGER + LATE_MS ? query : { ...query, sinceMs }
  }

  #remember({ id, timestampMs }: StoredEvent, nowMs: number): void {
    this.#known.set(id, timestampMs)
    // A clock that is ahead must not make all others late.
    this.#newestMs = Math.max(this.#newestMs, Math.min(timestampMs, nowMs))
  }
}

function printer(config: Config, screen: Screen, json: boolean): (events: readonly StoredEvent[]) => void {
  if (json)
    return events => {
      for (const { document } of events) screen.out(printableJson(JSON.stringify(document)))
    }
  let earlier: StoredEvent[] = []
  let isFirst = true
  return events => {
    if (events.length === 0) return
    const lines = formatEvents([...earlier, ...events], { ...screen, zone: config.logs.timezone })
    if (isFirst) screen.out(lines[0]!)
    for (const line of lines.slice(1 + earlier.length)) screen.out(line)
    isFirst = false
    earlier = [...earlier, ...events].slice(-ROWS_REMEMBERED)
  }
}
