/** Points in time as people type them: `15m`, `2h`, `7d` (so long ago), `2024-03-01`, `2024-03-01 17:30`, any ISO 8601 time. */
import type { DateTime } from 'luxon'
import { luxon } from '../diagnostics/timezone.js'
import { ShipperError } from '../errors.js'

const unitMs = new Map([
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
])

const SPAN = /^(\d{1,6})([smhdw])$/

interface Now {
  readonly ms: number
  /** IANA name; for times that name no zone. */
  readonly zone: string
}

/** @throws ShipperError MLS_USAGE_INVALID, which names the option */
export function readSince(text: string, now: Now, option = '--since'): number {
  return readWhen(option, text, now).toMillis()
}

/** The end, exclusive: a day without a time is meant to its end. @throws ShipperError MLS_USAGE_INVALID */
export function readUntil(text: string, now: Now, option = '--until'): number {
  const when = readWhen(option, text, now)
  return (/^\d{4}-\d\d-\d\d$/.test(text.trim()) ? when.plus({ days: 1 }) : when).toMillis()
}

/** `30m`, `2h`, `7d`, in milliseconds. @throws ShipperError MLS_USAGE_INVALID, which names the option */
export function readSpan(text: string, option: string): number {
  const [, amount, unit] = SPAN.exec(text.trim()) ?? []
  if (amount !== undefined && Number(amount) > 0) return Number(amount) * unitMs.get(unit!)!
  throw new ShipperError('MLS_USAGE_INVALID', `${option}: ${JSON.stringify(text)} is no time span; 30m, 2h or 7d is`)
}

function readWhen(option: string, given: string, { ms, zone }: Now): DateTime {
  const text = given.trim()
  const [, amount, unit] = SPAN.exec(text) ?? []
  if (amount !== undefined) return luxon().DateTime.fromMillis(ms - Number(amount) * unitMs.get(unit!)!, { zone })
  const when = luxon().DateTime.fromISO(text.replace(' ', 'T'), { zone })
  if (when.isValid && /^\d{4}-/.test(text)) return when
  throw new ShipperError(
    'MLS_USAGE_INVALID',
    `${option}: ${JSON.stringify(given)} is no time; 15m, 2h, 7d, 2024-03-01 or 2024-03-01T17:30 is`,
  )
}
