/**
 * The checkpoint on disk: two slots, written in turn, so that one of them is always whole.
 *
 * A slot is a file of two lines: the SHA-256 of the second line in hex, and JSON; the older slot is replaced (whole-file.ts).
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ShipperError } from '../errors.js'
import type { SavedGeneration } from '../model.js'
import { pack, unpack } from './pack.js'
import { replaceFile } from './whole-file.js'

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
  #latest: Checkpoint | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  /**
   * The latest that was to be saved by this process, even where that failed; before there is one, what the disk holds.
   * @throws ShipperError MLS_STATE_NEWER
   */
  async load(): Promise<Loaded> {
    if (this.#latest !== undefined) return { checkpoint: this.#latest, damaged: [] }
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
  async save(checkpoint: Checkpoint): Promise<void> {
    this.#latest = checkpoint
    const { hostName, generations } = checkpoint
    const sequence = this.#sequence + 1
    const json = JSON.stringify({ format: FORMAT, sequence, hostName, ...pack(generations) })
    await replaceFile(join(this.#directory, SLOTS[sequence % 2]!), `${hashOf(json)}\n${json}\n`)
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
