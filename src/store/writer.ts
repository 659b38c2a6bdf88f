/**
 * Writes batches into the embedded store: one transaction for each, and an answer only when it is on disk. Synchronous: runs
 * in the worker, since SQLite's calls block.
 *
 * WAL with synchronous=FULL: one fsync for each batch. NORMAL would survive kill -9 too, but not a power cut, and the
 * checkpoint moves on our word (P5).
 */
import type { Answer, Batch, Outcome } from '../model.js'
import { type Connection, type Parameter, rollBack } from './connection.js'
import { type Document, type Entry, readEntry } from './entry.js'
import { Inserter } from './insert.js'
import { Names } from './names.js'
import { dayOf } from './prune.js'
import { HOUR_MS } from './schema.js'

interface Pending extends Entry {
  readonly id: string
  readonly text: string
}

const STORED: Outcome = { status: 'stored' }
const DUPLICATE: Outcome = { status: 'duplicate' }
const NOT_JSON: Outcome = { status: 'set-aside', reason: 'not a JSON object' }
const NO_TIME: Outcome = { status: 'set-aside', reason: '@timestamp is not a time' }

export class Writer {
  readonly #db: Connection
  readonly #names: Names
  readonly #events: Inserter
  readonly #ids: Inserter
  readonly #words: Inserter
  readonly #counts: Inserter
  readonly #findIds

  constructor(db: Connection) {
    this.#db = db
    this.#names = new Names(db)
    this.#events = new Inserter(db, 'events(event, timestamp, offset, list, action, dataset, reasons, document)')
    this.#ids = new Inserter(db, 'ids(id, event)')
    this.#words = new Inserter(db, 'words(rowid, text, keys)')
    this.#counts = new Inserter(
      db,
      'counts(hour, dataset, action, list, reasons, count)',
      'ON CONFLICT DO UPDATE SET count = count + excluded.count',
    )
    this.#findIds = db.prepare('SELECT id FROM ids WHERE id IN (SELECT value FROM json_each(?))').raw()
  }

  /** All of the batch or, when it throws, nothing of it. */
  write(batch: Batch, nowMs: number): Answer {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const outcomes = this.#insert(batch, nowMs)
      this.#db.exec('COMMIT')
      return { outcomes }
    } catch (error) {
      this.#names.forget()
      rollBack(this.#db)
      throw error
    }
  }

  #insert(batch: Batch, nowMs: number): Outcome[] {
    const ids = batch.starts.map((start, i) => batch.body.toString('latin1', start, batch.documents[i]! - 1)) // output.ts, prefix
    const known = new Set((this.#findIds.all([JSON.stringify(ids)]) as [string][]).map(([id]) => id))
    const outcomes: Outcome[] = []
    const fresh: Pending[] = []
    for (const [i, id] of ids.entries()) {
      if (known.has(id)) {
        outcomes.push(DUPLICATE)
        continue
      }
      const text = textOf(batch, i)
      const document = parse(text)
      const entry = document && readEntry(document)
      outcomes.push(document === undefined ? NOT_JSON : entry === undefined ? NO_TIME : STORED)
      if (entry === undefined) continue
      known.add(id)
      fresh.push({ ...entry, id, text })
    }
    if (fresh.length > 0) this.#store(fresh, nowMs)
    return outcomes
  }

  #store(fresh: readonly Pending[], nowMs: number): void {
    const [[last]] = this.#db.prepare('SELECT coalesce(max(event), 0) FROM events').raw().all() as [[number]]
    const first = last + 1
    this.#db.prepare('INSERT OR IGNORE INTO days VALUES (?, ?)').run(dayOf(nowMs), first)
    const names = this.#names
    const rows = fresh.map(({ timestampMs, offset, list, action, dataset, reasons, text }, i) => [
      first + i,
      timestampMs,
      offset,
      names.numberOf(list),
      names.numberOf(action),
      names.numberOf(dataset),
      names.numberOf(reasons),
      text,
    ])
    this.#events.insert(rows)
    this.#counts.insert(countAlike(rows))
    this.#ids.insert(fresh.map((entry, i) => [entry.id, first + i]))
    this.#words.insert(fresh.map((entry, i) => [first + i, entry.words, entry.keys]))
  }
}

/** @param rows as they go into `events` */
function countAlike(rows: readonly Parameter[][]): Parameter[][] {
  const counts = new Map<string, number[]>()
  for (const [, timestampMs, , list, action, dataset, reasons] of rows) {
    const alike = [Math.floor((timestampMs as number) / HOUR_MS), dataset, action, list, reasons].map(Number)
    const key = alike.join(' ')
    const count = counts.get(key)
    if (count === undefined) counts.set(key, [...alike, 1])
    else count[5]!++
  }
  return [...counts.values()]
}

function textOf(batch: Batch, i: number): string {
  const end = (batch.starts[i + 1] ?? batch.body.length) - 1
  return batch.body.toString('utf8', batch.documents[i], end)
}

function parse(text: string): Document | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Document) : undefined
  } catch {
    return undefined
  }
}
