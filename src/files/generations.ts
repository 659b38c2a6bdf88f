/**
 * All generations, held against what is on the disk at each look. The rules, in order:
 *
 * 1. A generation stays with its inode while the bytes there are still its own (head, anchor).
 * 2. A file that nobody claims is compared with the generations that lost theirs: a rename changes no inode, but copytruncate
 *    and compression do. Where head and anchor agree, the generation goes on there, at its position.
 * 3. A file that holds only bytes of a generation that is still in place is a copy: it is left alone until that changes.
 * 4. Every other file is a new generation, read from its beginning. When that is wrong it only costs work: ids are the same.
 *    An empty file is nobody's yet: it may be the beginning of a copy.
 */
import { dirname } from 'node:path'
import type { Clock, SavedGeneration } from '../model.js'
import { Copies } from './copies.js'
import { Generation } from './generation.js'
import { Gone } from './gone.js'
import { compareAge } from './names.js'
import { OpenFiles } from './open-files.js'
import { Probe } from './probe.js'
import { INCOMPLETE } from './read.js'
import { type Blocked, codeOf, isShortOfHandles, type SeenFile, scan } from './scan.js'

/**
 * A generation whose file is gone is forgotten after being looked for this long: its .gz may still be moved back, or a disk mounted
 * again. Counted within one run, on the monotonic clock: neither a wrong date nor a long time switched off makes forget.
 */
const FORGET_AFTER_MS = 7 * 86_400_000
/** A deleted file is kept open this long after its last byte was read: a process may still write to it. */
const DELETED_QUIET_MS = 60_000
/** Files without a name that are held open because not all of them could be sent yet. */
const MAX_DELETED_FILES = 100
/**
 * What is unread in them. The disk cannot have their room back until they are closed, and they may have been deleted to make room. A
 * million lines are 170 MB: it is what a large site writes in days.
 */
const MAX_DELETED_BYTES = 2 ** 30
/** Generations remembered whose files are gone. */
const MAX_GONE = 500
/** A .gz that is not whole is on its way for so long after its last byte; then it is told of. */
const GZIP_PATIENCE_MS = 60_000
/** So often the directories are listed again for the copy of what was cut: the copy may just be packed the first time. */
const LOOKS_FOR_CUT = 2

export interface Look {
  readonly blocked: readonly Blocked[]
  /** Bytes that were seen and can no longer be read. */
  readonly lost: readonly { readonly path: string; readonly from: number; readonly to: number }[]
  /** Where a file was left that is nowhere now. */
  readonly gone: readonly { readonly path: string; readonly from: number }[]
}

export class Generations {
  readonly #directories: readonly string[]
  readonly #extraNames: ReadonlySet<string>
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>
  readonly #begunMs: number
  #all: Generation[] = []
  readonly #open = new OpenFiles(() => this.#all)
  /** Their files were not there at the last look. They may have been renamed while it went on: they are lost if they are missed again. */
  #missed: Generation[] = []
  /** What the checkpoint holds and no file has been found for yet. */
  #unclaimed: SavedGeneration[]
  readonly #gone: Gone
  readonly #copies = new Copies()

