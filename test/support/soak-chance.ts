/** Chance that a seed repeats. */
import { randomOf } from './chance.mjs'

export class Chance {
  /** From 0 to 1. */
  readonly next: () => number

  constructor(seed: number) {
    this.next = randomOf(seed)
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from)
  }

  below(end: number): number {
    return Math.floor(this.next() * end)
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}
