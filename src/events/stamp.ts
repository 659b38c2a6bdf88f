/**
 * Local wall-clock time → instant. Mailman's stamps have no zone and no fraction: `Mon DD HH:MM:SS YYYY`, always in English
 * (Mailman/Logging/StampedLogger.py). The zone is configured. The web server beside Mailman 3 writes its own zone.
 *
 * When clocks go back, an hour comes twice. The order of the file decides which one is meant: time that would go back by more
 * than the disorder between processes is the second one. Both are marked ambiguous. When clocks go forward, an hour is missing;
 * a stamp in it comes from a process that knew another zone, and is read as if the clock had not moved yet.
 */
import type { Stamp } from '../../parsers/_mailman-line.js'
import type { FormerTimezone } from '../config/options.js'
import { type Zone as NamedZone, zoneNamed } from '../diagnostics/timezone.js'

export interface Instant {
  readonly ms: number
  /** `2015-05-19T17:00:01.000Z` */
  readonly iso: string
  readonly ambiguous: boolean
}

const MONTHS = new Map(['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'].map((m, i) => [m, i]))
const MINUTE_MS = 60_000
const QUARTER_HOUR_MS = 900_000
const DAY_MS = 86_400_000
/** Lines of several processes are out of order by seconds. More would take quiet files' second hour for their first. */
const DISORDER_MS = 60_000
const EARLIEST_MS = Date.UTC(1998, 0, 1) // Mailman's first release
const YEAR_MS = 366 * DAY_MS

/**
 * Offsets of one zone, kept for each quarter of an hour of local time: a time zone never changes in between. A host that was moved
 * to another zone has one whose offset changes there, as it does twice a year.
 */
export class Zone {
  readonly name: string
  readonly #zone: NamedZone
  readonly #former: readonly { readonly zone: NamedZone; readonly untilMs: number }[]
  readonly #offsets = new Map<number, readonly number[]>()

  /** @param former oldest first */
  constructor(name: string, former: readonly FormerTimezone[] = []) {
    this.name = name
    this.#zone = zoneNamed(name)
    this.#former = former.map(({ timezone, untilMs }) => ({ zone: zoneNamed(timezone), untilMs }))
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
    const { zone } = this.#former.find(({ untilMs }) => ms < untilMs) ?? { zone: this.#zone }
    return zone.offset(ms) * 60_000
  }
}

/** Reads the stamps of one file, in its order. */
export class StampReader {
  /** The last instant that was believed; the caller sets it. */
  lastMs: number
  readonly #zone: Zone
  #time = ''
  #instant: Instant | undefined

  constructor(zone: Zone, lastMs: number) {
    this.#zone = zone
    this.lastMs = lastMs
  }

  /**
   * @param now what is far after it cannot be a time
   * @returns undefined where it is no time
   */
  read(stamp: Stamp, now: () => number): Instant | undefined {
    if (stamp.time !== this.#time) {
      // A copy: the text is a part of the chunk that it was read in, and would keep all of it (P4).
      this.#time = `${stamp.time} `.slice(0, -1)
      this.#instant = this.#decide(stamp, now())
    }
    return this.#instant
  }

  #decide({ kind, time }: Stamp, nowMs: number): Instant | undefined {
    const wallMs = wallClocks[kind](time)
    if (wallMs === undefined || wallMs < EARLIEST_MS || wallMs > nowMs + YEAR_MS) return undefined
    if (kind === 'gunicorn' || kind === 'access') return instantOf(wallMs - offsetAt(time, time.length - 5), false)
    const offsets = this.#zone.offsetsAt(wallMs)
    const first = wallMs - (offsets[0] ?? this.#zone.offsetBefore(wallMs))
    let ms = first
    const second = wallMs - (offsets[1] ?? 0)
    // Time went on to the end of the first of the two, and perhaps as far into the second.
    if (offsets.length > 1 && this.lastMs > first + DISORDER_MS && this.lastMs < second + (second - first)) ms = second
    return instantOf(ms, offsets.length > 1)
  }
}

const instantOf = (ms: number, ambiguous: boolean): Instant => ({ ms, iso: isoOf(ms), ambiguous })

const SECONDS = Array.from({ length: 60 }, (_, second) => `${second}.000Z`.padStart(7, '0'))
let minute = Number.NaN
/** `2015-05-19T17:00:` */
let isoOfMinute = ''

/** What `toISOString` says, which costs more than all else about a stamp: nearly every line is of the minute of the one before. */
function isoOf(ms: number): string {
  const second = SECONDS[(ms % MINUTE_MS) / 1000]
  if (second === undefined) return new Date(ms).toISOString()
  if (ms - (ms % MINUTE_MS) !== minute) {
    minute = ms - (ms % MINUTE_MS)
    isoOfMinute = new Date(ms).toISOString().slice(0, 17)
  }
  return isoOfMinute + second
}

/** A stamp as if it were UTC, or undefined where its parts are no time. */
const wallClocks: Readonly<Record<Stamp['kind'], (time: string) => number | undefined>> = {
  // `Nov 22 17:04:43 2026`
  mailman: time => wallClock(numberAt(time, 16, 4), MONTHS.get(time.slice(0, 3)), numberAt(time, 4, 2), time, 7),
  // `2026-11-22 17:04:58 +0000`
  gunicorn: time => wallClock(numberAt(time, 0, 4), numberAt(time, 5, 2) - 1, numberAt(time, 8, 2), time, 11),
  // `22/Nov/2026:17:40:39 +0000`
  access: time => wallClock(numberAt(time, 7, 4), MONTHS.get(time.slice(3, 6)), numberAt(time, 0, 2), time, 12),
  // `2026-11-22 17:20:22`
  falcon: time => wallClock(numberAt(time, 0, 4), numberAt(time, 5, 2) - 1, numberAt(time, 8, 2), time, 11),
}

/** @param clock where `HH:MM:SS` stands in `time` */
function wallClock(year: number, month: number | undefined, day: number, time: string, clock: number): number | undefined {
  const hour = numberAt(time, clock, 2)
  const minute = numberAt(time, clock + 3, 2)
  const second = numberAt(time, clock + 6, 2)
  if (month === undefined || !(month >= 0 && month < 12 && hour < 24 && minute < 60 && second < 61 && year > 0)) return undefined
  const ms = Date.UTC(year, month, day, hour, minute, second)
  return new Date(ms).getUTCDate() === day || second === 60 ? ms : undefined
}

/** `+0130` → milliseconds. */
function offsetAt(time: string, at: number): number {
  const minutes = numberAt(time, at + 1, 2) * 60 + numberAt(time, at + 3, 2)
  return (time[at] === '-' ? -minutes : minutes) * 60_000
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
