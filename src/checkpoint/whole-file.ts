/**
 * A small file that is replaced as a whole: written under a temporary name, synced, renamed over the old one, and the directory is
 * synced: a power cut leaves the old one or the new one. After a failed fsync the file is given up, never synced again: the kernel
 * may have dropped the pages.
 */
import { open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Returns when it is safe on disk. Its owner is the directory's: root may write what the agent is to read.
 * @throws the system's error; what was there is untouched then
 */
export async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const temporary = `${path}.new`
  try {
    const file = await open(temporary, 'w', 0o600)
    try {
      if (process.geteuid?.() === 0) {
        const { uid, gid } = await stat(dirname(path))
        // A root without that right keeps it.
        if (uid !== 0) await file.chown(uid, gid).catch(() => {})
      }
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Undefined: there is none. @throws the system's error */
export async function readWhole(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

/** The same for as long as nobody replaced the file; '' where there is none, or nobody can tell. */
export async function markOf(path: string): Promise<string> {
  return stat(path).then(
    ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
    () => '',
  )
}
