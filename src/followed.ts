/** The generations that are followed, each with its stream; which of them is read next. */
import type { FileStatus } from './checkpoint/status-file.js'
import type { Config } from './config/options.js'
import type { Sources } from './events/source.js'
import type { Generation } from './files/generation.js'
import { Generations } from './files/generations.js'
import { Hints } from './files/hints.js'
import { INCOMPLETE } from './files/read.js'
import { type Blocked, codeOf, isShortOfHandles } from './files/scan.js'
import { type Watch, watch } from './files/watch.js'
import type { Clock, LogEvent, SavedGeneration } from './model.js'
import { Stream } from './stream.js'
import { LOOK_AGAIN_MS, LOOK_MS } from './timing.js'

export interface FileEvents {
  /** A place that cannot be read, from now on. */
  blocked(path: string, code: string): void
  /** It can be read again. */
  unblocked(path: string): void
  /** Bytes that were seen and can no longer be read. */
  lost(path: string, from: number, to: number): void
  /** A file that was followed up to `from` by the last run is nowhere now. */
  gone?(path: string, from: number): void
  /** Zero bytes between lines that were passed over. */
  hole?(path: string, from: number, to: number): void
}

export class Followed {
  readonly #config: Config
  readonly #generations: Generations
  readonly #sourceOf: Sources
  readonly #clock: Clock
  readonly #events: FileEvents
  readonly #streams = new Map<Generation, Stream>()
  /** Those whose place another file has, as far as the last reading knows. */
  readonly #replaced = new WeakSet<Generation>()
  /** Places that cannot be read, with the system's code. */
  blocked: ReadonlyMap<string, string> = new Map()
  readonly #hints = new Hints()
  #wake = (): void => {}
  #watch: Watch | undefined
  /** Monotonic time of the last look. */
  lookedAt = Number.NEGATIVE_INFINITY
  /** Something is to be seen that no reading finds. */
  #isLookWanted = false
  #lastLog = ''

  constructor(config: Config, saved: readonly SavedGeneration[], sourceOf: Sources, clock: Clock, events: FileEvents) {
    this.#config = config
    this.#generations = new Generations(config.logs.directories, new Set(config.logs.names), saved, clock)
    this.#sourceOf = sourceOf
    this.#clock = clock
    this.#events = events
  }

  get streams(): Iterable<Stream> {
    return this.#streams.values()
  }

