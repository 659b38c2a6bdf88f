/** A query as SQL over the embedded store: which events fit. */
import type { Connection, Parameter } from './connection.js'
import { addressKey, messageIdKey } from './entry.js'
import { type EventQuery, readAddresses, readList, readMessageId } from './query.js'
import { readTerms } from './terms.js'

/** SQL with its parameters. */
export interface Sql {
  readonly sql: string
  readonly parameters: readonly Parameter[]
}

/** What holds of the events that are asked for. */
export interface Condition extends Sql {
  /** How many fit, where that is known already. */
  readonly total: number | undefined
  /** The same but for the time, where only names decide: then `counts` can tell. */
  readonly ofNames: string | undefined
}

// Up to so many hits of the full text are looked up one by one; with more, walking the index by time is faster (measured).
const FEW_HITS = 2000

/** @returns undefined: nothing can fit */
export function conditionOf(db: Connection, query: EventQuery): Condition | undefined {
  const numbers = (sql: string, value: string): number[] =>
    (db.prepare(sql).raw().all([value]) as [number][]).map(([name]) => name)
  const list = query.list === undefined ? undefined : readList(query.list)
  const names = ['TRUE']
  for (const [column, value] of [
    ['list', list?.name],
    ['action', query.action],
    ['dataset', query.dataset],
  ]) {
    if (value === undefined) continue
    const [name] = numbers('SELECT name FROM names WHERE value = ?', value)
    if (name === undefined) return undefined
    // The plus: by prune.ts's index, all of a dataset would be read to sort them by time.
    names.push(`+${column} = ${name}`)
  }
  if (query.reason !== undefined) {
    // Lists have names of any form, so one may look like reasons; no event has it for these.
    const fitting = numbers(
      `SELECT DISTINCT name FROM names, json_each(CASE WHEN names.value LIKE '["%' AND json_valid(names.value) THEN names.value ELSE '[]' END) AS reason
       WHERE reason.value = ?`,
      query.reason,
    )
    if (fitting.length === 0) return undefined
    names.push(`reasons IN (${fitting.join()})`)
  }
  const parts = [...names]
  const parameters: Parameter[] = []
  const add = (sql: string, parameter: Parameter) => {
    parts.push(sql)
    parameters.push(parameter)
  }
  if (query.sinceMs !== undefined) add('timestamp >= ?', query.sinceMs)
  if (query.untilMs !== undefined) add('timestamp < ?', query.untilMs)
  const ofHost = list?.field === 'mailman.list.fqdn'
  if (ofHost) {
    const [fqdn] = numbers('SELECT name FROM names WHERE value = ?', list.value)
    // What a version before stored has no shape.
    const before = "CASE WHEN shape IS NULL THEN document ->> '$.mailman.list.fqdn' = ? END"
    add(fqdn === undefined ? before : `(fqdn = ${fqdn} OR ${before})`, list.value)
  }
  const match = matchOf(query)
  if (match === '') {
    const ofNames = ofHost ? undefined : names.join(' AND ')
    return { sql: parts.join(' AND '), parameters, total: undefined, ofNames }
  }
  const [[hits]] = db.prepare('SELECT count(*) FROM words WHERE words MATCH ?').raw().all([match]) as [[number]]
  if (hits === 0) return undefined
  const isAlone = parts.length === 1
  // The plus keeps SQLite from looking up each hit.
  add(`${hits > FEW_HITS ? '+' : ''}event IN (SELECT rowid FROM words WHERE words MATCH ?)`, match)
  return { sql: parts.join(' AND '), parameters, total: isAlone ? hits : undefined, ofNames: undefined }
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
