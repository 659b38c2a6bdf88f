/** Texts of strangers as numbers: what is remembered of people and messages, in memory and on disk, is no address. */

const MAX_CHARACTERS = 512

/** Four characters at a time: reading one by one of what was cut out of a line costs three times as much. */
const bytes = Buffer.alloc(MAX_CHARACTERS + 4)
const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
const LOWER_CASE = 0x20202020

/** 32 bits, which V8 keeps without an object, never 0. Upper and lower case are the same, and the same holds of a few other characters. */
export function hashOf(text: string): number {
  const length = bytes.write(text, 0, MAX_CHARACTERS, 'latin1')
  bytes[length] = 0
  bytes[length + 1] = 0
  bytes[length + 2] = 0
  let hash = text.length
  for (let i = 0; i < length; i += 4) {
    hash = Math.imul(hash ^ (words[i >> 2]! | LOWER_CASE), 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return mixed(hash)
}

/** Of two together, in this order; never 0. */
export const paired = (first: number, second: number): number => mixed(Math.imul(first, 0x9e3779b1) ^ second)

/** As MurmurHash3 ends. */
function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16) || 1
}

/** A copy: what is remembered must not keep the whole piece of a file alive that it was cut out of. */
export const owned = (text: string): string => `${text} `.slice(0, -1)
