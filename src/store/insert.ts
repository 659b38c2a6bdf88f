/**
 * Many rows by few calls: each call into SQLite costs about 3 µs by itself, a row in a call of many a third of it (measured).
 */
import type { Connection, Parameter, Statement } from './connection.js'

// More rows in one statement gain nothing (measured).
const ROWS = 32

export class Inserter {
  readonly #statements: readonly Insert[]
  readonly #width: number
  #parameters: Parameter[] = []

  /**
   * @param into `table(column, …)`, and @param end what follows the values: our own text, never content.
   * @param rows in one statement, once there are so many
   */
  constructor(db: Connection, into: string, end = '', rows = ROWS) {
    this.#width = into.split(',').length
    const row = `(${Array(this.#width).fill('?').join(',')})`
    this.#statements = [...new Set([rows, ROWS, 1])].map(rows => ({
      rows,
      statement: db.prepare(`INSERT INTO ${into} VALUES ${Array(rows).fill(row).join(',')} ${end}`),
    }))
  }

  /** Kept until there are enough; flush() inserts the rest. */
  add(row: readonly Parameter[]): void {
    for (const parameter of row) this.#parameters.push(parameter)
    const { rows, statement } = this.#statements[0]!
    if (this.#parameters.length < rows * this.#width) return
    statement.run(this.#parameters)
    this.#parameters = []
  }

  flush(): void {
    let at = 0
    for (const { rows, statement } of this.#statements) {
      const step = rows * this.#width
      for (; at + step <= this.#parameters.length; at += step) statement.run(this.#parameters.slice(at, at + step))
    }
    this.#parameters = []
  }

  /** After a rollback: what is kept is not inserted. */
  forget(): void {
    this.#parameters = []
  }
}

interface Insert {
  readonly rows: number
  readonly statement: Statement
}
