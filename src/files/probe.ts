/**
 * A look into a file of which nobody knows yet whose it is: its first bytes, read once, in which others may lie that are asked for, and
 * its last ones.
 */
import type { Fingerprint } from '../model.js'
import type { Generation } from './generation.js'
import { ANCHOR_BYTES, fingerprint, HEAD_BYTES, matches, readExactly } from './identity.js'
import { openGzip, openPlain, type Reader } from './read.js'
import { codeOf, isShortOfHandles, type SeenFile } from './scan.js'

/** How a file ends: its length, uncompressed, and the last bytes, at most ANCHOR_BYTES. */
export interface End {
  readonly length: number
  readonly tail: Buffer
}

export class Probe {
  readonly file: SeenFile
  readonly reader: Reader
  /** The first bytes, at most HEAD_BYTES. */
  readonly head: Buffer
  /** By their lengths, hashes of the first bytes. */
  readonly #hashes = new Map<number, string>()
  #end: End | undefined
  #last: { readonly end: number; readonly bytes: Buffer } | undefined

  private constructor(file: SeenFile, reader: Reader, head: Buffer) {
    this.file = file
    this.reader = reader
    this.head = head
  }

  /** Whoever takes `reader` over closes it; else `close` must be called. @throws the system's error, or zlib's */
  static async open(file: SeenFile): Promise<Probe> {
    const reader = file.compressed ? openGzip(file.path, file.id) : await openPlain(file.path, file.id)
    try {
      const length = file.compressed ? HEAD_BYTES : Math.min(HEAD_BYTES, file.size)
      return new Probe(file, reader, await readExactly(reader, 0, length))
    } catch (error) {
      await reader.close()
      throw error
    }
  }

  /** True where it begins with the bytes that were fingerprinted. */
  hasHead({ length, hash }: Fingerprint): boolean {
    return length <= this.head.length && this.#hashOf(length) === hash
  }

  /** True where it begins with these bytes, at most HEAD_BYTES; not where there are none. */
  beginsWith(head: Buffer): boolean {
    return head.length <= this.head.length && this.agreesWith(head)
  }

  /** True where both begin with the same bytes, as far as both go. */
  agreesWith(head: Buffer): boolean {
    const length = Math.min(head.length, this.head.length)
    return length > 0 && this.head.compare(head, 0, length, 0, length) === 0
  }

  /** @throws the system's error, or zlib's */
  async hasAnchor(anchor: Fingerprint): Promise<boolean> {
    return (
      (this.file.compressed || anchor.end <= this.file.size) && matches(anchor, await this.#before(anchor.end, anchor.length))
    )
  }

  /** The bytes before this place, at most ANCHOR_BYTES. @throws the system's error, or zlib's */
  tailAt(position: number): Promise<Buffer> {
    return this.#before(position, Math.min(ANCHOR_BYTES, position))
  }

  /** Of a .gz, all of it is read for that. @throws the system's error, or zlib's */
  async end(): Promise<End> {
    this.#end ??= await endOf(this.file, this.reader)
    return this.#end
  }

  close(): Promise<void> {
    return this.reader.close()
  }

  /** Fewer than `length` where the file ends. What was asked for last is kept: a .gz would be read from its beginning for it again. */
  async #before(end: number, length: number): Promise<Buffer> {
    if (end <= this.head.length) return this.head.subarray(end - length, end)
    if (this.#last?.end !== end || this.#last.bytes.length !== length)
      this.#last = { end, bytes: await readExactly(this.reader, end - length, length) }
    return this.#last.bytes
  }

  #hashOf(length: number): string {
    const hash = this.#hashes.get(length) ?? fingerprint(this.head.subarray(0, length), length).hash
    this.#hashes.set(length, hash)
    return hash
  }
}

/** True where a generation's file has these bytes at this place: a shorter one has not. */
export async function hasEnd(generation: Generation, { length, tail }: End): Promise<boolean> {
  try {
    return tail.equals(await generation.peek(length - tail.length, tail.length))
  } catch (error) {
    const code = codeOf(error)
    if (isShortOfHandles(code) || code === 'ENOENT' || code === 'ESTALE') throw error
    return false // what cannot be read proves nothing
  }
}

async function endOf(file: SeenFile, reader: Reader): Promise<End> {
  if (!file.compressed) {
    const start = Math.max(0, file.size - ANCHOR_BYTES)
    const tail = await readExactly(reader, start, file.size - start)
    return { length: start + tail.length, tail }
  }
  let length = 0
  let tail: Buffer = Buffer.alloc(0)
  for (let bytes = await reader.read(0); bytes.length > 0; bytes = await reader.read(length)) {
    tail = Buffer.concat([tail, bytes.subarray(-ANCHOR_BYTES)]).subarray(-ANCHOR_BYTES)
    length += bytes.length
  }
  return { length, tail }
}
