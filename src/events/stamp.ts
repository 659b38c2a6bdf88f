/**
 * Local wall-clock time → instant. Mailman's stamps have no zone and no fraction: `Mon DD HH:MM:SS YYYY`, always in English
 * (Mailman/Logging/StampedLogger.py). The zone is configured.
 *
 * When clocks go back, an hour comes twice. The order of the file decides which one is meant: time that would go back by more
 * than the disorder between processes is the second one. Both are marked ambiguous. When clocks go forward, an hour is missing;
 * a stamp in it comes from a process that knew another zone, and is read as if the clock had not moved yet.
 */
import { IANAZone } from 'luxon'

/** What deciding the ambiguous hour needs to know of the lines before. It goes into the checkpoint, so that a replay agrees. */
export interface StampContext {
  /** The last instant of this file, milliseconds; 0: none. */
  lastMs: number
}

export interface Instant {
  readonly ms: number
  /** `2015-05-19T17:00:01.000Z` */
  readonly iso: string
  readonly ambiguous: boolean
}

const MONTHS = new Map(['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((m, i) => [m, i]))
const QUARTER_HOUR_MS = 900_000
const DAY_MS = 86_400_000
/** Lines of several processes are out of order by seconds. More would take quiet files' second hour for their first. */
const DISORDER_MS = 60_000
const REPEATED_MS = 2 * 3_600_000
const EARLIEST_MS = Date.UTC(1998, 0, 1) // Mailman's first release
const YEAR_MS = 366 * DAY_MS

/** Offsets of one zone, kept for each quarter of an hour of local time: a time zone never changes in between. */
export class Zone {
  readonly name: string
  readonly #zone: IANAZone
  readonly #offsets = new Map<number, readonly number[]>()

  constructor(name: string) {
    this.name = name
    this.#zone = IANAZone.create(name)
  }

  /** The offsets from UTC (milliseconds) that `wallMs` can have: one; two in a repeated hour, the earlier instant first; none in a missing one. */
  offsetsAt(wallMs: number): readonly number[] {
    const quarter = Math.floor(wallMs / QUARTER_HOUR_MS)
    let offsets = this.#offsets.get(quarter)
    if (offsets === undefined) {
      const at = quarter * QUARTER_HOUR_MS
      const candidates = new Set([at - DAY_MS, at, at + DAY_MS].map(ms => this.#offset(ms)))
      offsets = [...candidates].filter(offset => this.#offset(at - offset) === offset).sort((x, y) => y - x)
      if (this.#offsets.size > 20_000) this.#offsets.clear() // a hostile file may hold any time
      this.#offsets.set(quarter, offsets)
    }
    return offsets
  }

  /** The offset before a missing hour. */
  offsetBefore(wallMs: number): number {
    return this.#offset(wallMs - DAY_MS)
  }

  #offset(ms: number): number {
    return this.#zone.offset(ms) * 60_000
  }
}

/** Reads the stamps of one file, in its order. */
export class StampReader {
  readonly context: StampContext
  readonly #zone: Zone
  #time = ''
  #instant: Instant | undefined

  constructor(zone: Zone, context: StampContext) {
    this.#zone = zone
    this.context = context
  }

  /**
   * @param time the 20 characters of a stamp
   * @param nowMs what is far after it cannot be a time
   * @returns undefined where it is no time
   */
  read(time: string, nowMs: number): Instant | undefined {
    if (time !== this.#time) {
      this.#time = time
      this.#instant = this.#decide(time, nowMs)
    }
    return this.#instant
  }

  #decide(time: string, nowMs: number): Instant | undefined {
    const wallMs = wallClock(time)
    if (wallMs === undefined || wallMs < EARLIEST_MS || wallMs > nowMs + YEAR_MS) return undefined
    const offsets = this.#zone.offsetsAt(wallMs)
    const first = wallMs - (offsets[0] ?? this.#zone.offsetBefore(wallMs))
    let ms = first
    if (offsets.length > 1) {
      const { lastMs } = this.context
      if (lastMs > first + DISORDER_MS && lastMs < first + REPEATED_MS) ms = wallMs - offsets[1]!
    }
    this.context.lastMs = ms
    return { ms, iso: new Date(ms).toISOString(), ambiguous: offsets.length > 1 }
  }
}

/** The stamp as if it were UTC, or undefined where its parts are no time. */
function wallClock(time: string): number | undefined {
  const month = MONTHS.get(time.slice(0, 3))
  const day = numberAt(time, 4, 2)
  const hour = numberAt(time, 7, 2)
  const minute = numberAt(time, 10, 2)
  const second = numberAt(time, 13, 2)
  const year = numberAt(time, 16, 4)
  if (month === undefined || !(hour < 24 && minute < 60 && second < 61 && year > 0)) return undefined
  const ms = Date.UTC(year, month, day, hour, minute, second)
  return new Date(ms).getUTCDate() === day || second === 60 ? ms : undefined
}

/** Digits, the first of which may be a blank; NaN for anything else. */
function numberAt(text: string, at: number, length: number): number {
  let number = 0
  for (let i = at; i < at + length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit >= 0 && digit <= 9) number = number * 10 + digit
    else if (i > at || digit !== -16) return Number.NaN
  }
  return number
}

/** True for a name of the zone database that this Node knows. */
export const isZone = (name: string): boolean => IANAZone.isValidZone(name)
