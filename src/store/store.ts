/**
 * The embedded store of the agent: opens its file when there is something to write, and again after any trouble, so that it
 * recovers by itself once the trouble is over. Never throws at a batch: trouble is a hold-up.
 */
import { statSync } from 'node:fs'
import type { Answer, Batch, HoldUp } from '../model.js'
import { type Connection, openForWriting } from './connection.js'
import { prune, type Retention } from './prune.js'
import { NotOurs } from './schema.js'
import { Writer } from './writer.js'

interface Opened {
  readonly db: Connection
  readonly writer: Writer
  readonly inode: bigint
}

/** Of `local` in the configuration, what the writer needs. */
export interface StoreOptions extends Retention {
  readonly file: string
}

export class Store {
  readonly #file: string
  readonly #retention: Retention
  #open: Opened | undefined
  #trouble: HoldUp | undefined
  #hasGivenWay = false

  constructor(local: StoreOptions) {
    this.#file = local.file
    this.#retention = local
  }

  /** Why nothing old was removed the last time; undefined: it was. */
  get trouble(): HoldUp | undefined {
    return this.#trouble
  }

  write(batch: Batch, nowMs: number): Answer {
    try {
      return this.#opened().writer.write(batch, nowMs)
    } catch (error) {
      // These leave a connection whole. All else begins anew, which libsql pays for with descriptors that wait for collection.
      if (!isFullOrBusy(error)) this.close()
      return { holdUp: { code: 'MLS_STORE_UNWRITABLE', detail: `${this.#file}: ${reasonOf(error)}` } }
    }
  }

  /**
   * One small step of removing what was stored longer than keepDays ago.
   * @returns whether there may be more to remove.
   */
  prune(nowMs: number, limit: number): boolean {
    if (inodeOf(this.#file) === undefined) return false
    try {
      const count = prune(this.#opened().db, nowMs, this.#retention, limit)
      this.#trouble = undefined
      this.#hasGivenWay = false
      return count === limit
    } catch (error) {
      if (!isFullOrBusy(error)) this.close()
      // Whoever erases, or reads in old logs, holds it for a while.
      const givesWay = resultCode(error) === SQLITE_BUSY && !this.#hasGivenWay
      this.#hasGivenWay = true
      if (givesWay) return false
      this.#trouble = {
        code: 'MLS_STORE_UNPRUNED',
        detail: `${this.#file}: ${reasonOf(error, 'an old event in it cannot be read')}`,
      }
      return false
    }
  }

  /** Brings a file of an older version up to date, where there is one. */
  renew(): void {
    if (inodeOf(this.#file) === undefined) return
    try {
      this.#opened()
    } catch {
      // The next batch meets the same trouble, and says so.
    }
  }

  close(): void {
    try {
      this.#open?.db.close()
    } catch {
      // What was acknowledged is on disk already.
    }
    this.#open = undefined
  }

  #opened(): Opened {
    // Somebody may have moved the file away: what we wrote into it then would be found by nobody.
    if (this.#open !== undefined && this.#open.inode !== inodeOf(this.#file)) this.close()
    if (this.#open !== undefined) return this.#open
    const db = openForWriting(this.#file)
    try {
      this.#open = { db, writer: new Writer(db), inode: statSync(this.#file, { bigint: true }).ino }
      return this.#open
    } catch (error) {
      db.close()
      throw error
    }
  }
}

/** undefined: nothing is there, or it cannot be reached. */
function inodeOf(file: string): bigint | undefined {
  try {
    return statSync(file, { bigint: true }).ino
  } catch {
    return undefined
  }
}

// Primary result codes: https://sqlite.org/rescode.html
const SQLITE_BUSY = 5
const SQLITE_FULL = 13

const sqliteReasons = new Map([
  [SQLITE_BUSY, 'another process is holding it'],
  [8, 'it may not be written'],
  [10, 'the disk answered with an error'],
  [11, 'it is damaged; move it away and the agent begins a new one'],
  [SQLITE_FULL, 'no space is left on the disk'],
  [14, 'it cannot be opened'],
  [26, 'it is not a database of mailman-shipper; name another one with local.file'],
])

const systemReasons = new Map([
  ['EACCES', 'permission denied'],
  ['EDQUOT', 'no space is left for this user'],
  ['EISDIR', 'it is a directory'],
  ['ENOSPC', 'no space is left on the disk'],
  ['ENOTDIR', 'its directory is not a directory'],
  ['EEXIST', 'its directory is not a directory'],
  ['EROFS', 'the file system is read-only'],
])

/** Why, in words of ours: a message of SQLite's may quote a statement. */
function reasonOf(error: unknown, otherwise = 'it cannot be opened'): string {
  if (error instanceof NotOurs) return error.message
  const { code } = error as { code?: unknown }
  const known = sqliteReasons.get(resultCode(error) ?? 0) ?? systemReasons.get(String(code))
  return known ?? (typeof code === 'string' && code !== '' ? code : otherwise)
}

function isFullOrBusy(error: unknown): boolean {
  return resultCode(error) === SQLITE_FULL || resultCode(error) === SQLITE_BUSY
}

function resultCode(error: unknown): number | undefined {
  const { rawCode } = error as { rawCode?: unknown }
  return typeof rawCode === 'number' ? rawCode & 0xff : undefined
}
