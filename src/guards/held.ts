/** `held-too-long`: messages that have waited for a moderator for many days, by the names and times of Mailman 2.1's files. */
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import type { GuardsConfig } from '../config/options.js'
import { printable } from '../diagnostics/printable.js'
import { Access, codeOf, type Guard, type GuardFacts, type Trouble } from './guard.js'
import { heldNameOf } from './held-name.js'
import { many, sayAge } from './say.js'

const DAY_MS = 24 * 3_600_000
/** Days do not pass faster than that, and each file is asked for its time. */
const EVERY_MS = 15 * 60_000
const MAX_FILES = 50_000

interface Memory {
  readonly lookedMs: number
  readonly trouble: Trouble | undefined
}

export class HeldGuard implements Guard {
  readonly name = 'held'
  readonly #access: Access
  readonly #directories: Map<string, Memory>

  constructor(
    private readonly options: NonNullable<GuardsConfig['held']>,
    facts: GuardFacts,
    saved?: unknown,
  ) {
    this.#access = new Access('held', facts)
    const memories = saved as ReadonlyMap<string, Memory> | undefined
    this.#directories = new Map([...(memories ?? [])].filter(([path]) => options.directories.includes(path)))
  }

  get state(): ReadonlyMap<string, Memory> {
    return this.#directories
  }

  async look(nowMs: number, isClosed: () => boolean): Promise<Trouble[]> {
    for (const directory of this.options.directories) {
      const { lookedMs = Number.NEGATIVE_INFINITY } = this.#directories.get(directory) ?? {}
      if (isClosed() || Math.abs(nowMs - lookedMs) < EVERY_MS) continue
      try {
        this.#directories.set(directory, { lookedMs: nowMs, trouble: await this.#lookAt(directory, nowMs, isClosed) })
        this.#access.succeeded(directory)
      } catch (error) {
        this.#access.failed(directory, codeOf(error))
      }
    }
    return [...this.#directories.values()].flatMap(({ trouble }) => trouble ?? [])
  }

  /** @throws the system's error */
  async #lookAt(directory: string, nowMs: number, isClosed: () => boolean): Promise<Trouble | undefined> {
    const afterMs = this.options.afterDays * DAY_MS
    const lists = new Set<string>()
    let oldest: { list: string; heldMs: number } | undefined
    let files = 0
    let count = 0
    for await (const { name } of await opendir(directory, { bufferSize: 1024 })) {
      const held = heldNameOf(name)
      if (held === undefined) continue
      if (isClosed() || ++files > MAX_FILES) break
      // Decided on meanwhile: it waits no longer.
      const stats = await lstat(join(directory, name)).catch(() => undefined)
      if (stats === undefined || !stats.isFile() || nowMs - stats.mtimeMs <= afterMs) continue
      count++
      lists.add(held.list)
      if (oldest === undefined || stats.mtimeMs < oldest.heldMs) oldest = { list: held.list, heldMs: stats.mtimeMs }
    }
    if (files > MAX_FILES) this.#access.failed(join(directory, 'heldmsg-*'), 'TOO_MANY')
    if (oldest === undefined) return undefined
    const ageMs = nowMs - oldest.heldMs
    const days = many(this.options.afterDays, 'day', 'days')
    return {
      kind: 'held-too-long',
      severity: ageMs > 3 * afterMs ? 'warning' : 'info',
      list: null,
      about: directory,
      sinceMs: Math.floor(oldest.heldMs + afterMs),
      count,
      lists: lists.size,
      words: `${many(count, 'message waits', 'messages wait')} for a moderator for more than ${days}, on ${many(lists.size, 'list', 'lists')}; the oldest for ${sayAge(ageMs)}, on ${printable(oldest.list)}`,
    }
  }
}
