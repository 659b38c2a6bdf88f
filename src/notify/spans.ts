/**
 * Hours of a day or of a weekday as stretches of time. Each day has its own: where clocks change, a night is an hour longer or
 * shorter, and still begins and ends at the hours that are configured.
 */
import type { DateTime } from 'luxon'
import type { HourSpan, WeeklySpan } from '../config/alerts-options.js'
import { luxon } from '../diagnostics/timezone.js'

/** `toMs` exclusive. */
export interface Stretch {
  readonly fromMs: number
  readonly toMs: number
}

/** One that lasts a day may have begun a day before the first day asked for. */
const DAYS_BEFORE = 8

/** Those that began within the last eight days, the earliest first, the present one among them. @param zone IANA name */
export function stretchesOf(span: HourSpan | WeeklySpan, zone: string, nowMs: number): Stretch[] {
  const { fromMinute, toMinute } = span
  const weekday = 'weekday' in span ? span.weekday : undefined
  const today = luxon().DateTime.fromMillis(nowMs, { zone }).startOf('day')
  const stretches: Stretch[] = []
  for (let back = DAYS_BEFORE; back >= 0; back--) {
    const day = today.minus({ days: back })
    if (weekday !== undefined && day.weekday !== weekday) continue
    const last = toMinute > fromMinute ? day : day.plus({ days: 1 })
    const [fromMs, toMs] = [at(day, fromMinute), at(last, toMinute)]
    if (fromMs <= nowMs && fromMs < toMs) stretches.push({ fromMs, toMs })
  }
  return stretches
}

/** The end of the stretch that `nowMs` is in; undefined: it is in none. */
export function endOfStretch(span: HourSpan | WeeklySpan, zone: string, nowMs: number): number | undefined {
  return stretchesOf(span, zone, nowMs).find(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs)?.toMs
}

/** By the clock on the wall: `startOf('day').plus(minutes)` would be an hour off on the day of a change. */
const at = (day: DateTime, minute: number): number => day.set({ hour: Math.floor(minute / 60), minute: minute % 60 }).toMillis()
