/** The alerts as they were seen last, open and lately ended: what is told does not depend on whether the detector still knows them. */
import type { Alert } from '../alerts/alert.js'
import { OVER_MS, type Seen } from './plan.js'

const MAX_ENDED = 200
/** One that nobody names for so long is over: who found it has lost it. */
const ABSENT_MS = 10 * 60_000

export class SeenAlerts {
  readonly all: Map<string, Seen>
  /** Of each open one that is not named any more: since when. */
  readonly #absentMs = new Map<string, number>()

  constructor(all: Iterable<readonly [string, Seen]>) {
    this.all = new Map(all)
  }

  /** Copies, since theirs go on. @returns `began`, where one began or ended; `counts`, where nothing but figures changed */
  see(alerts: readonly Alert[], nowMs: number): 'began' | 'counts' | undefined {
    let change: 'began' | 'counts' | undefined
    const named = new Set<string>()
    for (const alert of openFirst(alerts)) {
      // One that became worse has the key of the one that ended thereby.
      if (named.has(alert.key)) continue
      named.add(alert.key)
      const before = this.all.get(alert.key)
      const isOver = alert.endedMs !== undefined
      if (before === undefined || isOver !== (before.endSeenMs !== undefined) || alert.severity !== before.alert.severity)
        change = 'began'
      else if (alert.count === before.alert.count && alert.words === before.alert.words && !isAhead(before, nowMs)) continue
      this.all.set(alert.key, {
        alert: copyOf(alert),
        seenMs: Math.min(before?.seenMs ?? nowMs, nowMs),
        endSeenMs: isOver ? Math.min(before?.endSeenMs ?? nowMs, nowMs) : undefined,
      })
      change ??= 'counts'
    }
    if (this.#closeAbsent(named, nowMs)) change = 'began'
    if (change === 'began') this.#prune(named, nowMs)
    return change
  }

  #closeAbsent(named: ReadonlySet<string>, nowMs: number): boolean {
    let isChanged = false
    for (const [key, seen] of this.all) {
      if (named.has(key) || seen.endSeenMs !== undefined) this.#absentMs.delete(key)
      else {
        const sinceMs = this.#absentMs.get(key) ?? nowMs
        this.#absentMs.set(key, Math.min(sinceMs, nowMs))
        if (nowMs - sinceMs < ABSENT_MS) continue
        this.all.set(key, { ...seen, alert: { ...seen.alert, endedMs: sinceMs }, endSeenMs: nowMs })
        isChanged = true
      }
    }
    return isChanged
  }

  /** Those that are named stay: they would be new at the next look. */
  #prune(named: ReadonlySet<string>, nowMs: number): void {
    const ended = [...this.all]
      .filter(([key, { endSeenMs }]) => endSeenMs !== undefined && !named.has(key))
      .sort(([, a], [, b]) => a.endSeenMs! - b.endSeenMs!)
    for (const [key, { alert, endSeenMs }] of ended.slice(0, Math.max(0, ended.length - MAX_ENDED)))
      if (alert.severity !== 'critical' || nowMs - endSeenMs! > OVER_MS) this.all.delete(key)
  }

  /** Whether one is known to whoever calls `see`; of the others nothing is said for now. */
  isAbsent(key: string): boolean {
    return this.#absentMs.has(key)
  }
}

/** Of those with the same key the one that lasts, or lasted longest. */
const openFirst = (alerts: readonly Alert[]): readonly Alert[] => {
  const endOf = ({ endedMs }: Alert): number => endedMs ?? Number.POSITIVE_INFINITY
  return [...alerts].sort((a, b) => (endOf(a) === endOf(b) ? 0 : endOf(b) - endOf(a)))
}

/** The clock was set back: what waits for a time would wait for long. */
const isAhead = ({ seenMs, endSeenMs }: Seen, nowMs: number): boolean => seenMs > nowMs || (endSeenMs ?? 0) > nowMs

/** JSON knows no infinity. */
function copyOf(alert: Alert): Alert {
  const finite = (value: number): number => (Number.isFinite(value) ? value : 0)
  return { ...alert, usual: finite(alert.usual), evidence: finite(alert.evidence), limit: finite(alert.limit) }
}
