/** Opens the embedded store: files that nobody else can read, made so before anything is written into them. */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'libsql'
import { migrate } from './schema.js'

export type Parameter = string | number | null | Buffer
export type Connection = Database.Database
export type Statement = Database.Statement

// The agent writes in short transactions; whoever waits longer than this meets something that is stuck.
const BUSY_MS = 5000
// Of pages of SQLite's own, kept for each connection.
const CACHE_KIB = 8 * 1024
// Documents are near 800 bytes: pages of 4 KiB waste a fifth, of 16 KiB cost single events a lot of log (measured).
const PAGE_BYTES = 8192
// What the write-ahead log keeps of its size when it has been written back.
const WAL_KEPT_BYTES = 16 * 1024 * 1024

/** For the one who writes: makes the directory (0700), the file (0600) and the tables where they are missing. */
export function openForWriting(file: string): Connection {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // SQLite gives -wal and -shm the permissions of the file itself.
  closeSync(openSync(file, 'a', 0o600))
  const db = new Database(file)
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA page_size = ${PAGE_BYTES}`)
    migrate(db)
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA journal_size_limit = ${WAL_KEPT_BYTES};
    `)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** For those who ask: SQLite itself refuses to write. Works while the agent writes. Throws where there is no such file. */
export function openForReading(file: string): Connection {
  const db = new Database(`${pathToFileURL(resolve(file)).href.replace('file://', 'file:')}?mode=ro`)
  db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA query_only = ON; PRAGMA cache_size = -${CACHE_KIB}`)
  return db
}

/** A full disk may have rolled back already. */
export function rollBack(db: Connection): void {
  if (db.inTransaction) db.exec('ROLLBACK')
}
