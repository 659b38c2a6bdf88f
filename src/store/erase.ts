/**
 * Removes named events from the embedded store, beside an agent that writes, and then whatever of them is left in its files.
 *
 * SQLite leaves what was deleted in free pages, the full text keeps the words of removed rows until its segments are written
 * anew, and the write-ahead log holds old pages. So, in this order: rows are overwritten as they go (`secure_delete`), the full
 * text is merged into one segment, the file is written anew, the log is emptied. The agent waits meanwhile, and loses nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, openForWriting, rollBack } from './connection.js'
import { findEvent } from './known.js'

/** So many in one transaction: the agent's batches get their turn in between. */
const STEP = 500
/** Somebody who reads keeps the log from being emptied, mostly for less than a second. */
const TRIES = 20
const TRY_MS = 250

/** Throws SQLite's and the system's own errors. @returns how many were there */
export function eraseEvents(file: string, ids: readonly string[]): number {
  const db = openForWriting(file)
  try {
    db.exec('PRAGMA secure_delete = ON')
    let erased = 0
    for (let at = 0; at < ids.length; at += STEP) erased += eraseStep(db, ids.slice(at, at + STEP))
    return erased
  } finally {
    db.close()
  }
}

function eraseStep(db: Connection, ids: readonly string[]): number {
  db.exec('BEGIN IMMEDIATE')
  try {
    const events = ids.map(id => findEvent(db, id)).filter(event => event !== undefined)
    const numbers = JSON.stringify(events)
    for (const what of ['words WHERE rowid', 'events WHERE event'])
      db.prepare(`DELETE FROM ${what} IN (SELECT value FROM json_each(?))`).run([numbers])
    db.prepare('DELETE FROM ids WHERE id IN (SELECT value FROM json_each(?))').run([JSON.stringify(ids)])
    db.exec('COMMIT')
    return events.length
  } catch (error) {
    rollBack(db)
    throw error
  }
}

/**
 * Writes the file anew without anything of what was erased. Needs as much room again as the file has, in SQLite's directory for
 * temporary files (`SQLITE_TMPDIR`, else /var/tmp) and beside the file. Throws SQLite's own errors.
 * @returns false: somebody kept reading, so the write-ahead log (`-wal`) still holds old pages
 */
export async function compact(file: string): Promise<boolean> {
  const db = openForWriting(file)
  try {
    db.exec("PRAGMA secure_delete = ON; INSERT INTO words(words) VALUES ('optimize'); VACUUM")
    for (let tries = 1; ; tries++) {
      const [[busy]] = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').raw().all() as [[number]]
      if (busy === 0) return true
      if (tries === TRIES) return false
      await sleep(TRY_MS)
    }
  } finally {
    db.close()
  }
}
