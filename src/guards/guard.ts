/** What all guards have in common: what they are told, what they see, and how they say that they cannot see. */
import type { GuardKind, Severity } from '../alerts/alert.js'

export type GuardName = 'queues' | 'configuration' | 'archives' | 'held'

/** What guards are told from the logs, in event time, and whom they tell that they are blind. */
export interface GuardFacts {
  /** The last start of Mailman, all of it: one runner that is started anew loads its own copy of the configuration only. */
  readonly startedMs: number | undefined
  /** Since when it is stopped on purpose; undefined: it is not. */
  readonly stoppedMs: number | undefined
  /** Once for each path and code, when it begins. @param code the system's, or `TOO_MANY`, `TOO_LARGE`: the rest is left out */
  trouble(guard: GuardName, path: string, code: string): void
  recovered(guard: GuardName, path: string): void
}

/** Trouble that lasts. The same kind, list and `about` is the same trouble. */
export interface Trouble {
  readonly kind: GuardKind
  readonly severity: Severity
  readonly list: string | null
  readonly about: string | undefined
  readonly sinceMs: number
  readonly count: number
  readonly lists: number
  readonly words: string
}

export interface Guard {
  readonly name: GuardName
  /**
   * All trouble that there is now, also that of which it was said before and that cannot be looked at now. Does not reject for
   * what it finds on disk. @param isClosed asked between files; the look may end early then
   */
  look(nowMs: number, isClosed: () => boolean): Promise<readonly Trouble[]>
  /** For `v8.serialize`; what the guard is opened with after a restart. */
  readonly state: unknown
}

/** Where one directory is closed, all in it are. */
const MAX_BLOCKED = 20

/** Remembers which paths cannot be read, so that each is said once. */
export class Access {
  readonly #blocked = new Map<string, string>()

  constructor(
    private readonly guard: GuardName,
    private readonly facts: GuardFacts,
  ) {}

  failed(path: string, code: string): void {
    if (this.#blocked.get(path) === code || this.#blocked.size >= MAX_BLOCKED) return
    this.#blocked.set(path, code)
    this.facts.trouble(this.guard, path, code)
  }

  succeeded(path: string): void {
    if (this.#blocked.delete(path)) this.facts.recovered(this.guard, path)
  }
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN'
}
