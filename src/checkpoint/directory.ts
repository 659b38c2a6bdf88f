/** The state directory: ours alone, since it holds addresses and says what was read. */
import type { Stats } from 'node:fs'
import { lstat, mkdir, statfs } from 'node:fs/promises'
import { ShipperError } from '../errors.js'

/** Makes the directory (0700) where it is missing. @throws ShipperError MLS_STATE_UNSAFE */
export async function prepareStateDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new ShipperError('MLS_STATE_UNSAFE', `${path} cannot be made (${(error as NodeJS.ErrnoException).code})`)
  }
  const trouble = stateDirectoryTrouble(await lstat(path), process.getuid?.())
  if (trouble !== undefined) throw new ShipperError('MLS_STATE_UNSAFE', `${path} ${trouble}`)
}

/** For commands beside the agent, whose user's it is: root may. @throws ShipperError MLS_STATE_UNSAFE, or the system's error */
export async function checkStateDirectory(path: string): Promise<void> {
  const stats = await lstat(path)
  const uid = process.getuid?.()
  const trouble = stateDirectoryTrouble(stats, uid === 0 ? stats.uid : uid)
  if (trouble !== undefined) throw new ShipperError('MLS_STATE_UNSAFE', `${path} ${trouble}`)
}

/** What is wrong with a state directory, as the end of a sentence, or undefined. Never follows a symbolic link. */
export function stateDirectoryTrouble(stats: Stats, uid: number | undefined): string | undefined {
  if (stats.isSymbolicLink()) return 'is a symbolic link'
  if (!stats.isDirectory()) return 'is not a directory'
  if (uid !== undefined && stats.uid !== uid) return `belongs to user ${stats.uid}, not to ${uid}`
  if ((stats.mode & 0o022) !== 0) return 'can be written by group or others'
  return undefined
}

/** File systems that are empty after a boot, by the number that statfs tells (linux/magic.h). */
const inMemory = new Map([
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
])

/** What is to be told of a directory whose content the next boot takes away; undefined: it stays, or nobody knows. */
export async function forgetfulness(path: string): Promise<string | undefined> {
  const type = await statfs(path).then(
    ({ type }) => inMemory.get(type),
    () => undefined,
  )
  return type === undefined ? undefined : `is on a ${type}: after a boot it is empty, and all logs are read again`
}