  /** From now on there are hints; `wake` is called where they make something due earlier. */
  watch(wake: () => void): void {
    this.#wake = wake
    const onRename = (): void => {
      if (this.#isLookWanted) return
      this.#isLookWanted = true
      wake()
    }
    this.#watch = watch(this.#config.logs.directories, path => this.hint(path), onRename)
  }

  /** This file changed, says the system. */
  hint(path: string): void {
    if (this.#hints.add(path, this.#clock.monotonic())) this.#wake()
  }

  get hasUnread(): boolean {
    return this.#hints.dueMs < Number.POSITIVE_INFINITY || this.#generations.all.some(generation => generation.dirty)
  }

  /** Monotonic time at which `keepUp` has something to do. */
  get dueMs(): number {
    return Math.min(this.lookedAt + (this.#isLookWanted ? LOOK_AGAIN_MS : LOOK_MS), this.#hints.dueMs)
  }

  /** Looks, and takes hints, where that is due. */
  async keepUp(): Promise<void> {
    const nowMs = this.#clock.monotonic()
    if (nowMs >= this.#hints.dueMs) this.#follow(this.#hints.take())
    if (nowMs >= this.dueMs) await this.look()
  }

  /** The logs of which something is to be read. */
  get unread(): Set<string> {
    const logs = new Set<string>()
    for (const { dirty, log } of this.#generations.all) if (dirty) logs.add(log)
    return logs
  }

  async look(): Promise<void> {
    this.lookedAt = this.#clock.monotonic()
    this.#isLookWanted = false
    const { blocked, lost, gone } = await this.#generations.look()
    this.#compareBlocked(blocked)
    for (const { path, from, to } of lost) this.#events.lost(path, from, to)
    for (const { path, from } of gone) this.#events.gone?.(path, from)
    const all = new Set(this.#generations.all)
    for (const generation of this.#streams.keys()) if (!all.has(generation)) this.#forget(generation)
    for (const generation of all)
      if (!this.#streams.has(generation)) this.#streams.set(generation, new Stream(generation, this.#sourceOf))
    await this.#generations.closeIdle()
  }

  /**
   * The stream to read next: of each log the oldest with unread bytes; the logs take turns; one without a batch on the way is
   * preferred, for another could not be sent yet.
   * @param isAhead a log that is not read while there are others
   */
  next(isBusy: (stream: Stream) => boolean, isAhead: (log: string) => boolean = () => false): Stream | undefined {
    const oldest = new Map<string, Stream>()
    for (const generation of this.#generations.all)
      if (generation.dirty && !oldest.has(generation.log)) oldest.set(generation.log, this.#streams.get(generation)!)
    const all = [...oldest.keys()].sort()
    const behind = all.filter(log => !isAhead(log))
    const logs = behind.length > 0 ? behind : all
    const after = logs.findIndex(log => log > this.#lastLog)
    const turn = after < 0 ? logs : [...logs.slice(after), ...logs.slice(0, after)]
    const log = turn.find(log => !isBusy(oldest.get(log)!)) ?? turn[0]
    if (log === undefined) return undefined
    this.#lastLog = log
    return oldest.get(log)
  }

  async read(stream: Stream, take: (events: LogEvent[]) => Promise<void> | undefined, atOnce?: number): Promise<void> {
    const { generation } = stream
    try {
      const isSame = (await stream.advance(this.#clock.monotonic(), take, atOnce)) !== undefined
      for (const { start, end } of stream.takeHoles()) this.#events.hole?.(generation.path, start, end)
      if (!generation.dirty) await this.#generations.closeIdle()
      if (isSame) {
        this.#replaced.delete(generation)
        return
      }
      // Another file has its place: look soon. Where that helps nothing, as the directory cannot be read, the next look will.
      if (!this.#replaced.has(generation)) this.#isLookWanted = true
      this.#replaced.add(generation)
    } catch (error) {
      const code = codeOf(error)
      if (isShortOfHandles(code) && (await this.#generations.spare())) return
      if (code !== 'ENOENT' && code !== 'ESTALE') this.#report(generation, code)
      generation.dirty = false
      if (code.startsWith('Z_')) return // what is no whole .gz is read again when it has changed
    }
    generation.dirty = false
    generation.mtimeMs = -1 // the next look compares its bytes, and has it read again
  }

  /** Gives out the records that are open since then, monotonic, or for longer. */
  flushQuiet(sinceMs: number, take: (stream: Stream, events: LogEvent[]) => void): void {
    for (const stream of this.#streams.values())
      if ((stream.quietSinceMs ?? Number.POSITIVE_INFINITY) <= sinceMs) stream.flushQuiet(events => take(stream, events))
  }

  /** What the checkpoint keeps: every generation of which something was read, and those whose files are away. */
  save(): SavedGeneration[] {
    const saved = [...this.#generations.unclaimed]
    for (const stream of this.#streams.values()) if (stream.generation.position > 0) saved.push(stream.save())
    return saved
  }

  /** A line for each file, for `status`. */
  status(nowMs: number): FileStatus[] {
    return [...this.#streams.values()].map(stream => {
      const { log, path, state, compressed, size } = stream.generation
      const { lagBytes } = stream
      if (lagBytes === 0 || state === 'lost') stream.caughtUpMs = nowMs
      const lagSeconds = Math.round((nowMs - stream.caughtUpMs) / 1000)
      return { log, path, state, compressed, offset: stream.settled.offset, size, lagBytes, lagSeconds }
    })
  }

  async close(): Promise<void> {
    await this.#watch?.close()
    for (const stream of this.#streams.values()) stream.close()
    await this.#generations.close()
  }

  /** These are to be read. A file that is not known by that name may be one that has another name or a link to it: a look will tell. */
  #follow(paths: Set<string>): void {
    for (const generation of this.#generations.all)
      if (generation.state === 'present' && paths.delete(generation.path)) generation.dirty = true
    if (paths.size > 0) this.#isLookWanted = true
  }

  /** Reading failed; a .gz may be on its way still, which the next looks decide. */
  #report(generation: Generation, code: string): void {
    generation.trouble = code
    if (code === INCOMPLETE || this.blocked.get(generation.path) === code) return
    this.#events.blocked(generation.path, code)
    this.blocked = new Map(this.blocked).set(generation.path, code)
  }

  /** Tells what changed since the last look. */
  #compareBlocked(seen: readonly Blocked[]): void {
    const now = new Map(seen.map(({ path, code }) => [path, code]))
    for (const [path, code] of now) if (this.blocked.get(path) !== code) this.#events.blocked(path, code)
    for (const path of this.blocked.keys()) if (!now.has(path)) this.#events.unblocked(path)
    this.blocked = now
  }

  #forget(generation: Generation): void {
    this.#streams.get(generation)?.close()
    this.#streams.delete(generation)
  }
}
