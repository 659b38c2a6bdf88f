/**
 * What one look at each byte of a text tells: whether it can stand in JSON as it is, whether it may hold a secret, and a hash. It
 * is one loop, as neither of the two that are in it has to wait for the other.
 */

/**
 * Printable ASCII without the two characters that JSON escapes: such text, and each part of it, can stand in JSON as it is. What
 * encoded words (RFC 2047) say can be anything, so it has none.
 */
export const PLAIN = 1
/** It may hold what `redact` takes away. */
export const SUSPICIOUS = 2

export interface Look {
  /** PLAIN, SUSPICIOUS, both, or 0. */
  traits: number
  /** 32 bits, with a sign. Not a cryptographic hash: the mixing steps of MurmurHash3. */
  hash: number
}

/**
 * What `redact` takes away holds one of these, in small letters or capitals, or a character of a secret: passwords, `adminpw`,
 * cookies, authorization, `confirm`, QUERY_STRING, PATH_INFO, PATH_TRANSLATED, REQUEST_URI, `Cannot retrieve template`, `/requests/`,
 * `://` (MAY_HOLD_SECRET in redact.ts knows better). Hardly any other text does. Each place of a hint may be one of several characters.
 */
const HINTS: readonly (readonly string[])[] = [
  ...['pass', 'pw', 'kie', 'auth', 'irm', '_ur', 'iev', '/re', ':/'].map(hint => [...hint]),
  ['hy', '_', 'ist'],
]

// Looked for all at once (the shift-and of Baeza-Yates and Gonnet): each of their 30 places has a bit, which is set while what was
// read last is its hint up to there. The two bits that are left are hints of one place.
const NOT_PLAIN = 1 << 30
const SECRET = 1 << 31
const bitsOf = Int32Array.from({ length: 256 }, (_, code) => {
  const char = String.fromCharCode(code)
  return (/[ !#-[\]-~]/.test(char) ? 0 : NOT_PLAIN) | (/[?$\t]/.test(char) ? SECRET : 0)
})
HINTS.flat().forEach((chars, i) => {
  for (const char of new Set(chars + chars.toUpperCase())) bitsOf[char.charCodeAt(0)]! |= 1 << i
})
const bitsAt = (place: (hint: readonly string[]) => number): number => {
  let end = 0
  let bits = 0
  for (const hint of HINTS) {
    bits |= 1 << (end + place(hint))
    end += hint.length
  }
  return bits
}
const FIRST_BITS = bitsAt(() => 0) | NOT_PLAIN | SECRET
const LAST_BITS = bitsAt(hint => hint.length - 1) | SECRET

/** A copy of what is looked at: it is a slice of its chunk, and `charCodeAt` finds its way into the chunk each time. */
let bytes = Buffer.allocUnsafeSlow(1 << 14)
let view = new DataView(bytes.buffer)
const look: Look = { traits: 0, hash: 0 }

/**
 * @param text a byte string; of other text only what may be a secret is told
 * @returns the same object each time
 */
export function lookAt(text: string): Readonly<Look> {
  const { length } = text
  if (length > bytes.length) {
    bytes = Buffer.allocUnsafeSlow(length * 2)
    view = new DataView(bytes.buffer)
  }
  bytes.write(text, 'latin1')
  const whole = length & ~3
  let hash = length
  let reading = 0
  let read = 0
  let at = 0
  for (; at < whole; at += 4) {
    const word = view.getInt32(at, true)
    hash = mix(hash, word)
    reading = ((reading << 1) | FIRST_BITS) & bitsOf[word & 0xff]!
    read |= reading
    reading = ((reading << 1) | FIRST_BITS) & bitsOf[(word >>> 8) & 0xff]!
    read |= reading
    reading = ((reading << 1) | FIRST_BITS) & bitsOf[(word >>> 16) & 0xff]!
    read |= reading
    reading = ((reading << 1) | FIRST_BITS) & bitsOf[word >>> 24]!
    read |= reading
  }
  let rest = 0
  for (; at < length; at++) {
    const byte = bytes[at]!
    rest = (rest << 8) | byte
    reading = ((reading << 1) | FIRST_BITS) & bitsOf[byte]!
    read |= reading
  }
  const isPlain = (read & NOT_PLAIN) === 0 && ((read & SECRET) === 0 || !text.includes('=?'))
  look.traits = (isPlain ? PLAIN : 0) | ((read & LAST_BITS) !== 0 ? SUSPICIOUS : 0)
  look.hash = finish(mix(hash, rest))
  return look
}

function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  const h = hash ^ k
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
