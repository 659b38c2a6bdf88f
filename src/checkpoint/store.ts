/**
 * The checkpoint on disk: two slots, written in turn, so that one of them is always whole.
 *
 * A slot is a file of two lines: the SHA-256 of the second line in hex, and JSON. It is written under a temporary name, synced,
 * renamed over the older slot, and the directory is synced: a power cut leaves the old slot or the new one. After a failed
 * fsync the file is given up, never synced again: the kernel may have dropped the pages.
 */
import { createHash } from 'node:crypto'
import { open, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ShipperError } from '../errors.js'
import type { SavedGeneration } from '../model.js'
import { pack, unpack } from './pack.js'

const FORMAT = 1
const SLOTS = ['checkpoint.0', 'checkpoint.1'] as const

export interface Checkpoint {
  /** Of the host whose ids these are: another one means a cloned machine. */
  readonly hostName: string
  readonly generations: readonly SavedGeneration[]
}

export interface Loaded {
  readonly checkpoint: Checkpoint | undefined
  /** Slots that exist and cannot be used. */
  readonly damaged: readonly string[]
}

export class CheckpointStore {
  readonly #directory: string
  #sequence = 0

  constructor(directory: string) {
    this.#directory = directory
  }

  /** @throws ShipperError MLS_STATE_NEWER */
  async load(): Promise<Loaded> {
    const damaged: string[] = []
    let newest: { sequence: number; checkpoint: Checkpoint } | undefined
    for (const slot of SLOTS) {
      const path = join(this.#directory, slot)
      let content: string
      try {
        content = await readFile(path, 'utf8')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') damaged.push(path)
        continue
      }
      const read = readSlot(content)
      if (read === undefined) damaged.push(path)
      else if (read === 'newer') throw new ShipperError('MLS_STATE_NEWER', path)
      else if (newest === undefined || read.sequence > newest.sequence) newest = read
    }
    this.#sequence = newest?.sequence ?? 0
    return { checkpoint: newest?.checkpoint, damaged }
  }

  /** Returns when the checkpoint is safe on disk. @throws the system's error; the other slot is untouched then */
  async save({ hostName, generations }: Checkpoint): Promise<void> {
    const sequence = this.#sequence + 1
    const json = JSON.stringify({ format: FORMAT, sequence, hostName, ...pack(generations) })
    const path = join(this.#directory, SLOTS[sequence % 2]!)
    const temporary = `${path}.new`
    try {
      const file = await open(temporary, 'w', 0o600)
      try {
        await file.writeFile(`${hashOf(json)}\n${json}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, path)
    } catch (error) {
      await unlink(temporary).catch(() => {})
      throw error
    }
    const directory = await open(this.#directory, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
    this.#sequence = sequence
  }
}

const hashOf = (json: string): string => createHash('sha256').update(json).digest('hex')

function readSlot(content: string): { sequence: number; checkpoint: Checkpoint } | 'newer' | undefined {
  const [hash, json = ''] = content.split('\n', 2)
  if (hash !== hashOf(json)) return undefined
  // The hash says that we wrote it, so its shape is known; only the format may be another one.
  const { format, sequence, hostName, generations, writeIndexes } = JSON.parse(json)
  if (format > FORMAT) return 'newer'
  return { sequence, checkpoint: { hostName, generations: unpack(generations, writeIndexes) } }
}
