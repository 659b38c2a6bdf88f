/**
 * Who has posted without a moderator, on a list and on the host: remembered as bits, so that no address is kept. Two Bloom filters
 * take turns: what is only in the older one is forgotten when a new one begins.
 */

/** 2^22 bits are 512 KiB; with 4 bits for each of 300,000 entries, one in 3,000 of the unknown is taken for known. */
const BITS = 2 ** 22
const ENTRIES = 300_000

export class People {
  #now = new Uint32Array(BITS / 32)
  #before = new Uint32Array(BITS / 32)
  #entries = 0

  has(key: string): boolean {
    const [a, b] = hashes(key)
    return hasAll(this.#now, a, b) || hasAll(this.#before, a, b)
  }

  add(key: string): void {
    const [a, b] = hashes(key)
    if (hasAll(this.#now, a, b)) return
    if (this.#entries++ >= ENTRIES) {
      this.#before = this.#now
      this.#now = new Uint32Array(BITS / 32)
      this.#entries = 1
    }
    for (let i = 0; i < 4; i++) {
      const bit = (a + Math.imul(i, b)) >>> 10
      this.#now[bit >>> 5]! |= 1 << (bit & 31)
    }
  }
}

function hasAll(bits: Uint32Array, a: number, b: number): boolean {
  for (let i = 0; i < 4; i++) {
    const bit = (a + Math.imul(i, b)) >>> 10
    if ((bits[bit >>> 5]! & (1 << (bit & 31))) === 0) return false
  }
  return true
}

/** Two independent 32-bit hashes of the text (FNV-1a, and its bits mixed as MurmurHash3 ends). */
function hashes(text: string): [number, number] {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  let mixed = hash ^ text.length
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return [mixed ^ (mixed >>> 16), Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) | 1]
}
