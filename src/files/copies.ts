/**
 * Files that hold only bytes of a generation that is still in place: they are left alone for as long as that is so. The proof is the
 * head, and the copy's own end, which must stand in the original at the same place: so an original that is shorter, or that was cut
 * and written anew from the same first bytes on, does not hide the lines of a copy.
 */
import type { FileId } from '../model.js'
import type { Generation } from './generation.js'
import { type End, hasEnd, type Probe } from './probe.js'
import { codeOf, type SeenFile } from './scan.js'

interface Copy {
  /** The size and time for which it was found. */
  readonly version: string
  readonly end: End
  readonly of: Generation
  /** The original's, for which that was found. */
  readonly versionOf: string
}

export class Copies {
  readonly #copies = new Map<FileId, Copy>()
  /** Those .gz that are not whole, or damaged: the version, and what reading them to the end threw. */
  readonly #broken = new Map<FileId, { readonly version: string; readonly error: unknown }>()

  /** True where nothing of the file has changed, and its original still has it. @throws the system's error */
  async has(file: SeenFile): Promise<boolean> {
    const copy = this.#copies.get(file.id)
    if (copy?.version !== versionOf(file) || copy.of.state !== 'present') return false
    if (copy.versionOf === versionOf(copy.of)) return true
    if (!(await hasEnd(copy.of, copy.end))) return false
    this.#copies.set(file.id, { ...copy, versionOf: versionOf(copy.of) })
    return true
  }

  /**
   * True where the file is a copy of one of these, be it one that is not whole yet.
   * @throws the system's error, or zlib's; ESTALE where the next look must decide
   */
  async find(probe: Probe, generations: readonly Generation[]): Promise<boolean> {
    const { file } = probe
    const before = this.#copies.get(file.id)
    const original =
      before !== undefined && holdsNothingNew(probe, before.of) ? before.of : await this.#original(probe, generations)
    if (original === undefined) return false
    this.#copies.set(file.id, {
      version: versionOf(file),
      end: await probe.end(),
      of: original,
      versionOf: versionOf(original),
    })
    return true
  }

  /** Keeps what is known of those files that are there, where their originals are. */
  keep(files: readonly SeenFile[], generations: readonly Generation[]): void {
    const ids = new Set(files.map(({ id }) => id))
    const originals = new Set(generations)
    for (const [id, { of }] of this.#copies) if (!ids.has(id) || !originals.has(of)) this.#copies.delete(id)
    for (const id of this.#broken.keys()) if (!ids.has(id)) this.#broken.delete(id)
  }

  async #original(probe: Probe, generations: readonly Generation[]): Promise<Generation | undefined> {
    for (const generation of generations) {
      if (generation.state !== 'present' || generation.log !== probe.file.log || !probe.agreesWith(generation.head)) continue
      if (await hasEnd(generation, await this.#endOf(probe))) return generation
      if (await generation.stillMatches(generation.path)) continue
      // It was cut after this look had seen it whole: a copy of it could not be told from a new file now.
      generation.mtimeMs = -1 // the next look compares its bytes
      throw Object.assign(new Error('cut meanwhile'), { code: 'ESTALE' })
    }
    return undefined
  }

  /** A .gz is read to its end once for each version of it, also where that fails. */
  async #endOf(probe: Probe): Promise<End> {
    const { file } = probe
    const broken = this.#broken.get(file.id)
    if (broken?.version === versionOf(file)) throw broken.error
    try {
      return await probe.end()
    } catch (error) {
      if (codeOf(error).startsWith('Z_')) this.#broken.set(file.id, { version: versionOf(file), error })
      throw error
    }
  }
}

const versionOf = ({ id, size, mtimeMs }: { id: FileId; size: number; mtimeMs: number }): string => `${id} ${size} ${mtimeMs}`

/** A copy that was made while the original grew: all that it holds had been read when the original was cut. */
const holdsNothingNew = (probe: Probe, original: Generation): boolean =>
  probe.file.rotation !== '' &&
  !probe.file.compressed &&
  original.state === 'lost' &&
  probe.file.size <= original.position &&
  probe.agreesWith(original.head)
