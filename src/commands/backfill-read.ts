/** The files of one log, one after another, as events. */
import { stat } from 'node:fs/promises'
import type { Sources } from '../events/source.js'
import { Generation } from '../files/generation.js'
import type { GzipReader, Reader } from '../files/read.js'
import type { Clock, LogEvent, SavedGeneration } from '../model.js'
import { Stream } from '../stream.js'
import { type NamedFile, openFile, QUIET_FILE_MS, type Refuse, refuseFor } from './backfill-files.js'

/** @param cut the record may go on, but nobody has written to it for long: `Shipping.collect` */
export type Take = (stream: Stream, events: readonly LogEvent[], cut?: boolean) => Promise<void> | undefined

export interface ReadingParts {
  readonly sourceOf: Sources
  readonly clock: Clock
  readonly refuse: Refuse
  /** What an earlier run knows of a file; undefined: nothing is remembered. */
  readonly resume?: {
    claim(file: NamedFile, reader: Reader): Promise<SavedGeneration | undefined>
    follow(stream: Stream): void
  }
}

export class LogReading {
  /** Files that were read to their end, and those of them in which there was nothing that an earlier run had not read. */
  filesRead = 0
  filesKnown = 0
  /** Files whose last record may still grow, and was left to the agent. */
  filesOpen = 0
  readonly #parts: ReadingParts
  readonly #left: NamedFile[]
  #now: { readonly file: NamedFile; readonly stream: Stream; readonly reader: Reader | GzipReader } | undefined
  /** Bytes of the files that are behind us. */
  #behind = 0

  constructor(files: readonly NamedFile[], parts: ReadingParts) {
    this.#left = [...files]
    this.#parts = parts
  }

  /** The file that is read. */
  get stream(): Stream | undefined {
    return this.#now?.stream
  }

  /** Bytes read, as the files stand on the disk: of a .gz, compressed ones. */
  get bytesDone(): number {
    if (this.#now === undefined) return this.#behind
    const { file, stream, reader } = this.#now
    const done = 'consumed' in reader ? reader.consumed() : stream.generation.position
    return this.#behind + Math.min(done, file.size)
  }

  /** Reads a chunk. @returns false when all files are read */
  async advance(take: Take, atOnce?: number): Promise<boolean> {
    const file = this.#now?.file ?? this.#left.shift()
    if (file === undefined) return false
    try {
      this.#now ??= await this.#open(file)
      const { stream } = this.#now
      const more = await stream.advance(this.#parts.clock.monotonic(), events => take(stream, events), atOnce)
      if (more === true) return true
      if (more === undefined) this.#parts.refuse('MLS_FILE_MISSING', file.path, 'its bytes changed while it was read')
      else await this.#end(file, stream, take)
    } catch (error) {
      // What stood before the damage is read. The record in which it is stays unread: its whole would have the same id.
      refuseFor(this.#parts.refuse, file.path, error)
      if (this.#now === undefined) this.#behind += file.size
    }
    await this.close()
    return true
  }

  /** Leaves the file that is read; what of it was settled may still be saved. */
  async close(): Promise<void> {
    if (this.#now === undefined) return
    const { file, stream } = this.#now
    this.#now = undefined
    this.#behind += file.size
    stream.close()
    await stream.generation.close()
  }

  async #open(file: NamedFile): Promise<{ file: NamedFile; stream: Stream; reader: Reader | GzipReader }> {
    const { resume, clock, sourceOf } = this.#parts
    const reader = await openFile(file)
    try {
      const saved = await resume?.claim(file, reader)
      const generation = new Generation(file, clock.now(), saved)
      if (saved === undefined) await generation.begin(reader, true)
      else await generation.resume(reader)
      const stream = new Stream(generation, sourceOf)
      resume?.follow(stream)
      return { file, stream, reader }
    } catch (error) {
      await reader.close()
      throw error
    }
  }

  async #end(file: NamedFile, stream: Stream, take: Take): Promise<void> {
    const { generation } = stream
    let isTaken: Promise<void> | undefined
    if (!file.live) {
      generation.finished = true
      stream.finish((events, cut) => {
        isTaken = take(stream, events, cut)
      })
    } else if (await isQuiet(file.path))
      stream.flushQuiet(events => {
        isTaken = take(stream, events, true)
      })
    await isTaken // a full batch holds reading up here too: nothing may be collected while it waits to be sent
    this.filesRead++
    if (stream.mark.offset < generation.position) this.filesOpen++
    if (generation.saved !== undefined && stream.mark.offset === generation.saved.offset) this.filesKnown++
  }
}

/** Nobody has written to it for a while: a record that could go on will not. */
const isQuiet = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs >= QUIET_FILE_MS,
    () => false,
  )
