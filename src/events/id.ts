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

/** @param hash of the record's first line, without its newline (look.ts) */
export const idOf = (generation: string, offset: number, hash: number): string => placeOf(generation, offset) + base36(hash >>> 0)

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz'
/** 00, 01 … zz */
const PAIRS = Array.from(DIGITS, high => Array.from(DIGITS, low => high + low)).flat()
const PAIRS_DASHED = PAIRS.map(pair => `${pair}-`)
/** What can stand before the last four digits of 32 bits, where that is two digits or more: 00 … zz, 100 … 1zz. */
const TOPS = [...PAIRS, ...PAIRS.map(pair => `1${pair}`)]
const TWO_DIGITS = 36 ** 2
const FOUR_DIGITS = 36 ** 4
const FIVE_DIGITS = 36 ** 5

let lastGeneration = ''
let lastHigh = 0
let beginning = '-'

/** `<generation>-<offset>-`. All digits of the offset but two are those of the line before, nearly always. */
function placeOf(generation: string, offset: number): string {
  const high = Math.floor(offset / TWO_DIGITS)
  if (high === 0) return `${generation}-${offset.toString(36)}-`
  if (high !== lastHigh || generation !== lastGeneration) {
    lastHigh = high
    lastGeneration = generation
    beginning = `${generation}-${high.toString(36)}`
  }
  return beginning + PAIRS_DASHED[offset - high * TWO_DIGITS]!
}

/** As `toString(36)`, which is ten times as slow where a number has more than 31 bits. */
function base36(number: number): string {
  if (number < FIVE_DIGITS) return number.toString(36)
  const top = Math.floor(number / FOUR_DIGITS)
  const low = number - top * FOUR_DIGITS
  const high = Math.floor(low / TWO_DIGITS)
  return TOPS[top]! + PAIRS[high]! + PAIRS[low - high * TWO_DIGITS]!
}
