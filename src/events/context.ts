/**
 * What reading a line needs to know of the lines before it: the last instant, who wrote here lately, and whether the record
 * before could hold a line that a stranger wrote. It goes into the checkpoint, so that a replay agrees.
 *
 * A remote mail server, a web client or a moderator can put a newline, and behind it a perfect stamp, into some records. Such a
 * record is told by what its writer cannot know: it comes right behind a record that may hold newlines, its process never
 * wrote to this file, and its time is before that of the record that it stands in. A process whose time goes on is real: then
 * somebody set the clock back.
 */
import type { Stamp } from '../../parsers/_mailman-line.js'
import type { Context } from '../model.js'
import { type Instant, StampReader, type Zone } from './stamp.js'

/** Processes of one host write out of order by seconds, never by more. */
const DISORDER_MS = 5_000
/** Web programs write in the zone of the system, the others in that of whoever started them: zones differ by quarter hours. */
const QUARTER_HOUR_MS = 900_000
const MAX_ZONES_APART_MS = 26 * 3_600_000
const MAX_PIDS = 24

/** The context in a checkpoint; an older one holds a part of it. */
export const contextOf = (saved: Partial<Context> | undefined): Context => ({
  lastMs: saved?.lastMs ?? 0,
  openMs: saved?.openMs ?? 0,
  pids: saved?.pids ?? [],
  suspectPid: saved?.suspectPid ?? 0,
  suspectMs: saved?.suspectMs ?? 0,
})

export class ContextReader {
  readonly #stamps: StampReader
  #openMs: number
  /** Replaced, never changed, so that a copy of the context is free. */
  #pids: readonly number[]
  #suspectPid: number
  #suspectMs: number

  constructor(zone: Zone, { lastMs, openMs, pids, suspectPid, suspectMs }: Context) {
    this.#stamps = new StampReader(zone, lastMs)
    this.#openMs = openMs
    this.#pids = pids
    this.#suspectPid = suspectPid
    this.#suspectMs = suspectMs
  }

  get lastMs(): number {
    return this.#stamps.lastMs
  }

  get context(): Context {
    const { lastMs } = this.#stamps
    return { lastMs, openMs: this.#openMs, pids: this.#pids, suspectPid: this.#suspectPid, suspectMs: this.#suspectMs }
  }

  /** @returns undefined where the stamp is no time */
  read(stamp: Stamp, now: () => number): Instant | undefined {
    return this.#stamps.read(stamp, now)
  }

  isSuspect({ kind, pid }: Stamp, instant: Instant | undefined): boolean {
    if (this.#openMs === 0 || kind !== 'mailman' || this.#pids.includes(pid!)) return false
    if (instant === undefined) return true
    if (pid === this.#suspectPid && instant.ms > this.#suspectMs) return false
    const agoMs = this.#openMs - instant.ms
    return agoMs > DISORDER_MS && !isZonesApart(agoMs)
  }

  /** A record that is believed. @param open it may hold lines that strangers wrote */
  note({ kind, pid }: Stamp, instant: Instant | undefined, open: boolean): void {
    if (kind !== 'mailman') return // its server's clock and zone are its own
    if (instant !== undefined) this.#stamps.lastMs = instant.ms
    this.#openMs = open ? this.#stamps.lastMs : 0
    if (!this.#pids.includes(pid!)) this.#pids = [...this.#pids.slice(1 - MAX_PIDS), pid!]
  }

  noteSuspect({ pid }: Stamp, instant: Instant | undefined): void {
    if (instant === undefined) return
    this.#suspectPid = pid!
    this.#suspectMs = instant.ms
  }

  /** The last record turned out to be one that holds no such lines. */
  noteClosed(): void {
    this.#openMs = 0
  }
}

function isZonesApart(ms: number): boolean {
  const off = ms % QUARTER_HOUR_MS
  return ms < MAX_ZONES_APART_MS && ms > QUARTER_HOUR_MS / 2 && Math.min(off, QUARTER_HOUR_MS - off) <= DISORDER_MS
}
