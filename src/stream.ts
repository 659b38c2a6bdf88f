/** One generation on its way: its bytes → lines → events, and where it could begin again. */
import { EventAssembler } from './events/assemble.js'
import { contextOf } from './events/context.js'
import type { Sources } from './events/source.js'
import type { Generation } from './files/generation.js'
import { HEAD_BYTES } from './files/identity.js'
import { mailmanOf } from './files/mailman.js'
import { type Hole, LineSplitter, MAX_LINE_BYTES } from './lines/split.js'
import type { Fingerprint, LogEvent, Mark, SavedGeneration, WriteIndexes } from './model.js'

/** Events that are handed on together; a batch may have so many more than its limit, which is chosen and nobody's. */
const TAKEN_AT_ONCE = 16

export class Stream {
  readonly generation: Generation
  /** The last place that is settled; from here a restart reads again. */
  settled: Mark
  /** Monotonic time of the last line. */
  lastLineMs = 0
  /** Wall clock of the last moment when all of the file was settled. */
  caughtUpMs: number
  /** Where what follows `settled` may be stored already. */
  #since: WriteIndexes
  /** What was in the file when it was found may have been sent before, by an earlier run or from another copy (F59). */
  readonly #doubtedUntil: number
  readonly #sourceOf: Sources
  /** Of the bytes that were read when it was saved last. */
  #prints: { readonly head: Fingerprint; readonly anchor: Fingerprint } | undefined
  /** What was saved last, and what it was made of. */
  #saved: { readonly settled: Mark; readonly since: WriteIndexes; readonly known: SavedGeneration } | undefined
  #splitter: LineSplitter
  #assembler: EventAssembler | undefined
  /** The last reading failed, so there may be more. */
  #isStalled = false
  /** The assembler knows the file's first line, from which ids are made, as far as it counts. */
  #hasFirstLine = false

  constructor(generation: Generation, sourceOf: Sources) {
    this.generation = generation
    this.#sourceOf = sourceOf
    this.#splitter = new LineSplitter(generation.position, MAX_LINE_BYTES)
    this.caughtUpMs = generation.seenMs
    this.settled = { offset: generation.position, ...contextOf(generation.saved) }
    this.#since = generation.saved?.since ?? new Map()
    this.#doubtedUntil = generation.compressed ? Number.POSITIVE_INFINITY : generation.size
  }

  get hasOpenRecord(): boolean {
    return this.#assembler?.hasOpenRecord === true
  }

  /** Since when a record is open that no unread line can continue, monotonic; undefined: there is none. */
  get quietSinceMs(): number | undefined {
    return this.hasOpenRecord && !this.#isStalled ? this.lastLineMs : undefined
  }

  /** Bytes that were read but are not settled, with what is in the file but was not read. */
  get lagBytes(): number {
    const { generation } = this
    // The size is that of the last look; more may have been read since.
    const end = generation.compressed ? generation.position : Math.max(generation.size, generation.position)
    return Math.max(0, end - this.settled.offset)
  }

