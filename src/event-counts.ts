/**
 * How many events were read, by log and action (list-counts.ts: by list). Both come from our own tables and the configuration, never
 * from a line, so that they can be labels of a metric. All that a log can hold is counted from 0 on, before it occurs: who compares a
 * counter with what it was (Prometheus) does not see the first events of one that appears with them.
 */
import type { ActionName } from '../parsers/_actions.js'
import { parsers } from '../parsers/_index.js'
import type { Tally } from './diagnostics/status.js'
import { ListCounts } from './list-counts.js'
import type { LogEvent } from './model.js'

/** `none`: no template fitted · `suspect`: a stranger may have written the line, whatever it says */
type CountedAs = ActionName | 'none' | 'suspect'

export class EventCounts {
  readonly lists = new ListCounts()
  readonly #logs = new Map<string, Map<CountedAs, number>>()

  add(log: string, events: readonly LogEvent[]): void {
    const counts = this.#of(log)
    for (const { pattern, values, tags } of events) {
      const isSuspect = tags.includes('mailman_suspect')
      const action = isSuspect ? 'suspect' : (pattern?.action ?? 'none')
      counts.set(action, (counts.get(action) ?? 0) + 1)
      if (pattern !== undefined && !isSuspect) this.lists.add(pattern, values)
    }
  }

  /** @param followed the logs that there are, with or without events */
  byLog(followed: Iterable<string>): Readonly<Record<string, Tally>> {
    for (const log of followed) this.#of(log)
    return Object.fromEntries([...this.#logs].map(([log, counts]) => [log, Object.fromEntries(counts)]))
  }

  #of(log: string): Map<CountedAs, number> {
    let counts = this.#logs.get(log)
    if (counts === undefined) {
      const actions = (parsers.get(log)?.patterns ?? []).map(({ action }) => action)
      counts = new Map([...actions, 'none' as const, 'suspect' as const].map(action => [action, 0]))
      this.#logs.set(log, counts)
    }
    return counts
  }
}
