/** When nothing is said of an alert: silences of people, and maintenance windows of the configuration. */
import type { Alert } from '../alerts/alert.js'
import type { WeeklySpan } from '../config/alerts-options.js'
import { type Answers, isSilenced } from './answers.js'
import { type Stretch, stretchesOf } from './spans.js'

interface Mute extends Stretch {
  matches(alert: Pick<Alert, 'list' | 'kind'>): boolean
}

export class Mutes {
  readonly #mutes: readonly Mute[]

  constructor({ silences }: Pick<Answers, 'silences'>, maintenance: readonly WeeklySpan[], zone: string, nowMs: number) {
    this.#mutes = [
      ...silences.map(each => ({
        fromMs: each.fromMs,
        toMs: each.untilMs,
        matches: (alert: Pick<Alert, 'list' | 'kind'>) => isSilenced(each, alert),
      })),
      ...maintenance.flatMap(span => stretchesOf(span, zone, nowMs)).map(stretch => ({ ...stretch, matches: () => true })),
    ]
  }

  /** Until when the alert is muted that is so at `atMs`; undefined: it is not. */
  until(alert: Pick<Alert, 'list' | 'kind'>, atMs: number): number | undefined {
    let untilMs: number | undefined
    for (const { fromMs, toMs, matches } of this.#mutes)
      if (fromMs <= atMs && atMs < toMs && matches(alert)) untilMs = Math.max(untilMs ?? 0, toMs)
    return untilMs
  }

  /** Whether something that muted it ended after `sinceMs`, and before or at `nowMs`. */
  endedSince(alert: Pick<Alert, 'list' | 'kind'>, sinceMs: number, nowMs: number): boolean {
    return this.#mutes.some(({ toMs, matches }) => sinceMs < toMs && toMs <= nowMs && matches(alert))
  }
}
