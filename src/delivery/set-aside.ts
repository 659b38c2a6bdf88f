/**
 * Documents that the output will never take, kept with the reason: one JSON line each in a file of the state directory, synced
 * before the document counts as settled. Bounded: when it is full, delivery waits rather than drop one.
 */
import { open } from 'node:fs/promises'
import { join } from 'node:path'

export interface SetAsideEntry {
  readonly reason: string
  /** The document as it was sent. */
  readonly document: Buffer
}

export const SET_ASIDE_FILE = 'set-aside.ndjson'
const MAX_BYTES = 64 * 1024 * 1024

export class SetAside {
  readonly #path: string
  readonly #now: () => number

  constructor(stateDirectory: string, now: () => number) {
    this.#path = join(stateDirectory, SET_ASIDE_FILE)
    this.#now = now
  }

  /** Returns true when all entries are safe on disk, false when there is no room for them. @throws the system's error */
  async add(entries: readonly SetAsideEntry[]): Promise<boolean> {
    const at = new Date(this.#now()).toISOString()
    const lines = entries.map(({ reason, document }) =>
      Buffer.concat([Buffer.from(`${JSON.stringify({ at, reason }).slice(0, -1)},"document":`), document, Buffer.from('}\n')]),
    )
    const bytes = Buffer.concat(lines)
    const file = await open(this.#path, 'a', 0o600)
    try {
      if ((await file.stat()).size + bytes.length > MAX_BYTES) return false
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    return true
  }
}
