/** Figures as people read them, in the words of an alert. */

const HOUR_MS = 3_600_000

/** `45 minutes`, `47 hours`, `31 days`; rounded down, so that nothing seems older than it is. */
export function sayAge(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS)
  if (hours >= 72) return many(Math.floor(hours / 24), 'day', 'days')
  if (hours >= 2) return many(hours, 'hour', 'hours')
  return many(Math.max(0, Math.floor(ms / 60_000)), 'minute', 'minutes')
}

/** `1 message`, `4,012 messages` */
export function many(count: number, one: string, more: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : more}`
}
