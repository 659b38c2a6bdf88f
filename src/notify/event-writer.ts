/**
 * Writes alerts where all events go: one for each moment of an alert. What is written and what is not is kept by
 * whoever keeps the alerts; an event that is written again is known to a store by its id.
 */
import type { Alert } from '../alerts/alert.js'
import { BatchCollector } from '../batches/collect.js'
import type { Output } from '../model.js'
import { type AlertMoment, type AlertSite, alertEvent } from './alert-event.js'

/** Before what is written of alerts that are forgotten is forgotten too. */
const MAX_WRITTEN = 1_000
/** It grew: so many times what was written at its beginning, and so many more. */
const GROWN_TIMES = 10
const GROWN_BY = 20

interface Missing {
  readonly alert: Alert
  readonly moment: AlertMoment
  readonly atMs: number
}

/** `key moment` of what is settled, with the count that was written; the oldest first. */
export type Written = readonly (readonly [string, number])[]

export class AlertEventWriter {
  readonly #output: Output
  readonly #site: AlertSite
  readonly #collector = new BatchCollector({ maxBytes: 524_288, maxEvents: 100 })
  readonly #ended = new AbortController()
  readonly #nowMs: () => number
  readonly #acknowledgedMs: (key: string) => number | undefined
  readonly #written: Map<string, number>
  #writing: Promise<void> | undefined

  /** @param acknowledgedMs when somebody said that an alert is known; undefined: nobody has */
  constructor(
    output: Output,
    site: AlertSite,
    nowMs: () => number,
    acknowledgedMs: (key: string) => number | undefined,
    written: Written = [],
  ) {
    this.#output = output
    this.#site = site
    this.#acknowledgedMs = acknowledgedMs
    this.#nowMs = nowMs
    this.#written = new Map(written)
  }

  /** What to give to the next one. */
  get state(): Written {
    return [...this.#written]
  }

  /** Writes what is not written, beside whatever else goes on; what was not taken is tried again at the next call. */
  update(alerts: readonly Alert[]): void {
    if (this.#writing !== undefined || this.#ended.signal.aborted) return
    const missing = alerts.flatMap(alert => this.#missingOf(alert))
    if (this.#written.size > MAX_WRITTEN) this.#forget(new Set(alerts.map(({ key }) => key)))
    if (missing.length === 0) return
    this.#writing = this.#write(missing.slice(0, 100)).finally(() => {
      this.#writing = undefined
    })
  }

  /** Waits for what is on the way, a moment at most. */
  async close(patienceMs: number): Promise<void> {
    const patience = setTimeout(() => this.#ended.abort(), patienceMs)
    await this.#writing
    clearTimeout(patience)
    this.#ended.abort()
  }

  #forget(known: ReadonlySet<string>): void {
    for (const written of this.#written.keys()) if (!known.has(written.split(' ')[0]!)) this.#written.delete(written)
  }

  #missingOf(alert: Alert): Missing[] {
    const { key, raisedMs, endedMs, count } = alert
    const before = this.#written.get(`${key} raised`)
    const grew = before !== undefined && count >= GROWN_TIMES * before && count >= before + GROWN_BY
    const moments: readonly [AlertMoment, number | undefined][] = [
      ['raised', raisedMs],
      ['grown', grew && endedMs === undefined ? this.#nowMs() : undefined],
      ['acknowledged', this.#acknowledgedMs(key)],
      ['ended', endedMs],
    ]
    return moments.flatMap(([moment, atMs]) =>
      atMs === undefined || this.#written.has(`${key} ${moment}`) ? [] : [{ alert, moment, atMs }],
    )
  }

  async #write(moments: readonly Missing[]): Promise<void> {
    const counts = moments.map(({ alert }) => alert.count)
    for (const { alert, moment, atMs } of moments) {
      const event = alertEvent(alert, moment, atMs, this.#site)
      this.#collector.add(this.#output.prefix(event), event)
    }
    const batch = this.#collector.take()
    // It may have been written before the last save: by an agent that was killed then.
    const answer = await this.#output.write({ ...batch, doubts: [new Map()] }, this.#ended.signal)
    this.#collector.release(batch)
    if ('holdUp' in answer) return
    answer.outcomes.forEach(({ status }, i) => {
      if (status === 'retry') return
      const { alert, moment } = moments[i]!
      this.#written.set(`${alert.key} ${moment}`, counts[i]!)
    })
  }
}
