/**
 * What is to be told of an alert now, by one notifier, from what is so and what it was told: no moment that a crash could swallow
 * has a part in it. Pure; all times but the alert's own are the clock's.
 */
import type { Alert, Severity } from '../alerts/alert.js'
import type { LeastSeverity } from '../config/alerts-options.js'
import type { Mutes } from './mutes.js'
import type { Moment } from './notice.js'

/** An alert as it was seen last. */
export interface Seen {
  readonly alert: Alert
  /** When it was seen first, and first with its end. */
  readonly seenMs: number
  readonly endSeenMs: number | undefined
}

/** What a notifier believes of an alert. */
export interface Told {
  /** When it was told last, and when it had raised it. */
  readonly lastMs: number
  readonly severity: Severity
  readonly count: number
  /** That it grew was told; once is enough. */
  readonly grown: boolean
  readonly ended: boolean
}

export interface Rules {
  readonly nowMs: number
  readonly mutes: Mutes
  /** Quiet hours: what is not critical waits. */
  readonly isQuiet: boolean
  readonly repeatMs: number
  isAcknowledged(key: string): boolean
}

export interface Due {
  readonly seen: Seen
  readonly moment: Extract<Moment, 'raised' | 'grown' | 'repeated' | 'ended'>
  /** From then on it is not kept back for others to come along. */
  readonly ripeMs: number
}

export const rankOf: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }

/** So long one waits for company: what begins together is told together. */
const COMPANY_MS: Readonly<Record<Severity, number>> = { critical: 5_000, warning: 60_000, info: 300_000 }
/** Raised so long before it was seen: the agent reads what was written while it did not run, and the end may be in the next line. */
const LATE_MS = 15 * 60_000
const LATE_COMPANY_MS = 60_000
/** It grew: so many times what was told, and so many more. */
const GROWN_TIMES = 10
const GROWN_BY = 20
/** One that is over for longer is in the store, and no message any more. */
export const OVER_MS = 24 * 3_600_000

/** @param told undefined: nothing yet  @returns undefined: nothing now */
export function dueOf(seen: Seen, told: Told | undefined, least: LeastSeverity, rules: Rules): Due | undefined {
  const { alert } = seen
  const { nowMs, repeatMs, mutes } = rules
  if (rankOf[alert.severity] < rankOf[least] || !mayTell(alert, rules)) return undefined
  const due = (moment: Due['moment'], ripeMs = nowMs): Due => ({ seen, moment, ripeMs })
  if (alert.endedMs !== undefined) return isEndDue(seen, told, rules) ? due('ended', endRipeMs(seen, nowMs)) : undefined
  if (told === undefined || rankOf[told.severity] < rankOf[alert.severity]) return due('raised', raisedRipeMs(seen))
  if (!told.grown && alert.count >= GROWN_TIMES * told.count && alert.count >= told.count + GROWN_BY) return due('grown')
  if (alert.severity !== 'critical' || rules.isAcknowledged(alert.key)) return undefined
  return nowMs - told.lastMs >= repeatMs || mutes.endedSince(alert, told.lastMs, nowMs) ? due('repeated') : undefined
}

/** Neither silenced nor in a maintenance window; quiet hours are for what can wait. */
export function mayTell(alert: Alert, { mutes, isQuiet, nowMs }: Rules): boolean {
  return mutes.until(alert, nowMs) === undefined && (alert.severity === 'critical' || !isQuiet)
}

/** Of one that was not told, only where it was critical, and nobody had asked for silence. */
function isEndDue({ alert, endSeenMs }: Seen, told: Told | undefined, { mutes, nowMs }: Rules): boolean {
  if (told !== undefined) return !told.ended
  return (
    alert.severity === 'critical' &&
    nowMs - alert.endedMs! < OVER_MS &&
    (endSeenMs === undefined || mutes.until(alert, endSeenMs) === undefined)
  )
}

const endRipeMs = ({ alert, endSeenMs }: Seen, nowMs: number): number => (endSeenMs ?? nowMs) + COMPANY_MS[alert.severity]

function raisedRipeMs({ alert, seenMs }: Seen): number {
  const companyMs = COMPANY_MS[alert.severity]
  return seenMs + (seenMs - alert.raisedMs > LATE_MS ? Math.max(companyMs, LATE_COMPANY_MS) : companyMs)
}
