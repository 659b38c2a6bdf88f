/**
 * Who has posted without a moderator, on a list and on the host, and which messages were held: remembered as bits, so that no address
 * is kept. Two Bloom filters take turns: what is only in the older one is forgotten when a new one begins.
 */

/** 2^22 bits are 512 KiB. Of the unknown one in 3,000 is taken for known at half of 300,000 entries, one in 250 with all of them. */
const BITS = 2 ** 22
const BITS_OF_ENTRY = 14

export interface PeopleState {
  now: Uint32Array
  before: Uint32Array
  entries: number
  /** In the older one. */
  entriesBefore: number
}

/** @param bits a power of two */
export const noPeople = (bits = BITS): PeopleState => ({
  now: new Uint32Array(bits / 32),
  before: new Uint32Array(bits / 32),
  entries: 0,
  entriesBefore: 0,
})

/** Entries are hashes (hash.ts). */
export class People {
  constructor(private readonly state: PeopleState) {}

  /** About so many entries; who is in both filters counts twice. */
  get size(): number {
    return this.state.entries + this.state.entriesBefore
  }

  has(hash: number): boolean {
    return hasAll(this.state.now, hash) || hasAll(this.state.before, hash)
  }

  add(hash: number): void {
    const { state } = this
    if (hasAll(state.now, hash)) return
    const words = state.now.length
    if (state.entries >= (words * 32) / BITS_OF_ENTRY) {
      state.before = state.now
      state.entriesBefore = state.entries
      state.now = new Uint32Array(words)
      state.entries = 0
    }
    state.entries++
    const step = stepOf(hash)
    const shift = shiftOf(state.now)
    for (let i = 0; i < 4; i++) {
      const bit = (hash + Math.imul(i, step)) >>> shift
      state.now[bit >>> 5]! |= 1 << (bit & 31)
    }
  }
}

function hasAll(bits: Uint32Array, hash: number): boolean {
  const step = stepOf(hash)
  const shift = shiftOf(bits)
  for (let i = 0; i < 4; i++) {
    const bit = (hash + Math.imul(i, step)) >>> shift
    if ((bits[bit >>> 5]! & (1 << (bit & 31))) === 0) return false
  }
  return true
}

const stepOf = (hash: number): number => Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) | 1

/** As many high bits of a hash as name a bit. */
const shiftOf = (words: Uint32Array): number => Math.clz32(words.length) - 4
