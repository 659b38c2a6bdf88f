/**
 * A URL's query → what is asked of the store. Every name is known and every length bounded; what does not fit is refused with a
 * sentence. Times are ISO 8601 with a zone, so that a link means the same for everybody.
 */
import { ShipperError } from '../errors.js'
import type { EventQuery } from '../store/query.js'

/** Name → the longest value, in characters. */
const limits = new Map([
  ['q', 500],
  ['log', 100],
  ['action', 100],
  ['list', 320],
  ['reason', 100],
  ['address', 320],
  ['since', 40],
  ['until', 40],
  ['limit', 4],
  ['id', 1000],
])
export const MAX_ROWS = 500
const DEFAULT_ROWS = 50

export interface Asked {
  readonly query: EventQuery
  readonly limit: number
}

/** An address in all forms in which events may hold it: as it is, and hashed. */
export type FormsOf = (address: string) => readonly string[]

/** @throws ShipperError MLS_WEB_QUERY */
export function readParameters(parameters: URLSearchParams): ReadonlyMap<string, string> {
  const given = new Map<string, string>()
  for (const [name, value] of parameters) {
    const longest = limits.get(name)
    if (longest === undefined) throw new ShipperError('MLS_WEB_QUERY', `only ${[...limits.keys()].join(', ')} can be asked`)
    if (given.has(name)) throw new ShipperError('MLS_WEB_QUERY', `${name} is given twice`)
    if (value.length > longest) throw new ShipperError('MLS_WEB_QUERY', `${name} is longer than ${longest} characters`)
    if (value !== '') given.set(name, value)
  }
  return given
}

/** @throws ShipperError MLS_WEB_QUERY */
export function readAsked(parameters: URLSearchParams, formsOf: FormsOf): Asked {
  const given = readParameters(parameters)
  const limit = Number(given.get('limit') ?? DEFAULT_ROWS)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_ROWS)
    throw new ShipperError('MLS_WEB_QUERY', `limit: a number from 1 to ${MAX_ROWS} is wanted`)
  const log = given.get('log')
  const address = given.get('address')
  const reason = given.get('reason')
  const asked = {
    text: given.get('q'),
    list: given.get('list'),
    dataset: log === undefined ? undefined : `mailman.${log}`,
    reason,
    // Reasons are looked for among held messages: that is what the page shows, and what a store finds quickly.
    action: given.get('action') ?? (reason === undefined ? undefined : 'message-held'),
    address: address === undefined ? undefined : formsOf(address),
    sinceMs: readTime('since', given.get('since')),
    untilMs: readTime('until', given.get('until')),
  }
  return { query: Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as EventQuery, limit }
}

function readTime(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new ShipperError('MLS_WEB_QUERY', `${name}: a time such as 2024-03-01T17:30:00Z is wanted`)
  return ms
}
