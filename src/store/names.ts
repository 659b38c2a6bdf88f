/** List, action and dataset names and what else is the same in many events, as small numbers: so rows and indexes stay small. */
import type { Connection, Statement } from './connection.js'

// List names come from the logs, so there may be any number of them; those in use are few.
const MAX_REMEMBERED = 10_000

export class Names {
  readonly #numbers = new Map<string, number>()
  readonly #find: Statement
  readonly #add: Statement

  constructor(db: Connection) {
    this.#find = db.prepare('SELECT name FROM names WHERE value = ?').raw()
    this.#add = db.prepare('INSERT INTO names(value) VALUES (?) RETURNING name').raw()
  }

  /** The name's number; a new name is added in the transaction that is open. */
  numberOf(value: string): number
  numberOf(value: string | undefined): number | null
  numberOf(value: string | undefined): number | null {
    if (value === undefined) return null
    const remembered = this.#numbers.get(value)
    if (remembered !== undefined) return remembered
    const [row] = this.#find.all([value]) as [number][]
    const number = row?.[0] ?? (this.#add.all([value]) as [[number]])[0][0]
    if (this.#numbers.size >= MAX_REMEMBERED) this.#numbers.clear()
    // A copy: what is cut from a document keeps all of it in memory.
    this.#numbers.set(Buffer.from(value).toString(), number)
    return number
  }

  /** After a rollback: numbers that it took back must not be used. */
  forget(): void {
    this.#numbers.clear()
  }
}
