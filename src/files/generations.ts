/**
 * All generations, held against what is on the disk at each look. The rules, in order:
 *
 * 1. A generation stays with its inode while the bytes there are still its own (head, anchor).
 * 2. A file that nobody claims is compared with the generations that lost theirs: a rename changes no inode, but copytruncate
 *    and compression do. Where head and anchor agree, the generation goes on there, at its position.
 * 3. A file that holds the bytes of a generation that is still in place is a copy: it is left alone until that changes.
 * 4. Every other file is a new generation, read from its beginning. When that is wrong it only costs work: ids are the same.
 */
import type { SavedGeneration } from '../model.js'
import { Generation } from './generation.js'
import { hasBytes } from './identity.js'
import { compareAge } from './names.js'
import { IncompleteGzip, openGzip, openPlain, type Reader } from './read.js'
import { type Blocked, codeOf, type SeenFile, scan } from './scan.js'

/** A generation whose file is gone is forgotten after this long: its .gz may still be moved back, or a disk mounted again. */
const FORGET_AFTER_MS = 7 * 86_400_000
/** A deleted file is kept open this long after its last byte was read: a process may still write to it. */
const DELETED_QUIET_MS = 60_000
const MAX_OPEN_FILES = 200

export interface LostRange {
  readonly path: string
  readonly from: number
  readonly to: number
}

export interface Look {
  readonly blocked: readonly Blocked[]
  /** Bytes that were seen and can no longer be read. */
  readonly lost: readonly LostRange[]
}

export class Generations {
  readonly #directories: readonly string[]
  readonly #extraNames: ReadonlySet<string>
  readonly #now: () => number
  #all: Generation[] = []
  /** What the checkpoint holds and no file has been found for yet. */
  #unclaimed: SavedGeneration[]
  /** Copies of generations that are still in place: id → size and time for which that was found. */
  readonly #copies = new Map<string, string>()

  constructor(
    directories: readonly string[],
    extraNames: ReadonlySet<string>,
    saved: readonly SavedGeneration[],
    now: () => number,
  ) {
    this.#directories = directories
    this.#extraNames = extraNames
    this.#unclaimed = [...saved]
    this.#now = now
  }

  /** In the order in which they are read: of each log the oldest first. */
  get all(): readonly Generation[] {
    return this.#all
  }

  /** Saved generations whose files are not there; they stay in the checkpoint until they are forgotten. */
  get unclaimed(): readonly SavedGeneration[] {
    return this.#unclaimed
  }

