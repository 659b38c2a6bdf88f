/** Which event has an id, and which of a batch's ids are stored already. */
import type { Connection, Parameter, Statement } from './connection.js'
import type { Names } from './names.js'
import { idAt, type Place, placeOf } from './place.js'

/** The event's number; undefined: there is none. */
export function findEvent(db: Connection, id: string): number | undefined {
  const ask = (sql: string, parameters: Parameter[]) => (db.prepare(sql).raw().all(parameters) as [number][])[0]?.[0]
  const place = placeOf(id)
  const ofPlace = `SELECT event FROM events
    WHERE generation = (SELECT name FROM names WHERE value = ?) AND offset = ? AND content = ?`
  const found = place && ask(ofPlace, [place.generation, place.offset, place.content])
  return found ?? ask('SELECT event FROM ids WHERE id = ?', [id])
}

interface Span {
  first: number
  last: number
}

export class Known {
  readonly #names: Names
  readonly #hasIds: Statement
  readonly #findIds: Statement
  readonly #findPlaces: Statement

  constructor(db: Connection, names: Names) {
    this.#names = names
    this.#hasIds = db.prepare('SELECT EXISTS (SELECT 1 FROM ids)').raw()
    this.#findIds = db.prepare('SELECT id FROM ids WHERE id IN (SELECT value FROM json_each(?))').raw()
    this.#findPlaces = db.prepare('SELECT offset, content FROM events WHERE generation = ? AND offset BETWEEN ? AND ?').raw()
  }

  /** @param places of the ids that have one, in the same order */
  find(ids: readonly string[], places: readonly (Place | undefined)[]): Set<string> {
    const known = new Set<string>()
    // Those of a store of before are all here, now only what is not the id of a line.
    const [[hasIds]] = this.#hasIds.all([]) as [[number]]
    if (hasIds === 1) for (const [id] of this.#findIds.all([JSON.stringify(ids)]) as [string][]) known.add(id)
    // A batch's lines of one file lie next to each other, so that one look at the index finds them all: mostly none.
    for (const [generation, { first, last }] of spansOf(places)) {
      const rows = this.#findPlaces.all([this.#names.numberOf(generation), first, last]) as [number, number][]
      for (const [offset, content] of rows) known.add(idAt(generation, offset, content))
    }
    return known
  }
}

function spansOf(places: readonly (Place | undefined)[]): Map<string, Span> {
  const spans = new Map<string, Span>()
  for (const place of places) {
    if (place === undefined) continue
    const span = spans.get(place.generation)
    if (span === undefined) spans.set(place.generation, { first: place.offset, last: place.offset })
    else {
      span.first = Math.min(span.first, place.offset)
      span.last = Math.max(span.last, place.offset)
    }
  }
  return spans
}
