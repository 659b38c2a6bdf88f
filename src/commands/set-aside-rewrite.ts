/**
 * What `set-aside retry` and `erase` do to the file of documents that were set aside: one of them at a time, by a lock of their own;
 * the file is replaced as a whole, in a moment that the agent is kept out of. Killed before, it is as it was.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkStateDirectory } from '../checkpoint/directory.js'
import { lockStateDirectory, withLock } from '../checkpoint/lock.js'
import { replaceSetAside, SET_ASIDE_FILE, temporaryOf } from '../delivery/set-aside-file.js'
import { ShipperError } from '../errors.js'

/** @throws ShipperError where another one is at it, or it would do harm; and what `work` throws */
export async function alone<T>(directory: string, work: () => Promise<T>): Promise<T> {
  await checkStateDirectory(directory)
  const lock = await lockStateDirectory(directory, '-retry')
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

/** Puts `lines` in the place of the first `bytes`. @throws ShipperError; the file is as it was then */
export async function rewrite(directory: string, bytes: number, lines: readonly Buffer[]): Promise<void> {
  await change(directory, () => replaceSetAside(directory, bytes, lines))
}

/** What one that was killed has left holds documents too. @throws ShipperError */
export async function removeLeftover(directory: string): Promise<void> {
  await change(directory, () => rm(temporaryOf(directory), { force: true }))
}

async function change(directory: string, work: () => Promise<void>): Promise<void> {
  await withLock(directory, '-set-aside', work).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof ShipperError) throw error
    throw new ShipperError(
      'MLS_SETASIDE_FULL',
      `${join(directory, SET_ASIDE_FILE)} cannot be written (${error.code}); it is as it was`,
    )
  })
}
