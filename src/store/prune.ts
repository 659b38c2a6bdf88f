/**
 * keepDays: removes what was stored too long ago, in small steps so that a batch never waits long.
 *
 * The age counts from the day of storing, as Elasticsearch's retention does, and not from the event's own time: whoever reads
 * in logs of years ago wants to look at them. For what is shipped as it is written the two are the same. The file does not
 * shrink; the room is used again.
 */
import { type Connection, rollBack } from './connection.js'

const DAY_MS = 86_400_000

/** Days of UTC since 1970. */
export const dayOf = (ms: number): number => Math.floor(ms / DAY_MS)

/** @returns how many events were removed, at most `limit`; fewer: that was all. */
export function prune(db: Connection, nowMs: number, keepDays: number, limit: number): number {
  const firstDayKept = dayOf(nowMs) - keepDays
  if (oldest(db, firstDayKept, 1).length === 0) return 0 // mostly; that needs no lock
  db.exec('BEGIN IMMEDIATE')
  try {
    // Looked at again under the lock: another process may have removed these, and given their numbers to new events.
    const rows = oldest(db, firstDayKept, limit)
    const last = rows.at(-1)?.[0] ?? 0
    const ids = rows.map(([, document]) => (JSON.parse(document) as { event?: { id?: unknown } }).event?.id)
    const removeFrom = (what: string, values: unknown[]) =>
      db.prepare(`DELETE FROM ${what} IN (SELECT value FROM json_each(?))`).run([JSON.stringify(values)])
    removeFrom('ids WHERE id', ids)
    removeFrom(
      'words WHERE rowid',
      rows.map(([event]) => event),
    )
    db.prepare('DELETE FROM events WHERE event <= ?').run([last])
    db.prepare('DELETE FROM days WHERE day < ? AND event <= ?').run([firstDayKept, last])
    db.exec('COMMIT')
    return rows.length
  } catch (error) {
    rollBack(db)
    throw error
  }
}

function oldest(db: Connection, firstDayKept: number, limit: number): [event: number, document: string][] {
  const [[firstKept]] = db.prepare('SELECT min(event) FROM days WHERE day >= ?').raw().all([firstDayKept]) as [[number | null]]
  const old = db.prepare('SELECT event, document FROM events WHERE event < ? ORDER BY event LIMIT ?').raw()
  return old.all([firstKept ?? Number.MAX_SAFE_INTEGER, limit]) as [number, string][]
}
