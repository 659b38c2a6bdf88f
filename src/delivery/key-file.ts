/** The file of the writer key: new or replaced in one move, never open to others for a moment, its owner kept. */
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ShipperError } from '../errors.js'

export interface KeyFile {
  /** Puts the key in place. */
  commit(key: string): Promise<void>
  /** Leaves everything as it was. */
  abandon(): Promise<void>
}

/**
 * Makes sure, before a key exists, that there is a place for it: a key that cannot be written down would stay valid, unknown.
 * @throws ShipperError MLS_CONFIG_SECRET
 */
export async function prepareKeyFile(path: string): Promise<KeyFile> {
  const directory = dirname(path)
  const temporary = `${path}.new`
  try {
    await mkdir(directory, { recursive: true, mode: 0o755 })
    const old = await stat(path).catch(() => undefined)
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx', 0o600)
    // The service's user, where the file was given to it.
    if (old !== undefined && process.getuid?.() === 0) await file.chown(old.uid, old.gid)
    return {
      async commit(key) {
        try {
          await file.writeFile(`${key}\n`)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(temporary, path)
        await syncDirectory(directory)
      },
      async abandon() {
        await file.close()
        await rm(temporary, { force: true })
      },
    }
  } catch (error) {
    throw new ShipperError(
      'MLS_CONFIG_SECRET',
      `${path} cannot be written: ${error instanceof Error && 'code' in error ? error.code : 'unknown error'}`,
    )
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
