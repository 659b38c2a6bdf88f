/**
 * One agent for each state directory. The lock is a listening socket in Linux's abstract namespace: the kernel frees it when
 * the process ends, however it ends, so there is no stale lock and no pid to be reused. Its name holds a random part kept in
 * the state directory (0700), so that no other user knows it before. While the agent runs, the system shows it to all: who takes
 * it in the moment of a restart keeps the agent from starting, loudly, and gains nothing else.
 */
import { randomBytes } from 'node:crypto'
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
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
  const name = await readName(join(directory, FILE))
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

const socketOf = (name: string): string => `\0mailman-shipper-${name}`

/** The random part of the lock's name; made where there is none, or where a power cut has left none of it. */
async function keepName(path: string): Promise<string> {
  const kept = await readName(path)
  if (kept !== undefined) return kept
  const temporary = `${path}.${randomBytes(4).toString('hex')}`
  try {
    await writeName(temporary, randomBytes(NAME_BYTES).toString('hex'))
    // As a whole, or not at all: two that start at once must find the same name.
    await link(temporary, path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      if ((await readName(path)) === undefined) await rename(temporary, path)
    })
  } finally {
    await rm(temporary, { force: true })
  }
  return (await readName(path))!
}

/** Undefined where there is no file, or no name in it. */
async function readName(path: string): Promise<string | undefined> {
  const name = await readFile(path, 'latin1').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return ''
  })
  return NAME.exec(name)?.[0]
}

const NAME_BYTES = 16
const NAME = /^[0-9a-f]{32}/

async function writeName(path: string, name: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    // Root may retry what was set aside before the agent has ever run there, which must be able to read it.
    const { uid, gid } = await stat(dirname(path))
    if (uid !== process.getuid?.()) await file.chown(uid, gid)
    await file.writeFile(name)
    await file.sync()
  } finally {
    await file.close()
  }
}