  /** One look at the disk. */
  async look(): Promise<Look> {
    const nowMs = this.#now()
    const { files, blocked } = await scan(this.#directories, this.#extraNames)
    const free = new Map(files.map(file => [file.id, file]))
    const losers: Generation[] = []
    for (const generation of this.#all) if (!(await this.#keep(generation, free, nowMs))) losers.push(generation)
    if (losers.length > 0) this.#copies.clear() // what was a copy may be all there is now
    for (const file of files) {
      if (!free.has(file.id)) continue
      try {
        await this.#place(file, nowMs)
      } catch (error) {
        // A .gz that is not whole yet, or a file that went away meanwhile: the next look decides.
        if (!(error instanceof IncompleteGzip) && !['ENOENT', 'ESTALE'].includes(codeOf(error)))
          blocked.push({ path: file.path, code: codeOf(error) })
      }
    }
    await this.#forget(nowMs)
    this.#all.sort((a, b) => (a.state === b.state ? compareAge(a, b) : a.state === 'present' ? 1 : -1))
    const lost = losers.filter(({ state, compressed, size, position }) => state === 'lost' && !compressed && size > position)
    return { blocked, lost: lost.map(({ path, position, size }) => ({ path, from: position, to: size })) }
  }

  async close(): Promise<void> {
    for (const generation of this.#all) await generation.close()
  }

  /** Keeps the number of open files bounded: closes what has been read to its end, the oldest first. */
  async closeIdle(): Promise<void> {
    let open = this.#all.filter(generation => generation.isOpen).length
    for (const generation of this.#all) {
      if (open <= MAX_OPEN_FILES && !generation.finished) continue
      if (!generation.isOpen || generation.dirty || generation.state === 'deleted') continue
      await generation.close()
      open--
    }
  }

  /** False where it has just lost its file. */
  async #keep(generation: Generation, free: Map<string, SeenFile>, nowMs: number): Promise<boolean> {
    if (generation.state === 'lost') return true
    const seen = free.get(generation.id)
    const mine = seen !== undefined && seen.log === generation.log
    if (mine && (await this.#isStill(generation, seen))) {
      free.delete(seen.id)
      generation.found(seen, nowMs)
      return true
    }
    if (!mine && generation.isOpen) {
      if (generation.state === 'present') generation.dirty = true
      generation.state = 'deleted'
      return true
    }
    generation.state = 'lost'
    generation.dirty = false
    await generation.close()
    return false
  }

  async #isStill(generation: Generation, seen: SeenFile): Promise<boolean> {
    if (seen.size === generation.size && seen.mtimeMs === generation.mtimeMs) return true
    if (!generation.compressed && seen.size < generation.position) return false
    try {
      return await generation.stillMatches()
    } catch {
      return true // it cannot be read now; reading will say why
    }
  }

  /** Finds out whose bytes a file holds. */
  async #place(file: SeenFile, nowMs: number): Promise<void> {
    const version = `${file.size} ${file.mtimeMs}`
    if (this.#copies.get(file.id) === version) return
    const reader = file.compressed ? openGzip(file.path) : await openPlain(file.path, file.id)
    let used = false
    try {
      used = (await this.#claim(file, reader, nowMs)) || (await this.#adopt(file, reader, nowMs))
      if (used) return
      if (await this.#isCopy(file, reader)) this.#copies.set(file.id, version)
      else this.#all.push(new Generation(file, nowMs))
    } finally {
      if (!used) await reader.close()
    }
  }

  /** For a generation of the checkpoint: first the one with this inode, then any of the same log. */
  async #claim(file: SeenFile, reader: Reader, nowMs: number): Promise<boolean> {
    const candidates = this.#unclaimed.filter(saved => saved.log === file.log)
    candidates.sort((a, b) => Number(b.id === file.id) - Number(a.id === file.id))
    for (const saved of candidates) {
      if (!(await holds(reader, file, saved.head, saved.anchor))) continue
      const generation = new Generation(file, nowMs, saved)
      await generation.resume(reader)
      this.#all.push(generation)
      this.#unclaimed = this.#unclaimed.filter(other => other !== saved)
      return true
    }
    return false
  }

  async #adopt(file: SeenFile, reader: Reader, nowMs: number): Promise<boolean> {
    for (const generation of this.#all) {
      if (generation.state === 'present' || generation.log !== file.log || generation.position === 0) continue
      if (!(await holds(reader, file, generation.headPrint, generation.anchorPrint))) continue
      await generation.moveTo(file, reader, nowMs)
      return true
    }
    return false
  }

  async #isCopy(file: SeenFile, reader: Reader): Promise<boolean> {
    for (const generation of this.#all) {
      if (generation.state !== 'present' || generation.log !== file.log || generation.position === 0) continue
      if (await holds(reader, file, generation.headPrint, generation.anchorPrint)) return true
    }
    return false
  }

  async #forget(nowMs: number): Promise<void> {
    const keep: Generation[] = []
    for (const generation of this.#all) {
      const goneMs = generation.state === 'present' ? 0 : nowMs - generation.seenMs
      if (generation.state === 'deleted' && !generation.dirty && goneMs > DELETED_QUIET_MS) {
        generation.state = 'lost'
        await generation.close()
      }
      if (goneMs <= FORGET_AFTER_MS && (generation.state !== 'lost' || generation.position > 0)) keep.push(generation)
      else await generation.close()
    }
    this.#all = keep
    this.#unclaimed = this.#unclaimed.filter(saved => nowMs - saved.seenMs <= FORGET_AFTER_MS)
  }
}

type Print = SavedGeneration['head']

/** True where the file has the bytes of both fingerprints. The size settles most cases unread. */
async function holds(reader: Reader, file: SeenFile, head: Print, anchor: Print): Promise<boolean> {
  if (!file.compressed && file.size < Math.max(head.end, anchor.end)) return false
  return (await hasBytes(reader, head)) && (await hasBytes(reader, anchor))
}
