/**
 * How many files are open at once. A file stays open from its first look on, so that it can be deleted while its lines cannot be sent
 * (F13): in an outage that is one more with each rotation. Above the limit those that were read to their end are closed, and what
 * comes then is opened when it is read, one of each log at a time: such a file is lost where it is deleted before.
 */
import type { Generation } from './generation.js'
import { codeOf, isShortOfHandles } from './scan.js'

const MAX_OPEN_FILES = 200

export class OpenFiles {
  readonly #all: () => readonly Generation[]
  #max = MAX_OPEN_FILES

  /** @param all in the order in which they are read */
  constructor(all: () => readonly Generation[]) {
    this.#all = all
  }

  get hasRoom(): boolean {
    return this.#count < this.#max
  }

  /**
   * Closes what has been read to its end and does not grow any more. Of the others too many are closed: first, from the oldest on, what
   * has been read; then, from the newest on, what has not, and is opened again when that is its turn.
   */
  async closeIdle(): Promise<void> {
    let open = this.#count
    for (const generation of this.#all()) {
      if (open <= this.#max && !generation.finished) continue
      if (!generation.isOpen || generation.dirty || generation.state === 'deleted') continue
      await generation.close()
      open--
    }
    if (open <= this.#max) return
    for (const generation of this.#all().toReversed()) {
      if (open <= this.#max) break
      if (!generation.isOpen || generation.state === 'deleted') continue
      await generation.close()
      open--
    }
  }

  /**
   * The system gives no more handles: half of the open files are closed, and no more are kept open from now on.
   * @returns false where there was none to close
   */
  async spare(): Promise<boolean> {
    const before = this.#count
    this.#max = Math.max(1, before >> 1)
    await this.closeIdle()
    return this.#count < before
  }

  /** Tries again where there was no handle for it and others could be spared. */
  async sparing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!isShortOfHandles(codeOf(error)) || !(await this.spare())) throw error
      return work()
    }
  }

  get #count(): number {
    let count = 0
    for (const generation of this.#all()) if (generation.isOpen) count++
    return count
  }
}
