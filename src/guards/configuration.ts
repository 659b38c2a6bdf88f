/**
 * `config-not-loaded`: a file of Mailman's configuration was changed, and Mailman runs with what was there before. Nothing is wrong
 * yet; it goes wrong at a restart weeks later, when nobody remembers. A touch, or a change that was taken back, is none.
 */
import { basename } from 'node:path'
import type { Before } from '../alerts/alert.js'
import type { GuardsConfig } from '../config/options.js'
import { printable } from '../diagnostics/printable.js'
import { type FoundFile, findFiles, hashFile } from './configuration-files.js'
import { isSame, type Signature } from './contents.js'
import { Access, codeOf, type Guard, type GuardFacts, type Trouble } from './guard.js'
import { type Change, Loaded, type LoadedState } from './loaded.js'
import { many, sayAge } from './say.js'

const HOUR_MS = 3_600_000
const NAMED = 3
const MAX_NAME = 80

interface Seen {
  readonly signature: Signature
  readonly hash: string
}

interface Path {
  readonly loaded: Loaded
  seen: Map<string, Seen>
}

interface SavedPath {
  readonly loaded: LoadedState
  readonly seen: ReadonlyMap<string, Seen>
}

export class ConfigurationGuard implements Guard {
  readonly name = 'configuration'
  readonly #access: Access
  readonly #paths: ReadonlyMap<string, Path>

  constructor(
    private readonly options: NonNullable<GuardsConfig['configuration']>,
    private readonly facts: GuardFacts,
    saved?: unknown,
  ) {
    this.#access = new Access('configuration', facts)
    const before = saved as ReadonlyMap<string, SavedPath> | undefined
    this.#paths = new Map(
      options.files.map(path => [
        path,
        { loaded: new Loaded(before?.get(path)?.loaded), seen: new Map(before?.get(path)?.seen) },
      ]),
    )
  }

  get state(): ReadonlyMap<string, SavedPath> {
    return new Map([...this.#paths].map(([path, { loaded, seen }]) => [path, { loaded: loaded.state, seen }]))
  }

  async look(nowMs: number, isClosed: () => boolean): Promise<Trouble[]> {
    const { startedMs } = this.facts
    for (const [path, state] of this.#paths) {
      state.loaded.started(startedMs)
      const { files, isWhole, blocked } = await findFiles(path)
      const seen = new Map<string, Seen>()
      let isRead = true
      for (const file of files) {
        if (isClosed()) return []
        const known = await this.#hash(file, state.seen.get(file.name))
        if (known === undefined) isRead = false
        else seen.set(file.name, known)
      }
      for (const { path: where, code } of blocked) this.#access.failed(where, code)
      if (isWhole) this.#access.succeeded(path)
      // A file that is named itself may be removed; it is missing from the start where the name is wrong.
      const isGone = blocked.length === 1 && blocked[0]?.code === 'ENOENT' && blocked[0].path === path && state.seen.size === 1
      if (isWhole || isGone) state.seen = seen
      else for (const [name, each] of seen) state.seen.set(name, each)
      const contents = new Map([...seen].map(([name, { hash, signature }]) => [name, { hash, ctimeMs: signature.ctimeMs }]))
      state.loaded.see(contents, isGone || (isWhole && isRead), nowMs)
    }
    return [...this.#paths].flatMap(([path, { loaded }]) => this.#troubleOf(path, loaded.waiting, nowMs) ?? [])
  }

  /**
   * What was changed or loaded in that time, the last first: what a start made true of changes that had waited is why things broke at
   * that start. Also what no look has seen yet: only that Mailman was started.
   * @param spanMs how long before `atMs`
   */
  changesBefore(atMs: number, spanMs: number): Before[] {
    const isIn = (whenMs: number): boolean => whenMs <= atMs && whenMs > atMs - spanMs
    const found: Before[] = []
    for (const [path, { loaded }] of this.#paths) {
      loaded.started(this.facts.startedMs)
      for (const { atMs: startMs, changes } of loaded.loads)
        if (isIn(startMs)) found.push({ atMs: startMs, what: 'setting', text: sayLoaded(path, changes, startMs) })
      for (const { name, changedMs } of loaded.waiting.filter(change => isIn(change.changedMs)).slice(-NAMED))
        found.push({ atMs: changedMs, what: 'setting', text: `${sayName(name)} was changed, and is not loaded yet` })
    }
    return found.sort((a, b) => b.atMs - a.atMs)
  }

  #troubleOf(path: string, waiting: readonly Change[], nowMs: number): Trouble | undefined {
    const [first] = waiting
    if (first === undefined || nowMs - first.changedMs <= this.options.afterHours * HOUR_MS) return undefined
    const age = sayAge(nowMs - first.changedMs)
    return {
      kind: 'config-not-loaded',
      severity: 'warning',
      list: null,
      about: path,
      sinceMs: Math.floor(first.changedMs),
      count: waiting.length,
      lists: 0,
      words:
        waiting.length === 1
          ? `${sayName(first.name)} was changed ${age} ago, and Mailman has not loaded it: the next start will`
          : `${sayFiles(path, waiting)} were changed, the first ${age} ago, and Mailman has not loaded them: the next start will`,
    }
  }

  async #hash(file: FoundFile, known: Seen | undefined): Promise<Seen | undefined> {
    const { path, signature } = file
    if (known !== undefined && isSame(known.signature, signature)) return known
    try {
      const hash = await hashFile(file)
      this.#access.succeeded(path)
      return { signature, hash }
    } catch (error) {
      this.#access.failed(path, codeOf(error))
      return undefined
    }
  }
}

function sayLoaded(path: string, changes: readonly Change[], startMs: number): string {
  const age = sayAge(startMs - changes[0]!.changedMs)
  return changes.length === 1
    ? `${sayName(changes[0]!.name)}, changed ${age} before, was loaded by this start`
    : `${sayFiles(path, changes)}, the first changed ${age} before, were loaded by this start`
}

function sayFiles(path: string, changes: readonly Change[]): string {
  const names = changes.slice(0, NAMED).map(({ name }) => sayName(name))
  const more = changes.length > NAMED ? '…' : ''
  return `${many(changes.length, 'file', 'files')} below ${sayName(basename(path))} (${names.join(', ')}${more})`
}

const sayName = (name: string): string => printable(name.slice(0, MAX_NAME))
