/** A clock that stands until a test moves it. */
import type { Clock } from '../../src/model.js'

export class HeldClock implements Clock {
  #ms = 0
  #sleepers: { readonly until: number; readonly wake: () => void }[] = []

  now(): number {
    return Date.UTC(2026, 10, 20) + this.#ms
  }

  monotonic(): number {
    return this.#ms
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      if (signal?.aborted) return resolve()
      const wake = (): void => {
        signal?.removeEventListener('abort', wake)
        this.#sleepers = this.#sleepers.filter(one => one !== sleeper)
        resolve()
      }
      const sleeper = { until: this.#ms + ms, wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', wake)
    })
  }

  /** How long those who sleep still do, the shortest first. */
  get sleeps(): number[] {
    return this.#sleepers.map(({ until }) => until - this.#ms).sort((a, b) => a - b)
  }

  /** Moves to the next waking; resolves to how far that was. */
  async next(): Promise<number> {
    while (this.#sleepers.length === 0) await new Promise(setImmediate)
    const wait = this.sleeps[0]!
    this.#ms += wait
    const due = this.#sleepers.filter(({ until }) => until <= this.#ms)
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#ms)
    for (const { wake } of due) wake()
    return wait
  }
}
