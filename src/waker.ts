/** Waiting for a time or a reason, whichever comes first. */
import type { Clock } from './model.js'

/** Else one would be made, with a stack, at each waking. */
const WOKEN = 'woken'

export class Waker {
  readonly #clock: Clock
  #woken = false
  #wake: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Ends the wait at hand, or the next one. */
  wake(): void {
    this.#woken = true
    this.#wake?.()
  }

  async wait(ms: number): Promise<void> {
    if (!this.#woken && ms > 0) {
      const timer = new AbortController()
      this.#wake = () => timer.abort(WOKEN)
      await this.#clock.sleep(ms, timer.signal)
      this.#wake = undefined
    }
    this.#woken = false
  }
}
