/**
 * One generation: what was written from a file's creation to its rotation, under whatever name it is found. Reads on from its
 * position, and knows its own bytes: each time it reads again after an end, the bytes before the position are compared first.
 */
import type { FileId, Fingerprint, SavedGeneration } from '../model.js'
import { ANCHOR_BYTES, fingerprint, HEAD_BYTES, readExactly } from './identity.js'
import { CHUNK_BYTES, openGzip, openPlain, type Reader } from './read.js'
import type { SeenFile } from './scan.js'

/**
 * `present`: its file is there · `deleted`: the file has no name any more, but is open · `lost`: its bytes are nowhere (yet):
 * truncated, or deleted while not open
 */
export type GenerationState = 'present' | 'deleted' | 'lost'

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
  /** Read to the end of a file that cannot grow: a .gz. */
  finished = false
  /** Wall clock of the last look that found it. */
  seenMs: number
  /** What the checkpoint said of it. */
  readonly saved: SavedGeneration | undefined
  /** The first bytes, at most HEAD_BYTES. */
  head: Buffer = Buffer.alloc(0)
  /** The last bytes before `position`, at most ANCHOR_BYTES. */
  #tail: Buffer = Buffer.alloc(0)
  #reader: Reader | undefined
  #checked = true

  constructor(seen: SeenFile, nowMs: number, saved?: SavedGeneration) {
    this.log = seen.log
    this.path = seen.path
    this.id = seen.id
    this.compressed = seen.compressed
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
    if (seen.size !== this.size || seen.mtimeMs !== this.mtimeMs) this.dirty = true
    this.path = seen.path
    this.rotation = seen.rotation
    this.size = seen.size
    this.mtimeMs = seen.mtimeMs
    this.seenMs = nowMs
    this.state = 'present'
  }

  /** Its bytes have been found in another file: a copy, or a .gz. */
  async moveTo(seen: SeenFile, reader: Reader, nowMs: number): Promise<void> {
    await this.close() // so the bytes before the position are compared again before reading on
    this.id = seen.id
    this.compressed = seen.compressed
    this.#reader = reader
    this.finished = false
    this.dirty = true
    this.found(seen, nowMs)
  }

  /** Takes over where the checkpoint left off; the caller has compared head and anchor. */
  async resume(reader: Reader): Promise<void> {
    this.head = await readExactly(reader, 0, Math.min(HEAD_BYTES, this.position))
    const length = Math.min(ANCHOR_BYTES, this.position)
    this.#tail = await readExactly(reader, this.position - length, length)
    if (this.#reader !== reader) await this.#reader?.close()
    this.#reader = reader
  }

  /**
   * The next bytes, as a byte string; '' at the end for now; undefined where the file no longer holds the bytes read before.
   * @throws the system's error, or IncompleteGzip
   */
  async read(): Promise<string | undefined> {
    this.#reader ??= this.compressed ? openGzip(this.path) : await openPlain(this.path, this.id)
    let bytes: Buffer
    if (this.#checked || this.compressed) bytes = await this.#reader.read(this.position)
    else {
      const before = this.#tail.length
      const both = await this.#reader.read(this.position - before, before + CHUNK_BYTES)
      if (both.length < before || this.#tail.compare(both, 0, before) !== 0) return undefined
      bytes = both.subarray(before)
    }
    this.#checked = bytes.length > 0
    if (bytes.length === 0) {
      this.dirty = false
      this.finished = this.compressed
      return ''
    }
    this.#remember(bytes)
    return bytes.toString('latin1')
  }

  /** True while its file still holds the bytes before the position. */
  async stillMatches(): Promise<boolean> {
    if (this.compressed) return true // a .gz is written once
    this.#reader ??= await openPlain(this.path, this.id)
    const bytes = await readExactly(this.#reader, this.position - this.#tail.length, this.#tail.length)
    return bytes.equals(this.#tail)
  }

  async close(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    this.#checked = false
    await reader?.close()
  }

  #remember(bytes: Buffer): void {
    if (this.head.length < HEAD_BYTES) this.head = Buffer.concat([this.head, bytes.subarray(0, HEAD_BYTES - this.head.length)])
    this.#tail =
      bytes.length >= ANCHOR_BYTES
        ? Buffer.from(bytes.subarray(bytes.length - ANCHOR_BYTES))
        : Buffer.concat([this.#tail, bytes]).subarray(-ANCHOR_BYTES)
    this.position += bytes.length
  }
}
