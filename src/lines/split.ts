/**
 * Bytes → lines, with exact byte offsets. In: chunks of a file as byte strings (latin1: a character is a byte, so lengths are
 * byte counts). Out: complete lines; what follows the last newline waits for more.
 *
 * split2 does the splitting. Three things it does not do are done here: it decodes as UTF-8 unless it is fed strings, it
 * skips over-long lines without a word, and its time is quadratic in an unfinished line. So it is fed byte strings that end with
 * a newline, and what of a line is over the limit never reaches it: that is counted and hashed instead. (Its mapper takes the
 * lines; nothing is pushed to its readable side, so writing to it is a plain call.)
 */
import { createHash, type Hash } from 'node:crypto'
import split2 from 'split2'
import type { Line } from '../model.js'

/** The limit that `run` and `parse` share: both must make the same events. Longer lines are cut, counted and hashed. */
export const MAX_LINE_BYTES = 1 << 20

/**
 * So many zero bytes before a line are a hole, which somebody left who did not append after the file was cut: less than a stamp
 * has, more than anybody writes.
 */
const HOLE_BYTES = 16
const ZEROS = '\0'.repeat(65_536)

/** Zero bytes before a line that are no part of it. */
export interface Hole {
  readonly start: number
  readonly end: number
}

export class LineSplitter {
  readonly #maxLineBytes: number
  readonly #split: ReturnType<typeof split2>
  #lines: Line[] = []
  /** Where the unfinished line begins. */
  #lineStart: number
  /** How many bytes `#parts` has. */
  #held = 0
  /** The unfinished line, as far as it will be kept. */
  #parts: string[] = []
  /** Zero bytes at the beginning of the unfinished line: a hole, perhaps. */
  #zeros = 0
  #holes: Hole[] = []
  /** Set while an over-long line goes on: its hash so far, and how many bytes of it are not kept. */
  #long: { hash: Hash; dropped: number } | undefined

  /** @param offset of the first byte that will be fed. */
  constructor(offset: number, maxLineBytes: number) {
    this.#lineStart = offset
    this.#maxLineBytes = maxLineBytes
    this.#split = split2('\n', (text: string) => this.#take(text), { decodeStrings: false })
  }

  /** Where the line begins that is not complete yet: nothing before it is needed again. */
  get lineStart(): number {
    return this.#lineStart
  }

  /** The offset behind the last byte fed. */
  get end(): number {
    return this.#lineStart + this.#zeros + this.#held + (this.#long?.dropped ?? 0)
  }

  /** The lines that this chunk completes, in order. */
  feed(chunk: string): Line[] {
    if (this.#zeros === 0 && !chunk.includes('\0')) this.#put(chunk)
    else this.#putWithZeros(chunk)
    return this.#handOver()
  }

  /** The holes that were passed over since this was asked last. */
  takeHoles(): readonly Hole[] {
    const holes = this.#holes
    if (holes.length > 0) this.#holes = []
    return holes
  }

  /** The last line of a file that is finished without a newline, or undefined where there is none. Nothing may be fed after it. */
  finish(): Line | undefined {
    this.#endZeros()
    const { end } = this
    if (end === this.#lineStart) return undefined
    this.#write('\n')
    return { ...this.#handOver()[0]!, end, unterminated: true }
  }

  close(): void {
    this.#split.destroy() // never end(): that would emit half a line
  }

  /** Keeps none of them: each holds its whole chunk, and there is a splitter for each file, rotated ones too (P4). */
  #handOver(): Line[] {
    const lines = this.#lines
    this.#lines = []
    return lines
  }

  #put(chunk: string): void {
    const newline = chunk.indexOf('\n')
    const over = this.#held + (newline < 0 ? chunk.length : newline) > this.#maxLineBytes
    const rest = this.#long !== undefined || over ? this.#feedLong(chunk, newline) : chunk
    if (rest !== '') this.#write(rest)
  }

  #putWithZeros(chunk: string): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#held === 0 && this.#long === undefined) {
        const end = endOfZeros(chunk, at)
        this.#zeros += end - at
        at = end
        if (at === chunk.length) return
        this.#endZeros()
      }
      const next = chunk.indexOf('\n\0', at)
      const end = next < 0 ? chunk.length : next + 1
      this.#put(chunk.slice(at, end))
      at = end
    }
  }

  #endZeros(): void {
    const zeros = this.#zeros
    this.#zeros = 0
    if (zeros >= HOLE_BYTES) {
      this.#holes.push({ start: this.#lineStart, end: this.#lineStart + zeros })
      this.#lineStart += zeros
    } else if (zeros > 0) this.#put('\0'.repeat(zeros))
  }

  #write(bytes: string): void {
    const rest = bytes.lastIndexOf('\n') + 1
    if (rest > 0) {
      // What began before is joined with its end alone: the other lines stay parts of the chunk, which is not copied for them.
      const begun = this.#parts.length === 0 ? 0 : bytes.indexOf('\n') + 1
      if (begun > 0) {
        this.#parts.push(bytes.slice(0, begun))
        this.#split.write(this.#parts.join(''))
        this.#parts = []
      }
      this.#held = 0
      if (begun < rest) this.#split.write(begun === 0 && rest === bytes.length ? bytes : bytes.slice(begun, rest))
    }
    if (rest === bytes.length) return
    this.#held += bytes.length - rest
    this.#parts.push(rest === 0 ? bytes : copyOf(bytes, rest))
  }

  /** Keeps what is under the limit, hashes the line, and returns what follows its newline. */
  #feedLong(chunk: string, newline: number): string {
    let over = newline < 0 ? chunk : chunk.slice(0, newline)
    if (this.#long === undefined) {
      const room = Math.max(0, this.#maxLineBytes - this.#held)
      if (room > 0) this.#write(over.slice(0, room))
      over = over.slice(room)
      const hash = createHash('sha256')
      for (const part of this.#parts) hash.update(part, 'latin1')
      this.#long = { hash, dropped: 0 }
    }
    this.#long.hash.update(over, 'latin1')
    this.#long.dropped += over.length
    if (newline < 0) return ''
    this.#write('\n')
    return chunk.slice(newline + 1)
  }

  #take(text: string): void {
    const start = this.#lineStart
    const bytes = text.length + (this.#long?.dropped ?? 0)
    const end = start + bytes + 1
    this.#lineStart = end
    if (bytes <= this.#maxLineBytes) {
      this.#lines.push({ text, start, end })
      return
    }
    const hash = this.#long?.hash ?? createHash('sha256').update(text, 'latin1')
    this.#long = undefined
    this.#lines.push({ text: text.slice(0, this.#maxLineBytes), start, end, long: { bytes, sha256: hash.digest('hex') } })
  }
}

/** The bytes from `start` on, without the chunk: V8's slice would keep all of that until the rest of the line has come. */
const copyOf = (bytes: string, start: number): string => Buffer.from(bytes.slice(start), 'latin1').toString('latin1')

function endOfZeros(text: string, from: number): number {
  if (from === 0 && text.length <= ZEROS.length && text === ZEROS.slice(0, text.length)) return text.length
  let end = from
  while (text.charCodeAt(end) === 0) end++
  return end
}
