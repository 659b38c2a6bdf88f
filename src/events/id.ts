/**
 * Ids: the same line always gets the same one, wherever and whenever it is read.
 *
 *     <generation>-<offset>-<content>
 *
 * generation: 16 characters of SHA-256 over host name, log name and the generation's first line (at most 1,024 bytes of it),
 * so that a copy, a rotated file and its .gz give what the live file gave · offset: of the record's first line, base 36 ·
 * content: 32 bits over the raw bytes of that line, base 36.
 *
 * Two lines of one generation differ in the offset, so no content that a stranger writes can make two ids equal; the content
 * only tells apart two generations of one log whose first lines are equal to the byte. That is why a fast hash will do there.
 */
import { createHash } from 'node:crypto'

const MAX_FIRST_LINE_BYTES = 1024

/** @param firstLine of the generation, a byte string without its newline; may be longer than what counts. */
export function generationOf(hostName: string, logName: string, firstLine: string): string {
  return createHash('sha256')
    .update(`${hostName}\0${logName}\0`, 'utf8')
    .update(firstLine.slice(0, MAX_FIRST_LINE_BYTES), 'latin1')
    .digest('base64url')
    .slice(0, 16)
}

/** @param line the record's first line, a byte string without its newline. */
export function idOf(generation: string, offset: number, line: string): string {
  return `${generation}-${offset.toString(36)}-${contentHash(line)}`
}

/** A 32-bit hash over the bytes, four at a time (the mixing steps of MurmurHash3). Not a cryptographic hash; see above. */
function contentHash(bytes: string): string {
  const whole = bytes.length & ~3
  let hash = bytes.length
  let at = 0
  for (; at < whole; at += 4) {
    const word =
      bytes.charCodeAt(at) | (bytes.charCodeAt(at + 1) << 8) | (bytes.charCodeAt(at + 2) << 16) | (bytes.charCodeAt(at + 3) << 24)
    hash = mix(hash, word)
  }
  let rest = 0
  for (; at < bytes.length; at++) rest = (rest << 8) | bytes.charCodeAt(at)
  hash = mix(hash, rest)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0).toString(36)
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  const h = hash ^ k
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}
