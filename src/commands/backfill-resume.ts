/**
 * How far `backfill` got in each file, so that after Ctrl-C or kill -9 the same command goes on from there, and reads nothing again
 * that it had read. Files are known by their bytes, whatever they are called by then: a rotated log, its copy, its .gz.
 *
 * It stands in the state directory, beside the agent's checkpoint and never in it: the agent may be running. Losing it costs
 * work only, since ids make repetition harmless.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { prepareStateDirectory } from '../checkpoint/directory.js'
import { type Lock, lockStateDirectory } from '../checkpoint/lock.js'
import { CheckpointStore } from '../checkpoint/store.js'
import type { Config } from '../config/options.js'
import { hasBytes } from '../files/identity.js'
import type { Reader } from '../files/read.js'
import type { SeenFile } from '../files/scan.js'
import type { SavedGeneration } from '../model.js'
import type { Stream } from '../stream.js'

/** Files remembered; the state directory stays below 1 MB. */
const MAX_FILES = 1_000

export class Resume {
  readonly #config: Config
  readonly #store: CheckpointStore
  readonly #lock: Lock
  /** What is known of files that are not being read, the last ones read at the end. */
  #kept: SavedGeneration[]
  readonly #streams = new Set<Stream>()

  private constructor(config: Config, store: CheckpointStore, lock: Lock, kept: readonly SavedGeneration[]) {
    this.#config = config
    this.#store = store
    this.#lock = lock
    this.#kept = [...kept]
  }

  /**
   * @param again what was read before is read again
   * @throws ShipperError where the state directory cannot be used, or another backfill uses it
   */
  static async open(config: Config, again: boolean): Promise<Resume> {
    await prepareStateDirectory(config.state.directory)
    const directory = join(config.state.directory, 'backfill')
    await prepareStateDirectory(directory)
    const lock = await lockStateDirectory(directory)
    const store = new CheckpointStore(directory)
    const { checkpoint } = await store.load().catch(async (error: unknown) => {
      await lock.release()
      throw error
    })
    const isOurs = !again && checkpoint?.hostName === (await targetOf(config))
    return new Resume(config, store, lock, isOurs ? checkpoint.generations : [])
  }

  /** What is known of a file; it is `follow`ed next. */
  async claim(file: SeenFile, reader: Reader): Promise<SavedGeneration | undefined> {
    for (const saved of this.#kept) {
      if (saved.log !== file.log || !(await hasBytes(reader, saved.head)) || !(await hasBytes(reader, saved.anchor))) continue
      this.#kept = this.#kept.filter(other => other !== saved)
      return saved
    }
    return undefined
  }

  follow(stream: Stream): void {
    this.#streams.add(stream)
  }

  /** @throws the system's error; the marks before are untouched then */
  async save(): Promise<void> {
    const open: SavedGeneration[] = []
    for (const stream of this.#streams) {
      const saved = stream.save()
      if (!stream.generation.finished || saved.offset !== stream.mark.offset) {
        if (saved.anchor.end > 0) open.push(saved)
        continue
      }
      this.#streams.delete(stream)
      if (saved.anchor.end > 0) this.#kept.push(saved)
    }
    this.#kept = this.#kept.slice(-MAX_FILES)
    await this.#store.save({ hostName: await targetOf(this.#config), generations: [...this.#kept, ...open] })
  }

  close(): Promise<void> {
    return this.#lock.release()
  }
}

/** Whose ids, and where they went: marks of another output, or of a store that was moved away since, say nothing about this one. */
async function targetOf({ host, elasticsearch, ndjson, local }: Config): Promise<string> {
  if (elasticsearch !== undefined) return `${host.name} > ${[...elasticsearch.nodes].sort().join(' ')} ${elasticsearch.namespace}`
  if (ndjson !== undefined) return `${host.name} > ${ndjson.file}`
  const { ino } = await stat(local.file, { bigint: true }).catch(() => ({ ino: 'none' }))
  return `${host.name} > ${local.file} ${ino}`
}
