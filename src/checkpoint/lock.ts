/**
 * One agent for each state directory. The lock is a listening socket in Linux's abstract namespace: the kernel frees it when
 * the process ends, however it ends, so there is no stale lock and no pid to be reused. Its name holds a random part kept in
 * the state directory (0700), so that no other user can take it first.
 */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { ShipperError } from '../errors.js'

export interface Lock {
  release(): Promise<void>
}

/** @throws ShipperError MLS_STATE_LOCKED */
export async function lockStateDirectory(directory: string): Promise<Lock> {
  const name = `\0mailman-shipper-${await lockName(join(directory, 'lock'))}`
  const server = createServer(socket => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new ShipperError('MLS_STATE_LOCKED', directory) : error),
    )
    server.listen(name, resolve)
  })
  server.unref()
  return { release: () => new Promise(resolve => server.close(() => resolve())) }
}

/** True while an agent uses the directory. */
export async function isLocked(directory: string): Promise<boolean> {
  try {
    await (await lockStateDirectory(directory)).release()
    return false
  } catch (error) {
    if (error instanceof ShipperError && error.code === 'MLS_STATE_LOCKED') return true
    throw error
  }
}

async function lockName(path: string): Promise<string> {
  try {
    await writeFile(path, randomBytes(16).toString('hex'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return (await readFile(path, 'latin1')).trim()
}
