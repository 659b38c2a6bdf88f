/**
 * Documents that the output will never take, kept with the reason: one JSON line each in a file of the state directory, synced
 * before the document counts as settled. Bounded: when it is full, delivery waits rather than drop one (F31).
 *
 * The file always ends with a whole line, or with one that was torn by a crash: that one never counted as settled, is cut off
 * before the next is written, and its document comes again from the log.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { lineOf, SET_ASIDE_FILE, type SetAsideEntry, syncDirectory } from './set-aside-file.js'
import { endOfLines } from './torn-line.js'

export const MAX_SET_ASIDE_BYTES = 64 * 1024 * 1024

/** Runs work while no other process changes the file; rejects where that does not come to be. */
export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>

export class SetAside {
  readonly #directory: string
  readonly #path: string
  readonly #now: () => number
  readonly #exclusively: Exclusively
  #last: Promise<unknown> = Promise.resolve()

  /** @param exclusively keeps out `set-aside retry`, which replaces the file */
  constructor(stateDirectory: string, now: () => number, exclusively: Exclusively = work => work()) {
    this.#directory = stateDirectory
    this.#path = join(stateDirectory, SET_ASIDE_FILE)
    this.#now = now
    this.#exclusively = exclusively
  }

  /** Resolves to undefined when all entries are safe on disk, else to what is wrong, as the end of a sentence. Never rejects. */
  add(entries: readonly SetAsideEntry[]): Promise<string | undefined> {
    // Several batches come at once; a file has one end.
    const added = this.#last.then(() =>
      this.#exclusively(() => this.#append(entries)).catch(
        (error: NodeJS.ErrnoException) => `it cannot be written (${error.code ?? error.name}) to ${this.#path}`,
      ),
    )
    this.#last = added
    return added
  }

  async #append(entries: readonly SetAsideEntry[]): Promise<string | undefined> {
    const at = new Date(this.#now()).toISOString()
    const bytes = Buffer.concat(entries.map(entry => lineOf(at, entry)))
    // Opened anew each time: after a failed sync the old handle says nothing any more (F32), and the file may be another one.
    const file = await open(this.#path, 'a+', 0o600)
    try {
      const size = await cutTornLine(file)
      if (size + bytes.length > MAX_SET_ASIDE_BYTES) return `the limit of 64 MiB is reached by ${this.#path}`
      try {
        await file.writeFile(bytes)
        await file.sync()
        if (size === 0) await syncDirectory(this.#directory) // it may be new
      } catch (error) {
        await file.truncate(size).catch(() => {}) // else they are in it twice, which costs room and nothing more
        throw error
      }
      return undefined
    } finally {
      await file.close()
    }
  }
}

/** Cuts off what stands behind the last newline, and returns the size. */
async function cutTornLine(file: FileHandle): Promise<number> {
  const { size } = await file.stat()
  const end = await endOfLines(file, size)
  if (end < size) await file.truncate(end)
  return end
}
