/**
 * Which ground is settled. Batches of one stream are entered in the order of their lines and may be settled in any order; the
 * stream's mark moves only over the settled beginning.
 *
 * The checkpoint may trail the truth; it may never lead it.
 */
import type { Mark } from '../model.js'

interface Entry {
  readonly mark: Mark
  settled: boolean
}

export class Ledger<Key> {
  readonly #open = new Map<Key, Entry[]>()

  /** @param mark where reading may begin again once this batch, and all before it, are settled */
  enter(key: Key, mark: Mark): { settle(): Mark | undefined } {
    const entry: Entry = { mark, settled: false }
    const entries = this.#open.get(key)
    if (entries === undefined) this.#open.set(key, [entry])
    else entries.push(entry)
    return { settle: () => this.#settle(key, entry) }
  }

  /** True while a batch with lines of this stream is not settled. */
  has(key: Key): boolean {
    return this.#open.has(key)
  }

  /** How far the stream is settled now, or undefined where an earlier batch still is not. */
  #settle(key: Key, entry: Entry): Mark | undefined {
    entry.settled = true
    const entries = this.#open.get(key)!
    let mark: Mark | undefined
    while (entries[0]?.settled) mark = entries.shift()!.mark
    if (entries.length === 0) this.#open.delete(key)
    return mark
  }
}
