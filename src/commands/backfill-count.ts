/** `backfill --dry-run`: what the files hold, by log and year. Nothing is sent, nothing is remembered. */
import type { LogReading } from './backfill-read.js'

export interface EventCount {
  readonly log: string
  /** Of UTC; undefined: the records' stamps are no times. */
  readonly year: number | undefined
  readonly events: number
}

/** @param isStopped asked between chunks */
export async function countEvents(readings: readonly LogReading[], isStopped: () => boolean): Promise<EventCount[]> {
  const counts = new Map<string, { log: string; year: number | undefined; events: number }>()
  for (const reading of readings) {
    const count = (log: string, year: number | undefined): void => {
      const key = `${log} ${year ?? ''}`
      const known = counts.get(key)
      if (known === undefined) counts.set(key, { log, year, events: 1 })
      else known.events++
    }
    while (!isStopped()) {
      const more = await reading.advance((stream, events) => {
        for (const { tags, timestampMs } of events)
          count(stream.generation.log, tags.includes('mailman_bad_time') ? undefined : new Date(timestampMs).getUTCFullYear())
        return undefined
      })
      if (!more) break
    }
    await reading.close()
  }
  return [...counts.values()].sort((a, b) => (a.log === b.log ? (a.year ?? 0) - (b.year ?? 0) : a.log < b.log ? -1 : 1))
}

/** Columns for people. */
export function describeCounts(counts: readonly EventCount[]): string {
  const rows = [
    ['log', 'year', 'events'],
    ...counts.map(({ log, year, events }) => [log, `${year ?? 'no time'}`, events.toLocaleString('en')]),
    ['all', '', counts.reduce((sum, { events }) => sum + events, 0).toLocaleString('en')],
  ]
  const widths = [0, 1, 2].map(column => Math.max(...rows.map(row => row[column]!.length)))
  return rows
    .map(([log, year, events]) => `${log!.padEnd(widths[0]!)}  ${year!.padEnd(widths[1]!)}  ${events!.padStart(widths[2]!)}`)
    .join('\n')
}
