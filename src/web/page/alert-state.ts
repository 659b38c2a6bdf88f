/** What an alert is at a moment: open or over, and how bad. */
import type { ShownAlert } from '../answers.js'
import { sayDuration } from './time.js'

/** Where no end was seen for so long, none will be: the agent may be gone. */
export const OPEN_MS = 7 * 86_400_000

export const severities = ['critical', 'warning', 'info'] as const

export const isOpen = ({ endedMs, raisedMs, sinceMs }: ShownAlert, nowMs: number): boolean =>
  endedMs === null && (raisedMs ?? sinceMs) > nowMs - OPEN_MS

/** The worst first, then the latest. */
export const worstFirst = (a: ShownAlert, b: ShownAlert): number =>
  severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.sinceMs - a.sinceMs

export const latestFirst = (a: ShownAlert, b: ShownAlert): number => b.sinceMs - a.sinceMs

/** `messages are held that usually go through` and of what: a list, a runner, a file. */
export const subjectOf = ({ list, about }: ShownAlert): string => [list, about].filter(text => text !== '').join(', ')

export const alertAddress = (key: string): string => `/alerts#alert=${key}`

/** The key that an address names, as messages have it: `#alert=0123456789`. */
export const keyInAddress = (): string | undefined => /^#alert=([0-9a-f]{10})$/.exec(location.hash)?.[1]

/** How long it is, or was: `for 12 min`. Nobody asks for the seconds of an hour. */
export function lastingOf(alert: ShownAlert, nowMs: number): string {
  if (alert.endedMs === null && !isOpen(alert, nowMs)) return 'no end was seen'
  const ms = Math.max((alert.endedMs ?? nowMs) - alert.sinceMs, 0)
  return `for ${sayDuration(ms < 120_000 ? ms : Math.round(ms / 60_000) * 60_000)}`
}
