/**
 * One agent for each state directory. The lock is a listening socket in Linux's abstract namespace: the kernel frees it when
 * the process ends, however it ends, so there is no stale lock and no pid to be reused. Its name holds a random part kept in
 * the state directory (0700), so that no other user can take it first.
 */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ShipperError } from '../errors.js'

export interface Lock {
  release(): Promise<void>
}

/**
 * @param part a lock of its own beside the agent's: `-retry`
 * @throws ShipperError MLS_STATE_LOCKED, or MLS_STATE_UNSAFE where the lock's name cannot be kept
 */
export async function lockStateDirectory(directory: string, part = ''): Promise<Lock> {
  const path = join(directory, FILE)
  const name = await keepName(path).catch((error: NodeJS.ErrnoException) => {
    throw new ShipperError('MLS_STATE_UNSAFE', `${path} cannot be used (${error.code})`)
  })
  const server = createServer(socket => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new ShipperError('MLS_STATE_LOCKED', directory) : error),
    )
    server.listen(socketOf(name) + part, resolve)
  })
  server.unref()
  return { release: () => new Promise(resolve => server.close(() => resolve())) }
}

const PATIENCE_MS = 10_000
const AGAIN_MS = 20

/** Runs short work when no other process has that lock. @throws ShipperError MLS_STATE_LOCKED after ten seconds of waiting */
export async function withLock<T>(directory: string, part: string, work: () => Promise<T>): Promise<T> {
  const end = performance.now() + PATIENCE_MS
  for (;;) {
    const lock = await lockStateDirectory(directory, part).catch((error: unknown) => {
      if (!(error instanceof ShipperError) || error.code !== 'MLS_STATE_LOCKED' || performance.now() > end) throw error
    })
    if (lock === undefined) {
      await sleep(AGAIN_MS)
      continue
    }
    try {
      return await work()
    } finally {
      await lock.release()
    }
  }
}

/** True while an agent uses the directory. Changes nothing there. @throws the system's error, where this user may not look */
export async function isLocked(directory: string): Promise<boolean> {
  const name = await readFile(join(directory, FILE), 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (name === undefined) return false
  return new Promise(resolve => {
    const socket = connect(socketOf(name))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

const FILE = 'lock'

const socketOf = (name: string): string => `\0mailman-shipper-${name.trim()}`

/** The random part of the lock's name; made where it is not there yet. */
async function keepName(path: string): Promise<string> {
  try {
    await writeFile(path, randomBytes(16).toString('hex'), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFile(path, 'latin1')
}
