/**
 * keepDays: removes what was stored too long ago, in small steps so that a batch never waits long.
 *
 * The age counts from the day of storing, as Elasticsearch's retention does, and not from the event's own time: whoever reads
 * in logs of years ago wants to look at them. For what is shipped as it is written the two are the same. The file does not
 * shrink; the room is used again.
 */
import { type Connection, rollBack } from './connection.js'
import { type DocumentRow, Documents, documentColumns } from './documents.js'

const DAY_MS = 86_400_000

/** Days of UTC since 1970. */
export const dayOf = (ms: number): number => Math.floor(ms / DAY_MS)

export interface Retention {
  readonly keepDays: number
  /** By dataset (`mailman.subscribe`), where it is another number. */
  readonly keepDaysOf?: ReadonlyMap<string, number>
}

type Row = [event: number, ...row: DocumentRow]
const columns = `event, ${documentColumns}`

/** Where all datasets are kept equally long, what is due is what comes first, and an index would only cost room. */
const INDEX = 'CREATE INDEX IF NOT EXISTS events_by_dataset ON events(dataset)'
const NO_INDEX = 'DROP INDEX IF EXISTS events_by_dataset'

/** @returns how many events were removed, at most `limit`; fewer: that was all. */
export function prune(db: Connection, nowMs: number, retention: Retention, limit: number): number {
  db.exec(retention.keepDaysOf?.size ? INDEX : NO_INDEX)
  if (findDue(db, nowMs, retention, 1).length === 0) return 0 // mostly; that needs no lock
  db.exec('BEGIN IMMEDIATE')
  try {
    // Looked at again under the lock: another process may have removed these, and given their numbers to new events.
    const rows = findDue(db, nowMs, retention, limit)
    const events = rows.map(([event]) => event)
    const documents = new Documents(db)
    // Whoever has a place has no other id (place.ts).
    const ids = rows.flatMap(([, ...row]) => (row[4] === null ? [documents.field(row, 'event.id')] : []))
    const removeFrom = (what: string, values: unknown[]) =>
      db.prepare(`DELETE FROM ${what} IN (SELECT value FROM json_each(?))`).run([JSON.stringify(values)])
    removeFrom('ids WHERE id', ids)
    removeFrom('words WHERE rowid', events)
    removeFrom('events WHERE event', events)
    const longest = Math.max(retention.keepDays, ...(retention.keepDaysOf?.values() ?? []))
    db.prepare('DELETE FROM days WHERE day < ?').run([dayOf(nowMs) - longest])
    db.exec('COMMIT')
    return rows.length
  } catch (error) {
    rollBack(db)
    throw error
  }
}

function findDue(db: Connection, nowMs: number, { keepDays, keepDaysOf }: Retention, limit: number): Row[] {
  const firstKept = (days: number): number => {
    const find = db.prepare('SELECT min(event) FROM days WHERE day >= ?').raw()
    const [[event]] = find.all([dayOf(nowMs) - days]) as [[number | null]]
    return event ?? Number.MAX_SAFE_INTEGER
  }
  if (!keepDaysOf?.size) {
    const find = db.prepare(`SELECT ${columns} FROM events WHERE event < ? ORDER BY event LIMIT ?`).raw()
    return find.all([firstKept(keepDays), limit]) as Row[]
  }
  // By the index, each dataset's oldest are found at once, however many older ones of others stay.
  const find = db.prepare(`SELECT ${columns} FROM events WHERE dataset IS ? AND event < ? ORDER BY event LIMIT ?`).raw()
  const due: Row[] = []
  for (const [number, name] of readDatasets(db)) {
    if (due.length >= limit) break
    const days = (name === null ? undefined : keepDaysOf.get(name)) ?? keepDays
    due.push(...(find.all([number, firstKept(days), limit - due.length]) as Row[]))
  }
  return due
}

/** Those that events are of, and null: some may be of none. One look at the index for each. */
function readDatasets(db: Connection): [number: number | null, name: string | null][] {
  const find = db.prepare(`
    WITH RECURSIVE used(number) AS (
      SELECT min(dataset) FROM events
      UNION ALL SELECT (SELECT min(dataset) FROM events WHERE dataset > used.number) FROM used WHERE used.number IS NOT NULL
    )
    SELECT number, value FROM used LEFT JOIN names ON name = number`)
  return find.raw().all([]) as [number | null, string | null][]
}
