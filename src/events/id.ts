/**
 * Ids: the same line always gets the same one, wherever and whenever it is read.
 *
 *     <generation>-<offset>-<content>
 *
 * generation: 16 characters of SHA-256 over host name, log name and the generation's first line (at most 1,024 bytes of it),
 * so that a copy, a rotated file and its .gz give what the live file gave · offset: of the record's first line, base 36 ·
 * content: 53 bits over the raw bytes of that line, base 36.
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

/** Two multiply-and-xor lanes of 32 bits over the bytes, folded to 53 bits. Not a cryptographic hash; see above. */
function contentHash(bytes: string): string {
  let a = 0x9e3779b9
  let b = 0x85ebca6b
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes.charCodeAt(i)
    a = Math.imul(a ^ byte, 0x01000193)
    b = Math.imul(b ^ byte, 0x5bd1e995)
  }
  a ^= Math.imul(b ^ (b >>> 15), 0x2c1b3c6d)
  b ^= Math.imul(a ^ (a >>> 13), 0x297a2d39)
  return ((b >>> 0) * 2 ** 21 + ((a ^ (a >>> 16)) >>> 11)).toString(36)
}
