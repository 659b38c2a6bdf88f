/**
 * `queue-stuck`: messages wait too long in one of Mailman's queue directories. A runner that is dead, hangs, or was given up shows
 * nowhere else: the logs are silent, and silence looks like a quiet night.
 *
 * How long one has waited is not in its name alone. Mailman 2.1 keeps the time of receipt when a message is put into another queue,
 * so a post that a moderator let through after days, and one that is tried again, arrive with an old name; the file is new, so the
 * time it was written counts. But a runner that cannot do its work (the mail server is away, the list is locked) writes its messages
 * anew each round, under the same time: one that is here at every look counts from the first. (2.1: Queue/Runner.py, OutgoingRunner.py.)
 * Mailman 3 gives new names then, so there this guard sees dead runners, and `delivery-failures` the mail server.
 */
import { lstat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { GuardsConfig } from '../config/options.js'
import { Access, codeOf, type Guard, type GuardFacts, type Trouble } from './guard.js'
import { type AsideMemory, asideTrouble } from './queue-aside.js'
import { type Queue, readQueue, type Waiting } from './queue-names.js'
import { many, sayAge } from './say.js'

/** Through these posts pass, in 2.1 (in, out) and 3. The others hold digests, notices, commands, bounces, the archive's copies. */
const ON_THE_WAY: ReadonlySet<string> = new Set(['in', 'pipeline', 'out'])
/** What is here was given up, and stays until somebody takes it back (bin/unshunt) or removes it. */
const ASIDE: ReadonlySet<string> = new Set(['shunt', 'bad'])
/** Its runner writes or moves each file in every round, a quarter of an hour (RetryRunner.py; 3: [runner.retry] sleep_time). */
const RETRY = 'retry'
const RETRY_MS = 2 * 3_600_000
/** So many of the oldest are looked at. */
const KEEP = 200
/** A queue of so many names is looked at less often: it takes a tenth of a second for each 100,000. */
const DEEP = 20_000
const DEEP_MS = 5 * 60_000

interface Memory {
  /** Messages by their name's time → when they were seen here first, and at each look since. */
  seen: ReadonlyMap<string, number>
  aside: AsideMemory | undefined
  trouble: Trouble | undefined
  depth: number
  lookedMs: number
}

export class QueueGuard implements Guard {
  readonly name = 'queues'
  readonly #access: Access
  #queues: Map<string, Memory>

  constructor(
    private readonly options: NonNullable<GuardsConfig['queues']>,
    private readonly facts: GuardFacts,
    saved?: unknown,
  ) {
    this.#access = new Access('queues', facts)
    this.#queues = new Map(saved as ReadonlyMap<string, Memory> | undefined)
  }

  get state(): ReadonlyMap<string, Memory> {
    return this.#queues
  }

  async look(nowMs: number, isClosed: () => boolean): Promise<Trouble[]> {
    const before = this.#queues
    const queues = new Map<string, Memory>()
    const paths: string[] = []
    for (const directory of this.options.directories) {
      const root = await this.#read(directory)
      const inside = root?.directories.map(name => join(directory, name))
      // What cannot be seen now is as it was.
      paths.push(...(inside ?? [...before.keys()].filter(path => path.startsWith(`${directory}/`))))
      // One queue was named, instead of the directory of all.
      if (root !== undefined ? root.depth > 0 : before.has(directory)) paths.push(directory)
    }
    const names = paths.map(path => basename(path))
    for (const path of new Set(paths)) {
      if (isClosed()) return []
      const name = basename(path)
      const about = names.indexOf(name) === names.lastIndexOf(name) ? name : path
      const memory = await this.#lookAt(path, about, before.get(path), nowMs)
      if (memory !== undefined) queues.set(path, memory)
    }
    this.#queues = queues
    return [...queues.values()].flatMap(({ trouble }) => trouble ?? [])
  }

  async #lookAt(path: string, about: string, memory: Memory | undefined, nowMs: number): Promise<Memory | undefined> {
    if (memory !== undefined && memory.depth > DEEP && Math.abs(nowMs - memory.lookedMs) < DEEP_MS) return memory
    const queue = await this.#read(path)
    if (queue === undefined) return memory
    const { depth, oldest } = queue
    const known = memory?.seen ?? new Map<string, number>()
    const seen = new Map(oldest.map(({ when }) => [when, Math.min(known.get(when) ?? nowMs, nowMs)]))
    const next = { seen, depth, lookedMs: nowMs, aside: memory?.aside }
    if (ASIDE.has(basename(path))) return { ...next, seen: new Map(), ...asideTrouble(memory?.aside, about, depth, nowMs) }
    const sinceMs = await waitsSince(path, oldest, basename(path) === RETRY ? new Map() : seen)
    return { ...next, trouble: this.#judge(basename(path), about, queue, sinceMs, memory?.trouble !== undefined, nowMs) }
  }

  #judge(name: string, about: string, queue: Queue, sinceMs: number, stands: boolean, nowMs: number): Trouble | undefined {
    const ageMs = nowMs - sinceMs
    const afterMs = Math.max(this.options.afterMinutes * 60_000, name === RETRY ? RETRY_MS : 0)
    // What was stuck is not well again because its oldest message is a second below the limit.
    if (ageMs <= (stands ? afterMs / 2 : afterMs)) return undefined
    const isCritical = ON_THE_WAY.has(name) && this.facts.stoppedMs === undefined
    const waiting = `${queue.isCut ? 'more than ' : ''}${many(queue.depth, 'message waits', 'messages wait')}`
    const oldest = queue.depth === 1 ? '' : 'the oldest '
    return {
      kind: 'queue-stuck',
      severity: isCritical ? 'critical' : 'warning',
      list: null,
      about,
      sinceMs: Math.floor(sinceMs),
      count: queue.depth,
      lists: 0,
      words: `${waiting} in the queue ${about}, ${oldest}for ${sayAge(ageMs)}`,
    }
  }

  async #read(path: string): Promise<Queue | undefined> {
    try {
      const queue = await readQueue(path, KEEP)
      this.#access.succeeded(path)
      return queue
    } catch (error) {
      this.#access.failed(path, codeOf(error))
      return undefined
    }
  }
}

/** Since when the one waits that has waited longest, of the oldest by their names; `Infinity`: none waits. */
async function waitsSince(path: string, oldest: readonly Waiting[], seen: ReadonlyMap<string, number>): Promise<number> {
  let sinceMs = Number.POSITIVE_INFINITY
  for (const { name, when, whenMs } of oldest) {
    // No file is older than its name says: where a queue stands still, one look at one file is enough.
    if (whenMs >= sinceMs) break
    const { mtimeMs } = await lstat(join(path, name)).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
    // Gone meanwhile: it does not wait.
    if (mtimeMs !== Number.POSITIVE_INFINITY) sinceMs = Math.min(sinceMs, mtimeMs, seen.get(when) ?? mtimeMs)
  }
  return sinceMs
}