  /** Where reading must begin again once all events emitted so far are settled. */
  get mark(): Mark {
    if (this.#assembler === undefined) return this.settled
    return { offset: this.#assembler.resumeOffset, ...this.#assembler.context }
  }

  /** Runs of zero bytes that were passed over since this was asked last. */
  takeHoles(): readonly Hole[] {
    return this.#splitter.takeHoles()
  }

  /**
   * Reads a chunk; calls `take` with the events of some lines, and waits for it: a full batch holds reading up.
   * @returns false at the end for now; undefined where the file is another one now
   */
  async advance(
    nowMs: number,
    take: (events: LogEvent[]) => Promise<void> | undefined,
    atOnce = TAKEN_AT_ONCE,
  ): Promise<boolean | undefined> {
    this.#isStalled = true
    const chunk = await this.generation.read()
    this.#isStalled = chunk === undefined
    if (chunk === undefined || chunk === '') return chunk === undefined ? undefined : false
    const lines = this.#splitter.feed(chunk)
    if (lines.length > 0) this.lastLineMs = nowMs
    let events: LogEvent[] = []
    for (const line of lines) {
      this.#assemble().push(line, events)
      if (events.length < atOnce) continue
      const wait = take(events)
      if (wait !== undefined) await wait
      events = []
    }
    if (events.length > 0) await take(events)
    return true
  }

  /** Gives out the open record after a quiet time. */
  flushQuiet(take: (events: LogEvent[]) => void): void {
    const events: LogEvent[] = []
    this.#assembler?.flushQuiet(events)
    take(events)
  }

  /**
   * Gives out all that is left of a file that grows no more as far as anybody knows, its last line too where that has no newline.
   * Should somebody write to it all the same, that is read as lines of its own, now and after a restart: so an open record is cut.
   */
  finish(take: (events: LogEvent[], cut: boolean) => void): void {
    const events: LogEvent[] = []
    const line = this.#splitter.finish()
    if (line !== undefined) {
      this.#assemble().push(line, events)
      this.#splitter.close()
      this.#splitter = new LineSplitter(this.generation.position, MAX_LINE_BYTES)
    }
    const cut = this.hasOpenRecord && !this.generation.compressed
    if (cut) this.#assembler?.flushQuiet(events)
    else this.#assembler?.flush(events)
    take(events, cut)
  }

  /** Since when these events, or some of them, may be stored already; undefined: they are new. */
  doubtOf([first]: readonly LogEvent[]): WriteIndexes | undefined {
    return first !== undefined && first.offset < this.#doubtedUntil ? this.#since : undefined
  }

  /** @param writeIndexes where documents go now: what follows the mark was not sent yet */
  settle(mark: Mark, writeIndexes?: WriteIndexes): void {
    if (writeIndexes !== undefined && mark.offset >= this.#doubtedUntil) this.#since = writeIndexes
    this.settled = mark
    this.#assembler?.settled(mark.offset)
  }

  /** What the checkpoint keeps of it; the same object as before where nothing is new: all files are saved each second, and few grow. */
  save(): SavedGeneration {
    const { settled } = this
    const since = this.#since
    const { log, path, id, compressed, seenMs, saved } = this.generation
    const { head, anchor } = this.#fingerprints()
    const cuts = this.#assembler?.cuts ?? saved?.cuts ?? []
    const before = this.#saved
    const isSame =
      before?.settled === settled &&
      before.since === since &&
      before.known.head === head &&
      before.known.anchor === anchor &&
      before.known.seenMs === seenMs &&
      before.known.path === path &&
      before.known.id === id &&
      before.known.compressed === compressed &&
      before.known.cuts.length === cuts.length &&
      before.known.cuts.every((cut, i) => cut === cuts[i])
    if (isSame) return before.known
    const now = { ...settled, log, path, id, compressed, head, anchor, cuts: [...cuts], seenMs }
    const known = since.size === 0 ? now : { ...now, since }
    this.#saved = { settled, since, known }
    return known
  }

  close(): void {
    this.#splitter.close()
  }

  /** Hashed again only where bytes were read since: all files are saved each second, and few of them grow. */
  #fingerprints(): { readonly head: Fingerprint; readonly anchor: Fingerprint } {
    const { position, head } = this.generation
    if (this.#prints?.anchor.end !== position || this.#prints.head.end !== head.length)
      this.#prints = { head: this.generation.headPrint, anchor: this.generation.anchorPrint }
    return this.#prints
  }

  #assemble(): EventAssembler {
    const { log, path, head, saved } = this.generation
    const before = this.#assembler
    if (before !== undefined && this.#hasFirstLine) {
      before.path = path
      return before
    }
    this.#hasFirstLine = head.length === HEAD_BYTES || head.includes('\n')
    const [firstLine = ''] = head.toString('latin1').split('\n', 1)
    const {
      resumeOffset: offset,
      context,
      cuts,
    } = before ?? {
      resumeOffset: this.settled.offset,
      context: contextOf(saved),
      cuts: saved?.cuts ?? [],
    }
    // Where the first line was given out before it was whole (`finish`), its rest has come: a restart would know that too.
    this.#assembler = new EventAssembler(this.#sourceOf(log, mailmanOf(log, path, firstLine)), {
      path,
      firstLine,
      offset,
      context,
      cuts,
    })
    return this.#assembler
  }
}
