/**
 * Many rows by few calls: each call into SQLite costs about 3 µs by itself, a row in a call of many a third of it (measured).
 */
import type { Connection, Parameter, Statement } from './connection.js'

// More rows in one statement gain nothing (measured).
const ROWS = 32

export class Inserter {
  readonly #one: Statement
  readonly #many: Statement

  /** @param into `table(column, …)`, and @param end what follows the values: our own text, never content. */
  constructor(db: Connection, into: string, end = '') {
    const row = `(${into
      .split(',')
      .map(() => '?')
      .join(',')})`
    this.#one = db.prepare(`INSERT INTO ${into} VALUES ${row} ${end}`)
    this.#many = db.prepare(`INSERT INTO ${into} VALUES ${Array(ROWS).fill(row).join(',')} ${end}`)
  }

  insert(rows: readonly Parameter[][]): void {
    let i = 0
    for (; i + ROWS <= rows.length; i += ROWS) this.#many.run(rows.slice(i, i + ROWS).flat())
    for (; i < rows.length; i++) this.#one.run(rows[i]!)
  }
}
