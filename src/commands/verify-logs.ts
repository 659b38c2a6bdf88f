/**
 * The configured logs as `verify` reads them: first what is there, merged by time, then what is written meanwhile. It remembers
 * nothing on disk, and is independent of the agent.
 */
import { dirname } from 'node:path'
import type { Config } from '../config/options.js'
import { ShipperError } from '../errors.js'
import type { Sources } from '../events/source.js'
import { Generation } from '../files/generation.js'
import { openGzip, openPlain } from '../files/read.js'
import { codeOf, type SeenFile, scan } from '../files/scan.js'
import type { Clock, FileId, LogEvent } from '../model.js'
import { Stream } from '../stream.js'
import { byTime } from './by-time.js'

/** Rotated copies that were last written before are not read. */
const PAST_MS = 14 * 86_400_000
/** Into a file that was renamed Mailman writes on until it is told to reopen its logs. */
const STILL_WRITTEN_MS = 60_000
/** A record that could go on is complete after so long. */
const QUIET_MS = 1000

export class LiveLogs {
  readonly #config: Config
  readonly #sourceOf: Sources
  readonly #clock: Clock
  /** Of files that may grow. */
  readonly #streams = new Map<FileId, Stream>()

  constructor(config: Config, sourceOf: Sources, clock: Clock) {
    this.#config = config
    this.#sourceOf = sourceOf
    this.#clock = clock
  }

  /** All that is there now, as one sequence. @throws ShipperError where something cannot be read, or nothing is there */
  async *past(): AsyncGenerator<LogEvent> {
    const logs = new Map<string, SeenFile[]>()
    for (const file of await this.#scan()) {
      if (file.mtimeMs < this.#clock.now() - PAST_MS) continue
      const key = `${dirname(file.path)} ${file.log}`
      const files = logs.get(key)
      if (files === undefined) logs.set(key, [file])
      else files.push(file)
    }
    if (logs.size === 0) throw new ShipperError('MLS_FILES_NONE', this.#config.logs.directories.join(', '))
    yield* byTime([...logs.values()].map(files => this.#read(files)))
  }

  /** What was written since, in the order of time. @throws ShipperError */
  async more(): Promise<LogEvent[]> {
    for (const file of await this.#scan()) {
      const stream = this.#streams.get(file.id)
      if (stream !== undefined) stream.generation.found(file, this.#clock.now())
      // Copies and packed ones hold what was read already.
      else if (file.rotation === '' && !file.compressed) await this.#open(file)
    }
    const events: LogEvent[] = []
    for (const stream of this.#streams.values()) {
      for await (const some of this.#advance(stream)) events.push(...some)
      const { quietSinceMs } = stream
      if (quietSinceMs !== undefined && this.#clock.monotonic() - quietSinceMs >= QUIET_MS)
        stream.flushQuiet(some => events.push(...some))
    }
    return events.sort((a, b) => a.timestampMs - b.timestampMs)
  }

  async close(): Promise<void> {
    for (const stream of this.#streams.values()) await this.#end(stream)
  }

  /** One log, the oldest file first. */
  async *#read(files: readonly SeenFile[]): AsyncGenerator<LogEvent[]> {
    for (const file of files) {
      const stream = await this.#open(file)
      if (stream === undefined) continue
      yield* this.#advance(stream)
      if (mayGrow(file, this.#clock.now())) continue
      const last: LogEvent[] = []
      stream.generation.finished = true
      stream.finish(events => last.push(...events))
      if (last.length > 0) yield last
      await this.#end(stream)
    }
  }

  /** To its end for now. */
  async *#advance(stream: Stream): AsyncGenerator<LogEvent[]> {
    try {
      for (let more: boolean | undefined = true; more; ) {
        const events: LogEvent[] = []
        more = await stream.advance(this.#clock.monotonic(), some => void events.push(...some))
        if (events.length > 0) yield events
        // It was cut, and is written from its beginning again (logrotate's copytruncate).
        if (more === undefined) await this.#end(stream)
      }
    } catch (error) {
      await this.#end(stream)
      refuse(stream.generation.path, error)
    }
  }

  /** Undefined where the file has gone meanwhile. */
  async #open(file: SeenFile): Promise<Stream | undefined> {
    try {
      const reader = file.compressed ? openGzip(file.path, file.id) : await openPlain(file.path, file.id)
      const generation = new Generation(file, this.#clock.now())
      await generation.begin(reader, true)
      const stream = new Stream(generation, this.#sourceOf)
      this.#streams.set(file.id, stream)
      return stream
    } catch (error) {
      return refuse(file.path, error)
    }
  }

  async #end(stream: Stream): Promise<void> {
    this.#streams.delete(stream.generation.id)
    stream.close()
    await stream.generation.close()
  }

  async #scan(): Promise<SeenFile[]> {
    const { directories, names } = this.#config.logs
    const { files, blocked } = await scan(directories, new Set(names))
    for (const { path, code } of blocked)
      if (code !== 'ENOENT') throw new ShipperError('MLS_FILE_UNREADABLE', `${path} (${code})`)
    return files
  }
}

const mayGrow = ({ rotation, compressed, mtimeMs }: SeenFile, nowMs: number): boolean =>
  !compressed && (rotation === '' || nowMs - mtimeMs < STILL_WRITTEN_MS)

/** What is gone was rotated away; of what cannot be read nothing can be said, so there is no verdict. */
function refuse(path: string, error: unknown): undefined {
  const code = codeOf(error)
  if (code === 'unknown') throw error // a bug: its stack says where
  if (code === 'ENOENT' || code === 'ESTALE') return
  throw new ShipperError(code.startsWith('Z_') ? 'MLS_FILE_DAMAGED' : 'MLS_FILE_UNREADABLE', `${path} (${code})`)
}
