/**
 * What the host tells and the logs do not: queues that stand, configuration that was changed and not loaded, archives that were
 * rewritten, mail that waits for moderators. Each guard is off unless it is configured; names and times are read, and contents only
 * to hash them.
 */
import { type Before, type GuardBoard, nothingCounted, type Severity } from '../alerts/alert.js'
import type { Config } from '../config/options.js'
import { ArchiveGuard } from './archives.js'
import { ConfigurationGuard } from './configuration.js'
import { codeOf, type Guard, type GuardFacts, type GuardName, type Trouble } from './guard.js'
import { HeldGuard } from './held.js'
import { QueueGuard } from './queues.js'

export type { GuardFacts, GuardName } from './guard.js'

/** Of another version it is not read: all is as at a first look then. */
const VERSION = 1

export interface GuardsState {
  readonly version: number
  readonly guards: ReadonlyMap<GuardName, unknown>
  readonly told: ReadonlyMap<string, Told>
}

interface Told extends Pick<Trouble, 'kind' | 'list' | 'about' | 'severity' | 'sinceMs'> {
  readonly guard: GuardName
}

export interface Guards {
  /** To be called every minute; while a look goes on, another call waits for that one. Never rejects. */
  look(nowMs: number): Promise<void>
  /** A post of a person, no digest, went out on this list. */
  posted(list: string, atMs: number): void
  /** Settings that were changed, or loaded by a start, in the `spanMs` before; for `before` of any alert. */
  changesBefore(atMs: number, spanMs: number): Before[]
  /** For `v8.serialize`, and to be kept together with the alerts that are open on the board. */
  readonly state: GuardsState
  /** Ends the look that goes on; nothing is told after it. */
  close(): Promise<void>
}

/** @param saved `state` of before */
export function openGuards({ alerts }: Pick<Config, 'alerts'>, board: GuardBoard, facts: GuardFacts, saved?: unknown): Guards {
  const before = isState(saved) ? saved : undefined
  const { queues, configuration, archives, held } = alerts.guards
  const stateOf = (name: GuardName): unknown => before?.guards.get(name)
  const archive = archives && new ArchiveGuard(archives, facts, stateOf('archives'))
  const settings = configuration && new ConfigurationGuard(configuration, facts, stateOf('configuration'))
  const guards: Guard[] = [
    queues && new QueueGuard(queues, facts, stateOf('queues')),
    settings,
    archive,
    held && new HeldGuard(held, facts, stateOf('held')),
  ].filter(guard => guard !== undefined)
  const told = new Map(before?.told)
  let isClosed = false
  let looking: Promise<void> | undefined

  const lookAll = async (nowMs: number): Promise<void> => {
    // What a guard said that is configured no more.
    for (const [key, each] of told) if (!guards.some(({ name }) => name === each.guard)) end(key, each, nowMs)
    for (const guard of guards) {
      try {
        const troubles = await guard.look(nowMs, () => isClosed)
        if (isClosed) return
        tell(guard.name, troubles, nowMs)
      } catch (error) {
        facts.trouble(guard.name, '', codeOf(error))
      }
    }
  }

  const tell = (guard: GuardName, troubles: readonly Trouble[], nowMs: number): void => {
    const standing = new Set<string>()
    for (const trouble of troubles) {
      const { kind, list, about, severity } = trouble
      const key = JSON.stringify([kind, list, about ?? null])
      standing.add(key)
      const known = told.get(key)
      const isWorse = known !== undefined && severities[severity] > severities[known.severity]
      // It is another alert from here on, which must not have the key of the one that it takes the place of.
      const sinceMs = isWorse ? nowMs : (known?.sinceMs ?? trouble.sinceMs)
      const said = known === undefined || isWorse ? severity : known.severity
      told.set(key, { guard, kind, list, about, severity: said, sinceMs })
      const { about: _, ...rest } = trouble
      board.stands({
        ...nothingCounted,
        ...rest,
        ...(about === undefined ? {} : { about }),
        severity: said,
        sinceMs,
        raisedMs: nowMs,
      })
    }
    for (const [key, each] of told) if (each.guard === guard && !standing.has(key)) end(key, each, nowMs)
  }

  const end = (key: string, { kind, about, list }: Told, nowMs: number): void => {
    told.delete(key)
    board.over(kind, about, list, nowMs)
  }

  return {
    look(nowMs) {
      if (isClosed) return Promise.resolve()
      looking ??= lookAll(nowMs).finally(() => {
        looking = undefined
      })
      return looking
    },
    posted: (list, atMs) => archive?.posted(list, atMs),
    changesBefore: (atMs, spanMs) => settings?.changesBefore(atMs, spanMs) ?? [],
    get state() {
      return { version: VERSION, guards: new Map(guards.map(guard => [guard.name, guard.state])), told }
    },
    async close() {
      isClosed = true
      await looking
    },
  }
}

const severities: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }

/** What a finding has besides, and what only logs can tell. A guard sees it or does not: there is nothing to weigh. */

function isState(saved: unknown): saved is GuardsState {
  return typeof saved === 'object' && saved !== null && (saved as Partial<GuardsState>).version === VERSION
}
