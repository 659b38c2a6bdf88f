/** The alerts as people are shown them: what was told to whom, and what they answered. From the announcer's files, whoever asks. */
import type { Alert } from '../alerts/alert.js'
import type { WeeklySpan } from '../config/alerts-options.js'
import { type Acknowledgement, type Answers, noAnswers, readAnswers } from './answers.js'
import { Mutes } from './mutes.js'
import { loadOutbox, type OutboxState } from './outbox.js'
import { rankOf } from './plan.js'

export interface ShownAlert {
  readonly alert: Alert
  /** By which notifiers it was told, and when last. */
  readonly told: readonly { readonly by: string; readonly atMs: number }[]
  /** On the way to these, and not taken yet. */
  readonly waiting: readonly string[]
  readonly acknowledged: Acknowledgement | undefined
  /** Silenced or in a maintenance window until then. */
  readonly mutedUntilMs: number | undefined
}

export interface Shown {
  /** When the agent wrote it. */
  readonly atMs: number
  /** The open ones first, of these the worst, then the newest. */
  readonly alerts: readonly ShownAlert[]
  readonly answers: Answers
}

export interface ShownRules {
  readonly maintenance: readonly WeeklySpan[]
  readonly timezone: string
  readonly nowMs: number
}

export function shownOf(
  { savedMs, seen, lanes }: OutboxState,
  answers: Answers,
  { maintenance, timezone, nowMs }: ShownRules,
): Shown {
  const mutes = new Mutes(answers, maintenance, timezone, nowMs)
  const acknowledged = new Map(answers.acknowledged.map(each => [each.key, each]))
  const alerts = [...seen.values()].map(({ alert }): ShownAlert => {
    const { key } = alert
    return {
      alert,
      told: [...lanes].flatMap(([by, { told }]) => (told.has(key) ? [{ by, atMs: told.get(key)!.lastMs }] : [])),
      waiting: [...lanes].flatMap(([by, { way }]) =>
        way.some(({ notice }) => notice.alerts.some(each => each.key === key)) ? [by] : [],
      ),
      acknowledged: acknowledged.get(key),
      mutedUntilMs: mutes.until(alert, nowMs),
    }
  })
  return { atMs: savedMs, alerts: alerts.sort(byWeight), answers }
}

/** Undefined: no agent has written it, or none of this version. @throws the system's error */
export async function readShown(directory: string, rules: ShownRules): Promise<Shown | undefined> {
  const [outbox, answers] = await Promise.all([loadOutbox(directory), readAnswers(directory)])
  if (outbox === undefined || outbox === 'damaged') return undefined
  return shownOf(outbox, answers === 'damaged' ? noAnswers : answers, rules)
}

function byWeight({ alert: a }: ShownAlert, { alert: b }: ShownAlert): number {
  const isOver = (alert: Alert): number => Number(alert.endedMs !== undefined)
  if (isOver(a) !== isOver(b)) return isOver(a) - isOver(b)
  if (a.endedMs !== undefined && b.endedMs !== undefined) return b.endedMs - a.endedMs
  return rankOf[b.severity] - rankOf[a.severity] || b.sinceMs - a.sinceMs
}
