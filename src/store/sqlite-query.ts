/** Questions to the embedded store, from any process that may read the file, while the agent writes. */
import { existsSync } from 'node:fs'
import { ShipperError } from '../errors.js'
import { type Connection, openForReading, type Parameter } from './connection.js'
import { type DocumentRow, Documents, documentColumns } from './documents.js'
import { findEvent } from './known.js'
import { type EventStore, MAX_HITS, type StoredEvent } from './query.js'
import { applicationId, readNumber, schemaVersion } from './schema.js'
import { conditionOf } from './sqlite-condition.js'
import { alikeOf, countReasons, countValues, histogramOf } from './sqlite-counts.js'

/** Fields that are columns of the index; all others are read event by event. */
const columns = new Map<string, string>([
  ['mailman.list.name', 'list'],
  ['event.action', 'action'],
  ['event.dataset', 'dataset'],
])

/** @throws ShipperError where there is no store yet, or none that this version can read. */
export function openSqliteStore(file: string): EventStore {
  if (!existsSync(file)) throw new ShipperError('MLS_STORE_MISSING', file)
  const db = openStore(file)
  const documents = new Documents(db)
  const storedEvent = (row: DocumentRow): StoredEvent => {
    const document = JSON.parse(documents.text(row)) as { event: { id: string } }
    return { id: document.event.id, timestampMs: row[0], document: document as StoredEvent['document'] & typeof document }
  }
  const all = <T>(sql: string, parameters: readonly Parameter[]) => db.prepare(sql).raw().all(parameters) as T[]
  return {
    async search(query) {
      const direction = query.order === 'newest' ? 'DESC' : 'ASC'
      return atOneMoment(db, () => {
        const condition = conditionOf(db, query)
        if (condition === undefined) return { total: 0, hits: [] }
        const { sql, parameters } = condition
        const alike = alikeOf(condition, query)
        const total =
          condition.total ?? all<[number | null]>(`SELECT sum(count) FROM (${alike.sql})`, alike.parameters)[0]![0] ?? 0
        const rows = all<DocumentRow>(
          `SELECT ${documentColumns} FROM events WHERE ${sql}
           ORDER BY timestamp ${direction}, offset ${direction}, event ${direction} LIMIT ?`,
          [...parameters, Math.min(query.limit, MAX_HITS)],
        )
        return { total, hits: rows.map(storedEvent) }
      })
    },

    async histogram(query, bucketMs) {
      const condition = conditionOf(db, query)
      if (condition === undefined) return []
      const { sql, parameters } = histogramOf(condition, query, bucketMs)
      const rows = all<[number, number]>(sql, parameters)
      return rows.filter(([, count]) => count > 0).map(([startMs, count]) => ({ startMs, count }))
    },

    async terms(query, field, size) {
      const condition = conditionOf(db, query)
      if (condition === undefined) return []
      const alike = alikeOf(condition, query)
      const countNames = (column: string, end: string) =>
        `SELECT value, hits FROM (SELECT ${column} AS name, sum(count) AS hits FROM (${alike.sql}) WHERE ${column} > 0 GROUP BY ${column})
         JOIN names USING (name) ${end}`
      if (field === 'mailman.hold.reason')
        return countReasons(all<[string, number]>(countNames('reasons', ''), alike.parameters)).slice(0, size)
      const column = columns.get(field)
      if (column === undefined) {
        const rows = db.prepare(`SELECT ${documentColumns} FROM events WHERE ${condition.sql}`).raw()
        return countValues(rows.iterate(condition.parameters) as Iterable<DocumentRow>, row => documents.field(row, field)).slice(
          0,
          size,
        )
      }
      const rows = all<[string, number]>(countNames(column, 'ORDER BY hits DESC, value LIMIT ?'), [...alike.parameters, size])
      return rows.map(([value, count]) => ({ value, count }))
    },

    async byId(id) {
      const event = findEvent(db, id)
      if (event === undefined) return undefined
      const [row] = all<DocumentRow>(`SELECT ${documentColumns} FROM events WHERE event = ?`, [event])
      return row && storedEvent(row)
    },

    async close() {
      db.close()
    },
  }
}

function openStore(file: string): Connection {
  let db: Connection | undefined
  let isOlder = false
  try {
    db = openForReading(file)
    const isOurs = readNumber(db, 'application_id') === applicationId
    const version = readNumber(db, 'user_version')
    if (isOurs && version === schemaVersion) return db
    isOlder = isOurs && version < schemaVersion
  } catch {
    throw new ShipperError('MLS_STORE_UNREADABLE', `${file} cannot be opened`)
  }
  db.close()
  if (isOlder)
    throw new ShipperError('MLS_STORE_UNREADABLE', `${file} is of an older version; the agent renews it when it next starts`)
  throw new ShipperError('MLS_STORE_UNREADABLE', `${file} is not a store of this version`)
}

/** Total and hits of the same moment, though the agent goes on writing. */
function atOneMoment<T>(db: Connection, ask: () => T): T {
  db.exec('BEGIN')
  try {
    return ask()
  } finally {
    db.exec('COMMIT')
  }
}