  constructor(
    directories: readonly string[],
    extraNames: ReadonlySet<string>,
    saved: readonly SavedGeneration[],
    clock: Pick<Clock, 'now' | 'monotonic'>,
  ) {
    this.#directories = directories
    this.#extraNames = extraNames
    this.#unclaimed = [...saved]
    this.#gone = new Gone(saved)
    this.#clock = clock
    this.#begunMs = clock.monotonic()
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
    const nowMs = this.#clock.now()
    let { files, blocked } = await scan(this.#directories, this.#extraNames)
    if (blocked.some(({ code }) => isShortOfHandles(code)) && (await this.#open.spare()))
      ({ files, blocked } = await scan(this.#directories, this.#extraNames))
    const free = new Map(files.map(file => [file.id, file]))
    // What cannot be looked at may all be there still.
    const hidden = blocked.filter(({ code }) => code !== 'ENOENT').map(({ path }) => path)
    const losers = this.#missed.filter(({ state }) => state === 'lost')
    this.#missed = []
    for (const generation of this.#all) {
      const isHidden =
        !free.has(generation.id) && hidden.some(path => path === generation.path || path === dirname(generation.path))
      if (isHidden) await generation.lookInside(nowMs, this.#clock.monotonic())
      else if (!(await this.#keep(generation, free, nowMs))) (free.has(generation.id) ? losers : this.#missed).push(generation)
    }
    let isAll = blocked.length === 0
    if (!(await this.#placeAll([...free.values()], nowMs, blocked))) isAll = false
    // What was cut after the directory had been listed has a copy that is younger than the list, and is to be read before the new lines.
    for (let again = 0; again < LOOKS_FOR_CUT && losers.some(({ state }) => state === 'lost'); again++) {
      const taken = new Set(this.#all.filter(({ state }) => state !== 'lost').map(({ id }) => id))
      const { files: now } = await scan(this.#directories, this.#extraNames)
      await this.#placeAll(
        now.filter(({ id }) => !taken.has(id)),
        nowMs,
        blocked,
      )
    }
    const gone = this.#gone.take(this.#unclaimed, files, isAll).map(({ path, anchor }) => ({ path, from: anchor.end }))
    losers.push(...(await this.#forget()))
    if (blocked.length === 0) this.#copies.keep(files, this.#all)
    for (const generation of this.#all)
      if (generation.trouble !== undefined && !isOnItsWay(generation, generation.trouble, nowMs))
        blocked.push({ path: generation.path, code: generation.trouble })
    const age = { lost: 0, deleted: 1, present: 2 }
    this.#all.sort((a, b) => age[a.state] - age[b.state] || compareAge(a, b))
    const lost = losers.filter(isUnread)
    return { blocked, lost: lost.map(({ path, position, size }) => ({ path, from: position, to: size })), gone }
  }

  async close(): Promise<void> {
    for (const generation of this.#all) await generation.close()
  }

  /** Keeps the number of open files bounded. */
  closeIdle(): Promise<void> {
    return this.#open.closeIdle()
  }

  /** @returns false where there was no file to close */
  spare(): Promise<boolean> {
    return this.#open.spare()
  }

  /** False where it has just lost its file. */
  async #keep(generation: Generation, free: Map<string, SeenFile>, nowMs: number): Promise<boolean> {
    if (generation.state === 'lost') return true
    const seen = free.get(generation.id)
    // A .gz that is removed may leave its inode to the next live file.
    const mine = seen !== undefined && seen.log === generation.log && seen.compressed === generation.compressed
    if (mine && (await this.#isStill(generation, seen))) {
      free.delete(seen.id)
      generation.found(seen, nowMs)
      return true
    }
    if (!mine && generation.isOpen) {
      const monotonicMs = this.#clock.monotonic()
      if (generation.state === 'present') {
        generation.dirty = true
        generation.awayMs = monotonicMs
      }
      generation.state = 'deleted'
      await generation.lookInside(nowMs, monotonicMs)
      return true
    }
    await this.#lose(generation)
    return false
  }

  async #lose(generation: Generation): Promise<void> {
    generation.state = 'lost'
    generation.awayMs = this.#clock.monotonic()
    generation.dirty = false
    generation.trouble = undefined
    await generation.close()
  }

  async #isStill(generation: Generation, seen: SeenFile): Promise<boolean> {
    if (seen.size === generation.size && seen.mtimeMs === generation.mtimeMs) return true
    if (!generation.compressed && seen.size < generation.position) return false
    const wasOpen = generation.isOpen
    try {
      return await this.#open.sparing(() => generation.stillMatches(seen.path))
    } catch {
      return true // it cannot be read now; reading will say why
    } finally {
      if (!wasOpen && !this.#open.hasRoom) await generation.close()
    }
  }

  /** For files that are nobody's. @returns false where one could not be looked into */
  async #placeAll(files: readonly SeenFile[], nowMs: number, blocked: Blocked[]): Promise<boolean> {
    let isAll = true
    // A copy may hold all that was read of its original: the file with the inode comes first.
    const known = new Set(this.#unclaimed.map(({ id }) => id))
    for (const file of files.toSorted((a, b) => Number(known.has(b.id)) - Number(known.has(a.id)))) {
      if (file.size === 0) continue
      try {
        await this.#open.sparing(() => this.#place(file, nowMs))
      } catch (error) {
        isAll = false
        // A .gz that is not whole yet, or a file that went away meanwhile: the next look decides.
        const code = codeOf(error)
        if (!['ENOENT', 'ESTALE'].includes(code) && !isOnItsWay(file, code, nowMs)) blocked.push({ path: file.path, code })
      }
    }
    return isAll
  }

  /** Finds out whose bytes a file holds. */
  async #place(file: SeenFile, nowMs: number): Promise<void> {
    if (await this.#copies.has(file)) return
    const probe = await Probe.open(file)
    let used = false
    try {
      used = (await this.#claim(probe, nowMs)) || (await this.#adopt(probe, nowMs))
      if (used || (await this.#copies.find(probe, this.#all))) return
      const generation = new Generation(file, nowMs)
      const keepOpen = !file.compressed && this.#open.hasRoom
      await generation.begin(probe.reader, keepOpen, probe.head)
      used = keepOpen
      this.#all.push(generation)
    } finally {
      if (!used) await probe.close()
    }
  }

  /** For a generation of the checkpoint: first the one with this inode, then any of the same log. */
  async #claim(probe: Probe, nowMs: number): Promise<boolean> {
    const { file } = probe
    const saved =
      (await this.#wanted(probe, ({ id }) => id === file.id)) ?? (await this.#wanted(probe, ({ id }) => id !== file.id))
    if (saved === undefined) return false
    const generation = new Generation(file, nowMs, saved)
    await generation.resume(probe.reader, probe.head, await probe.tailAt(saved.offset))
    // Of most files all was read when the last run ended. What they gain from now on, a hint tells, or the next look.
    generation.dirty = file.compressed || file.size > generation.position
    this.#all.push(generation)
    this.#unclaimed = this.#unclaimed.toSpliced(this.#unclaimed.indexOf(saved), 1)
    return true
  }

  /** Of some of those that are unclaimed, the one whose bytes the file holds. */
  async #wanted(probe: Probe, isAsked: (saved: SavedGeneration) => boolean): Promise<SavedGeneration | undefined> {
    for (const saved of this.#unclaimed)
      if (isAsked(saved) && saved.log === probe.file.log && probe.hasHead(saved.head) && (await probe.hasAnchor(saved.anchor)))
        return saved
    return undefined
  }

  async #adopt(probe: Probe, nowMs: number): Promise<boolean> {
    for (const generation of this.#all) {
      if (generation.state === 'present' || generation.log !== probe.file.log) continue
      if (!probe.beginsWith(generation.head) || !(await probe.hasAnchor(generation.anchorPrint))) continue
      await generation.moveTo(probe.file, probe.reader, nowMs)
      return true
    }
    return false
  }

  /** Returns what was given up although not all of it had been read. */
  async #forget(): Promise<Generation[]> {
    const monotonicMs = this.#clock.monotonic()
    const deleted = this.#all.filter(({ state }) => state === 'deleted')
    let [held, unread] = [0, 0]
    // The newest ones are kept.
    const tooMany = deleted.toReversed().filter(({ size, position }) => {
      unread += Math.max(0, size - position)
      return ++held > MAX_DELETED_FILES || unread > MAX_DELETED_BYTES
    })
    for (const generation of deleted)
      if (tooMany.includes(generation) || (!generation.dirty && monotonicMs - generation.awayMs > DELETED_QUIET_MS))
        await this.#lose(generation)
    const gone = this.#all.filter(({ state }) => state === 'lost').sort((a, b) => b.seenMs - a.seenMs)
    const keep = gone.filter(({ head, awayMs }) => head.length > 0 && monotonicMs - awayMs <= FORGET_AFTER_MS).slice(0, MAX_GONE)
    this.#all = this.#all.filter(generation => generation.state !== 'lost' || keep.includes(generation))
    const isTime = monotonicMs - this.#begunMs > FORGET_AFTER_MS
    this.#unclaimed = isTime ? [] : this.#unclaimed.sort((a, b) => b.seenMs - a.seenMs).slice(0, MAX_GONE)
    return tooMany
  }
}

/** Bytes of it were seen that are nowhere now. */
const isUnread = ({ state, compressed, size, position }: Generation): boolean =>
  state === 'lost' && !compressed && size > position

const isOnItsWay = ({ mtimeMs }: { mtimeMs: number }, code: string, nowMs: number): boolean =>
  code === INCOMPLETE && nowMs - mtimeMs < GZIP_PATIENCE_MS
