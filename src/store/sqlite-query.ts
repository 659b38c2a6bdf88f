/** Questions to the embedded store, from any process that may read the file, while the agent writes. */
import { existsSync } from 'node:fs'
import { ShipperError } from '../errors.js'
import { type Connection, openForReading, type Parameter } from './connection.js'
import { addressKey, messageIdKey } from './entry.js'
import { type EventQuery, type EventStore, MAX_HITS, readAddresses, readList, readMessageId, type StoredEvent } from './query.js'
import { applicationId, readNumber, schemaVersion } from './schema.js'
import { readTerms } from './terms.js'

type Row = [timestampMs: number, document: string]

/** What holds of the events that are asked for, as SQL with its parameters; undefined: nothing can fit. */
interface Condition {
  readonly sql: string
  readonly parameters: Parameter[]
  /** How many fit, where that is known already. */
  readonly total: number | undefined
}

// Up to so many hits of the full text are looked up one by one; with more, walking the index by time is faster (measured).
const FEW_HITS = 2000

/** Fields that are columns of the index; all others are read from the documents. */
const columns = new Map<string, string>([
  ['mailman.list.name', 'list'],
  ['event.action', 'action'],
  ['event.dataset', 'dataset'],
])

/** @throws ShipperError where there is no store yet, or none that this version can read. */
export function openSqliteStore(file: string): EventStore {
  if (!existsSync(file)) throw new ShipperError('MLS_STORE_MISSING', file)
  const db = openStore(file)
  const all = <T>(sql: string, parameters: readonly Parameter[]) => db.prepare(sql).raw().all(parameters) as T[]
  return {
    async search(query) {
      const direction = query.order === 'newest' ? 'DESC' : 'ASC'
      return atOneMoment(db, () => {
        const condition = conditionOf(db, query)
        if (condition === undefined) return { total: 0, hits: [] }
        const { sql, parameters } = condition
        const total = condition.total ?? all<[number]>(`SELECT count(*) FROM events WHERE ${sql}`, parameters)[0]![0]
        const rows = all<Row>(
          `SELECT timestamp, document FROM events WHERE ${sql}
           ORDER BY timestamp ${direction}, offset ${direction}, event ${direction} LIMIT ?`,
          [...parameters, Math.min(query.limit, MAX_HITS)],
        )
        return { total, hits: rows.map(storedEvent) }
      })
    },

    async histogram(query, bucketMs) {
      const condition = conditionOf(db, query)
      if (condition === undefined) return []
      // `%` keeps the sign of what is before it; times before 1970 are in their bucket all the same.
      const rows = all<[number, number]>(
        `SELECT timestamp - ((timestamp % ?1) + ?1) % ?1 AS start, count(*) FROM events
         WHERE ${condition.sql} GROUP BY start ORDER BY start`,
        [bucketMs, ...condition.parameters],
      )
      return rows.map(([startMs, count]) => ({ startMs, count }))
    },

    async terms(query, field, size) {
      const condition = conditionOf(db, query)
      if (condition === undefined) return []
      const { sql, parameters } = condition
      const column = columns.get(field)
      const rows =
        column === undefined
          ? all<[string, number]>(
              `SELECT CAST(item.value AS TEXT) AS found, count(DISTINCT event) AS hits FROM events, json_each(document, ?) AS item
               WHERE item.value IS NOT NULL AND ${sql} GROUP BY found ORDER BY hits DESC, found LIMIT ?`,
              [`$.${field}`, ...parameters, size],
            )
          : all<[string, number]>(
              `SELECT names.value AS found, count(*) AS hits FROM events JOIN names ON names.name = ${column}
               WHERE ${sql} GROUP BY found ORDER BY hits DESC, found LIMIT ?`,
              [...parameters, size],
            )
      return rows.map(([value, count]) => ({ value, count }))
    },

    async byId(id) {
      const [row] = all<Row>('SELECT timestamp, document FROM events WHERE event = (SELECT event FROM ids WHERE id = ?)', [id])
      return row && storedEvent(row)
    },

    async close() {
      db.close()
    },
  }
}

function openStore(file: string): Connection {
  let db: Connection | undefined
  try {
    db = openForReading(file)
    if (readNumber(db, 'application_id') === applicationId && readNumber(db, 'user_version') === schemaVersion) return db
  } catch {
    throw new ShipperError('MLS_STORE_UNREADABLE', `${file} cannot be opened`)
  }
  db.close()
  throw new ShipperError('MLS_STORE_UNREADABLE', `${file} is not a store of this version`)
}

function conditionOf(db: Connection, query: EventQuery): Condition | undefined {
  const parts = ['TRUE']
  const parameters: Parameter[] = []
  const add = (sql: string, parameter: Parameter) => {
    parts.push(sql)
    parameters.push(parameter)
  }
  const list = query.list === undefined ? undefined : readList(query.list)
  const named: [string, string | undefined][] = [
    ['list', list?.name],
    ['action', query.action],
    ['dataset', query.dataset],
  ]
  for (const [column, value] of named) {
    if (value === undefined) continue
    const [row] = db.prepare('SELECT name FROM names WHERE value = ?').raw().all([value]) as [number][]
    if (row === undefined) return undefined
    add(`${column} = ?`, row[0])
  }
  if (list?.field === 'mailman.list.fqdn') add("document ->> '$.mailman.list.fqdn' = ?", list.value)
  if (query.reason !== undefined)
    add("EXISTS (SELECT 1 FROM json_each(document, '$.mailman.hold.reason') AS reason WHERE reason.value = ?)", query.reason)
  if (query.sinceMs !== undefined) add('timestamp >= ?', query.sinceMs)
  if (query.untilMs !== undefined) add('timestamp < ?', query.untilMs)
  const match = matchOf(query)
  if (match === '') return { sql: parts.join(' AND '), parameters, total: undefined }
  const [[hits]] = db.prepare('SELECT count(*) FROM words WHERE words MATCH ?').raw().all([match]) as [[number]]
  if (hits === 0) return undefined
  const isAlone = parameters.length === 0
  // The plus keeps SQLite from looking up each hit.
  add(`${hits > FEW_HITS ? '+' : ''}event IN (SELECT rowid FROM words WHERE words MATCH ?)`, match)
  return { sql: parts.join(' AND '), parameters, total: isAlone ? hits : undefined }
}

/** An FTS5 expression of quoted strings only: nothing in a quoted string is an operator. */
function matchOf(query: EventQuery): string {
  const parts = readTerms(query.text ?? '').map(({ text, prefix }) => `text : ${quote(text)}${prefix ? ' *' : ''}`)
  const addresses = readAddresses(query.address).map(address => `keys : ${quote(addressKey(address))}`)
  if (addresses.length > 0) parts.push(`(${addresses.join(' OR ')})`)
  if (query.messageId !== undefined) parts.push(`keys : ${quote(messageIdKey(readMessageId(query.messageId)))}`)
  return parts.join(' AND ')
}

const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`

function storedEvent([timestampMs, text]: Row): StoredEvent {
  const document = JSON.parse(text) as { event: { id: string } }
  return { id: document.event.id, timestampMs, document: document as StoredEvent['document'] & typeof document }
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
