/**
 * One generation: what was written from a file's creation to its rotation, under whatever name it is found. Reads on from its
 * position, and knows its own bytes: with each read, the bytes before the position are compared first. So a file that was cut
 * and written anew meanwhile is never read on as if nothing had happened.
 */
import type { FileId, Fingerprint, SavedGeneration } from '../model.js'
import { ANCHOR_BYTES, fingerprint, HEAD_BYTES, hasBytes, readExactly } from './identity.js'
import { CHUNK_BYTES, openGzip, openPlain, type Reader } from './read.js'
import type { SeenFile } from './scan.js'

/**
 * `present`: its file is there · `deleted`: the file has no name any more, but is open · `lost`: its bytes are nowhere (yet):
 * truncated, or deleted while not open
 */
export type GenerationState = 'present' | 'deleted' | 'lost'

/** Who still has a rotated file open has written to it by then, or reopened (Mailman's SIGHUP follows the rotation). */
const ROTATED_QUIET_MS = 60_000

export class Generation {
  readonly log: string
  path: string
  id: FileId
  compressed: boolean
  /** '' for the live file. */
  rotation: string
  /** The next byte to read. */
  position: number
  /** As last seen; of a .gz, compressed. */
  size: number
  mtimeMs: number
  state: GenerationState = 'present'
  /** There may be unread bytes. */
  dirty = true
  /** Read to the end of a file that does not grow any more: a .gz, or a rotated one that is quiet. */
  finished = false
  #isQuiet: boolean
  /** Why reading it failed the last time: the system's code, or zlib's. */
  trouble: string | undefined
  /** Wall clock of the last look that found it; without a name, of the last one that saw it grow. */
  seenMs: number
  /** Monotonic time since when it is lost, or, without a name, since when it does not grow. */
  awayMs = 0
  /** What the checkpoint said of it. */
  readonly saved: SavedGeneration | undefined
  /** The first bytes, at most HEAD_BYTES; known from its opening on, before they are read as lines. */
  head: Buffer = Buffer.alloc(0)
  /** The last bytes before `position`, at most ANCHOR_BYTES. */
  #tail: Buffer = Buffer.alloc(0)
  #reader: Reader | undefined

  constructor(seen: SeenFile, nowMs: number, saved?: SavedGeneration) {
    this.log = seen.log
    this.path = seen.path
    this.id = seen.id
    this.compressed = seen.compressed
    this.#isQuiet = isQuiet(seen, nowMs)
    this.rotation = seen.rotation
    this.size = seen.size
    this.mtimeMs = seen.mtimeMs
    this.seenMs = nowMs
    this.saved = saved
    this.position = saved?.offset ?? 0
  }

  get isOpen(): boolean {
    return this.#reader !== undefined
  }

  get headPrint(): Fingerprint {
    return fingerprint(this.head, this.head.length)
  }

