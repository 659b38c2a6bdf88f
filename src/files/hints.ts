/**
 * Which files are said to have changed since they were read. Hints are gathered for a moment: who writes one line writes others
 * soon, and to read and send a hundred costs little more than one.
 */

/** How long the first one waits for others, in milliseconds: no line waits for longer. */
const GATHER_MS = 80

export class Hints {
  #paths = new Set<string>()
  #sinceMs = Number.POSITIVE_INFINITY

  /** Monotonic time at which they are to be taken; never where there are none. */
  get dueMs(): number {
    return this.#sinceMs + GATHER_MS
  }

  /** @returns true for the first one: from now on there is something to wait for */
  add(path: string, nowMs: number): boolean {
    const isFirst = this.#paths.size === 0
    if (isFirst) this.#sinceMs = nowMs
    this.#paths.add(path)
    return isFirst
  }

  take(): Set<string> {
    const paths = this.#paths
    this.#paths = new Set()
    this.#sinceMs = Number.POSITIVE_INFINITY
    return paths
  }
}
