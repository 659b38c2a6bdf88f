/**
 * Which contents of the configuration Mailman has loaded, and which wait for its next start. Pure: contents are hashes, times come
 * in. A program loads its files when it starts; when a file was changed is its ctime, since deployments keep old modification times.
 */

/** The log tells of a start to the second, and a little after the files were read. */
const START_MS = 1_000
const MAX_LOADS = 50
/** Of a file that is not there. */
const ABSENT = ''

interface Content {
  hash: string
  /** When it came to be so. */
  changedMs: number
  /** Undefined: it was changed between the last start and our first look, so nobody knows. */
  loaded: string | undefined
  /** Of the first change that waits. */
  waitsSinceMs: number | undefined
}

/** Files of one configured path that a start loaded, and that had waited for it. */
export interface Load {
  readonly atMs: number
  readonly changes: readonly Change[]
}

export interface Change {
  readonly name: string
  readonly changedMs: number
}

export interface LoadedState {
  readonly startedMs: number | undefined
  readonly files: ReadonlyMap<string, Content>
  readonly loads: readonly Load[]
}

export class Loaded {
  #startedMs: number | undefined
  readonly #files: Map<string, Content>
  readonly #loads: Load[]
  /** Before the first whole look all files are new to us, and none of them is new. */
  #isKnown: boolean

  constructor(saved?: LoadedState) {
    this.#startedMs = saved?.startedMs
    this.#files = new Map([...(saved?.files ?? [])].map(([name, content]) => [name, { ...content }]))
    this.#loads = [...(saved?.loads ?? [])]
    this.#isKnown = saved !== undefined
  }

  get state(): LoadedState {
    return { startedMs: this.#startedMs, files: this.#files, loads: this.#loads }
  }

  /** What waits, the oldest change first. */
  get waiting(): Change[] {
    return [...this.#files]
      .flatMap(([name, { waitsSinceMs }]) => (waitsSinceMs === undefined ? [] : { name, changedMs: waitsSinceMs }))
      .sort((a, b) => a.changedMs - b.changedMs)
  }

  get loads(): readonly Load[] {
    return this.#loads
  }

  /** Mailman was started: it has what was there by then. @param startedMs the same as before: nothing happened */
  started(startedMs: number | undefined): void {
    if (startedMs === undefined || startedMs <= (this.#startedMs ?? Number.NEGATIVE_INFINITY)) return
    const isFirst = this.#startedMs === undefined
    this.#startedMs = startedMs
    const changes: Change[] = []
    for (const [name, content] of this.#files) {
      const { hash, changedMs, waitsSinceMs } = content
      if (this.#isBeforeStart(waitsSinceMs ?? changedMs)) {
        if (waitsSinceMs !== undefined) changes.push({ name, changedMs: waitsSinceMs })
        const isAll = this.#isBeforeStart(changedMs)
        // It was changed before the start and again after it: what was there in between was not kept.
        content.loaded = isAll ? hash : undefined
        content.waitsSinceMs = isAll ? undefined : changedMs
        if (isAll && hash === ABSENT) this.#files.delete(name)
      } else if (isFirst && waitsSinceMs === undefined) {
        // The log that tells of the start was read after our first look.
        content.loaded = undefined
        content.waitsSinceMs = changedMs
      }
    }
    this.#addLoad(changes)
  }

  /** @param seen name → content and ctime, of all files of a look  @param isWhole no file of the look was left out */
  see(seen: ReadonlyMap<string, { readonly hash: string; readonly ctimeMs: number }>, isWhole: boolean, nowMs: number): void {
    const changes: Change[] = []
    for (const [name, { hash, ctimeMs }] of seen) this.#see(name, hash, ctimeMs, changes)
    if (isWhole) {
      for (const name of this.#files.keys()) if (!seen.has(name)) this.#see(name, ABSENT, nowMs, changes)
      this.#isKnown = true
    }
    // They were changed before the start, and seen after it.
    this.#addLoad(changes)
  }

  #see(name: string, hash: string, ctimeMs: number, changes: Change[]): void {
    const known = this.#files.get(name)
    if (known?.hash === hash) return
    const isLoaded = this.#isBeforeStart(ctimeMs) || (!this.#isKnown && this.#startedMs === undefined)
    if (known === undefined) {
      const loaded = isLoaded ? hash : this.#isKnown ? ABSENT : undefined
      this.#files.set(name, { hash, changedMs: ctimeMs, loaded, waitsSinceMs: isLoaded ? undefined : ctimeMs })
      if (isLoaded && this.#isKnown) changes.push({ name, changedMs: ctimeMs })
      return
    }
    known.hash = hash
    known.changedMs = ctimeMs
    if (isLoaded) {
      changes.push({ name, changedMs: known.waitsSinceMs ?? ctimeMs })
      known.loaded = hash
    }
    const waits = known.loaded !== hash
    known.waitsSinceMs = waits ? (known.waitsSinceMs ?? ctimeMs) : undefined
    if (hash === ABSENT && !waits) this.#files.delete(name)
  }

  #isBeforeStart(atMs: number): boolean {
    return this.#startedMs !== undefined && atMs <= this.#startedMs + START_MS
  }

  #addLoad(changes: readonly Change[]): void {
    if (changes.length === 0 || this.#startedMs === undefined) return
    const last = this.#loads.at(-1)
    if (last?.atMs === this.#startedMs) this.#loads.pop()
    const names = new Map([...(last?.atMs === this.#startedMs ? last.changes : []), ...changes].map(each => [each.name, each]))
    this.#loads.push({ atMs: this.#startedMs, changes: [...names.values()].sort((a, b) => a.changedMs - b.changedMs) })
    if (this.#loads.length > MAX_LOADS) this.#loads.shift()
  }
}