  get anchorPrint(): Fingerprint {
    return fingerprint(this.#tail, this.position)
  }

  /** Its file has been found, under this name. */
  found(seen: SeenFile, nowMs: number): void {
    this.#isQuiet = isQuiet(seen, nowMs)
    if (seen.size !== this.size || seen.mtimeMs !== this.mtimeMs || (this.#isQuiet && !this.finished)) this.dirty = true
    // A .gz is opened by its name when it is read, maybe more than once.
    if (this.compressed && seen.path !== this.path) void this.close()
    this.path = seen.path
    this.rotation = seen.rotation
    this.size = seen.size
    this.mtimeMs = seen.mtimeMs
    this.seenMs = nowMs
    this.state = 'present'
  }

  /** Its bytes have been found in another file: a copy, or a .gz. */
  async moveTo(seen: SeenFile, reader: Reader, nowMs: number): Promise<void> {
    await this.close()
    this.id = seen.id
    this.compressed = seen.compressed
    this.finished = false
    this.dirty = true
    this.found(seen, nowMs)
    this.#reader = reader
  }

  /**
   * Begins with a file that is nobody's; keeps the reader open if told to, so that the file may be deleted.
   * @param head its first bytes, at most HEAD_BYTES, where they were read before
   */
  async begin(reader: Reader, keepOpen: boolean, head?: Buffer): Promise<void> {
    this.head = head ?? (await readExactly(reader, 0, HEAD_BYTES))
    if (keepOpen) this.#reader = reader
  }

  /**
   * Takes over where the checkpoint left off; the caller has compared head and anchor.
   * @param head as for `begin`
   * @param tail the bytes before the position, at most ANCHOR_BYTES, where they were read before
   */
  async resume(reader: Reader, head?: Buffer, tail?: Buffer): Promise<void> {
    const headLength = Math.min(HEAD_BYTES, this.position)
    this.head = head?.subarray(0, headLength) ?? (await readExactly(reader, 0, headLength))
    const length = Math.min(ANCHOR_BYTES, this.position)
    this.#tail = tail ?? (await readExactly(reader, this.position - length, length))
    if (this.#reader !== reader) await this.#reader?.close()
    this.#reader = reader
  }

  /**
   * The next bytes, as a byte string; '' at the end for now; undefined where the file no longer holds the bytes read before.
   * @throws the system's error, or zlib's
   */
  async read(): Promise<string | undefined> {
    const reader = await this.#open()
    let bytes: Buffer
    let isEnd = false
    if (this.compressed) bytes = await reader.read(this.position)
    else {
      const before = this.#tail.length
      const both = await reader.read(this.position - before, before + CHUNK_BYTES)
      if (!startsWith(both, this.#known)) return undefined
      bytes = both.subarray(before)
      isEnd = bytes.length < CHUNK_BYTES
    }
    this.trouble = undefined
    if (bytes.length === 0) {
      this.dirty = false
      this.finished = this.compressed || this.#isQuiet
      return ''
    }
    this.finished = false
    this.#remember(bytes)
    // What the last look saw has been read. Were there more all the same, the next one would see that it grew.
    if (isEnd && !this.#isQuiet && this.position >= this.size) this.dirty = false
    return bytes.toString('latin1')
  }

  /** True while its file, which is found at `path` now, still holds the bytes that are known of it. */
  async stillMatches(path: string): Promise<boolean> {
    if (this.compressed) {
      const reader = openGzip(path, this.id)
      try {
        return (await hasBytes(reader, this.headPrint)) && (await hasBytes(reader, this.anchorPrint))
      } finally {
        await reader.close()
      }
    }
    this.#reader ??= await openPlain(path, this.id)
    const known = this.#known
    return startsWith(await this.peek(this.position - this.#tail.length, known.length), known)
  }

  /** A copy of some of its bytes; fewer where the file ends. @throws the system's error, or zlib's */
  async peek(position: number, length: number): Promise<Buffer> {
    return readExactly(await this.#open(), position, length)
  }

  /** Looks through the open file, where there is no way to it by name, whether somebody still writes to it. */
  async lookInside(nowMs: number, monotonicMs: number): Promise<void> {
    const size = await this.#reader?.size()
    if (size === undefined) return
    if (size > this.size) {
      this.seenMs = nowMs
      this.awayMs = monotonicMs
    }
    this.size = size
    if (size > this.position) this.dirty = true
  }

  async close(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    await reader?.close()
  }

  /** What its file must hold from `position - #tail.length` on: the tail, and of the head what was not read yet. */
  get #known(): Buffer {
    return this.position < this.head.length ? Buffer.concat([this.#tail, this.head.subarray(this.position)]) : this.#tail
  }

  async #open(): Promise<Reader> {
    this.#reader ??= this.compressed ? openGzip(this.path, this.id) : await openPlain(this.path, this.id)
    return this.#reader
  }

  #remember(bytes: Buffer): void {
    const unknown = this.head.length - this.position
    if (this.head.length < HEAD_BYTES && unknown < bytes.length)
      this.head = Buffer.concat([this.head, bytes.subarray(unknown, HEAD_BYTES - this.position)])
    this.#tail =
      bytes.length >= ANCHOR_BYTES
        ? Buffer.from(bytes.subarray(bytes.length - ANCHOR_BYTES))
        : Buffer.concat([this.#tail, bytes]).subarray(-ANCHOR_BYTES)
    this.position += bytes.length
  }
}

const startsWith = (bytes: Buffer, start: Buffer): boolean =>
  bytes.length >= start.length && start.compare(bytes, 0, start.length) === 0

/** Rotated, and nobody wrote to it for a while: a last line without a newline will get none any more. */
const isQuiet = (seen: SeenFile, nowMs: number): boolean => seen.rotation !== '' && nowMs - seen.mtimeMs >= ROTATED_QUIET_MS
