/**
 * Writes batches into the embedded store: one transaction for each, and an answer only when it is on disk. Synchronous: runs
 * in the worker, since SQLite's calls block.
 *
 * WAL with synchronous=FULL: one fsync for each batch. NORMAL would survive kill -9 too, but not a power cut, and the
 * checkpoint moves on our word (P5).
 */
import { isAscii } from 'node:buffer'
import type { FieldName } from '../../parsers/_fields.js'
import type { Answer, Batch, Outcome } from '../model.js'
import { type Connection, type Parameter, rollBack, type Statement } from './connection.js'
import { type Entry, readEntry, valueAt } from './entry.js'
import { Inserter } from './insert.js'
import { Known } from './known.js'
import { Names } from './names.js'
import { pack } from './packed.js'
import { type Place, placeOf } from './place.js'
import { dayOf } from './prune.js'
import { HOUR_MS } from './schema.js'
import type { Document } from './shape.js'
import { type Shaped, Shapes } from './shapes.js'

/** Of full text, in one statement: each one begins a segment of it, and those are merged later. 32 cost 1.3 µs an event more (measured). */
const ROWS_OF_WORDS = 512

const STORED: Outcome = { status: 'stored' }
const DUPLICATE: Outcome = { status: 'duplicate' }
const NOT_JSON: Outcome = { status: 'set-aside', reason: 'not a JSON object' }
const NO_TIME: Outcome = { status: 'set-aside', reason: '@timestamp is not a time' }

export class Writer {
  readonly #db: Connection
  readonly #names: Names
  readonly #shapes: Shapes
  readonly #known: Known
  readonly #events: Inserter
  readonly #ids: Inserter
  readonly #words: Inserter
  readonly #counts: Inserter
  readonly #lastEvent: Statement
  readonly #numberOf = (name: string): number => this.#names.numberOf(name)

  constructor(db: Connection) {
    this.#db = db
    this.#names = new Names(db)
    this.#shapes = new Shapes(db)
    this.#known = new Known(db, this.#names)
    this.#events = new Inserter(
      db,
      'events(event, timestamp, offset, list, action, dataset, reasons, document, shape, fqdn, generation, content)',
    )
    this.#lastEvent = db.prepare('SELECT coalesce(max(event), 0) FROM events').raw()
    this.#ids = new Inserter(db, 'ids(id, event)')
    this.#words = new Inserter(db, 'words(rowid, text, keys)', '', ROWS_OF_WORDS)
    this.#counts = new Inserter(
      db,
      'counts(hour, dataset, action, list, reasons, count)',
      'ON CONFLICT DO UPDATE SET count = count + excluded.count',
    )
  }

  /** All of the batch or, when it throws, nothing of it. */
  write(batch: Batch, nowMs: number): Answer {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const outcomes = this.#insert(batch, nowMs)
      this.#db.exec('COMMIT')
      return { outcomes }
    } catch (error) {
      for (const part of [this.#names, this.#shapes, this.#events, this.#ids, this.#words, this.#counts]) part.forget()
      rollBack(this.#db)
      throw error
    }
  }

  #insert(batch: Batch, nowMs: number): Outcome[] {
    const { body, starts, documents } = batch
    const ids = starts.map((start, i) => body.toString('latin1', start, documents[i]! - 1)) // output.ts, prefix
    const places = ids.map(placeOf)
    const known = this.#known.find(ids, places)
    const encoding = isAscii(body) ? 'latin1' : 'utf8'
    const outcomes: Outcome[] = []
    const counts = new Counts()
    const first = this.#nextEvent()
    let event = first
    for (const [i, id] of ids.entries()) {
      if (known.has(id)) {
        outcomes.push(DUPLICATE)
        continue
      }
      const text = body.toString(encoding, documents[i], (starts[i + 1] ?? body.length) - 1)
      const content = this.#read(text)
      const entry = content && readEntry(content.read)
      outcomes.push(content === undefined ? NOT_JSON : entry === undefined ? NO_TIME : STORED)
      if (entry === undefined) continue
      known.add(id)
      const place = places[i]?.offset === entry.offset && content!.read('event.id') === id ? places[i] : undefined
      const row = this.#rowOf(event, entry, place, id, text, content!.shaped)
      this.#events.add(row)
      this.#words.add([event, entry.words, entry.keys])
      if (place === undefined) this.#ids.add([id, event])
      counts.add(row)
      event++
    }
    if (event > first) this.#db.prepare('INSERT OR IGNORE INTO days VALUES (?, ?)').run(dayOf(nowMs), first)
    for (const row of counts.rows()) this.#counts.add(row)
    for (const inserter of [this.#events, this.#words, this.#ids, this.#counts]) inserter.flush()
    return outcomes
  }

  #nextEvent(): number {
    const [[last]] = this.#lastEvent.all([]) as [[number]]
    return last + 1
  }

  /** @returns undefined: it is no JSON object */
  #read(text: string): { readonly read: (field: FieldName) => unknown; readonly shaped: Shaped | undefined } | undefined {
    let shaped = this.#shapes.find(text)
    if (shaped === undefined) {
      const document = parse(text)
      if (document === undefined) return undefined
      shaped = this.#shapes.learn(text, document)
      if (shaped === undefined) return { read: field => valueAt(document, field.split('.')), shaped }
    }
    const { shape, fillings } = shaped
    return { read: field => shape.read(fillings, field), shaped }
  }

  /** In the order of the columns in the constructor. */
  #rowOf(
    event: number,
    entry: Entry,
    place: Place | undefined,
    id: string,
    text: string,
    shaped: Shaped | undefined,
  ): Parameter[] {
    const { timestampMs, offset } = entry
    const names = this.#names
    const row = { timestampMs, offset, id: place && id }
    return [
      event,
      timestampMs,
      offset,
      names.numberOf(entry.list),
      names.numberOf(entry.action),
      names.numberOf(entry.dataset),
      names.numberOf(entry.reasons),
      shaped === undefined ? text : pack(shaped.shape, shaped.fillings, row, this.#numberOf),
      shaped === undefined ? null : shaped.shape.number,
      names.numberOf(entry.fqdn),
      names.numberOf(place?.generation),
      place === undefined ? null : place.content,
    ]
  }
}

/** How many events of a batch are alike. */
class Counts {
  readonly #counts = new Map<string, number[]>()

  /** @param row as it goes into `events` */
  add([, timestampMs, , list, action, dataset, reasons]: Parameter[]): void {
    const hour = Math.floor((timestampMs as number) / HOUR_MS)
    const key = `${hour} ${dataset} ${action} ${list} ${reasons}`
    const count = this.#counts.get(key)
    if (count === undefined) this.#counts.set(key, [hour, Number(dataset), Number(action), Number(list), Number(reasons), 1])
    else count[5]!++
  }

  rows(): Iterable<number[]> {
    return this.#counts.values()
  }
}

function parse(text: string): Document | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Document) : undefined
  } catch {
    return undefined
  }
}
