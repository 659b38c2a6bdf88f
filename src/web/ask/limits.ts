/** How often something may be done in an hour, in bounded memory: where no more can be counted, nothing more may be done. */
import { isIPv6 } from 'node:net'

const HOUR_MS = 3_600_000
const MAX_KEYS = 10_000

export class Limits {
  readonly #now: () => number
  readonly #counts = new Map<string, { count: number; readonly endsMs: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Counts one more. @returns 0: it may be done; else the how manieth it is that may not */
  count(key: string, most: number): number {
    const nowMs = this.#now()
    let counted = this.#counts.get(key)
    if (counted === undefined || counted.endsMs <= nowMs) {
      if (counted === undefined && this.#counts.size >= MAX_KEYS) {
        for (const [old, { endsMs }] of this.#counts) if (endsMs <= nowMs) this.#counts.delete(old)
        if (this.#counts.size >= MAX_KEYS) return most + 1
      }
      counted = { count: 0, endsMs: nowMs + HOUR_MS }
      this.#counts.set(key, counted)
    }
    return Math.max(0, ++counted.count - most)
  }
}

/** Who has one address of IPv6 has 2^64 of them. */
export function neighbourhoodOf(address: string): string {
  if (!isIPv6(address)) return address
  const [, version4] = /^::ffff:([\d.]+)$/i.exec(address) ?? []
  if (version4 !== undefined) return version4
  const [head = '', tail = ''] = address.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  if (address.includes('::')) while (groups.length + after.length < 8) groups.push('0')
  return [...groups, ...after]
    .slice(0, 4)
    .map(group => group.replace(/^0+(?=.)/, ''))
    .join(':')
}
