/** Whether a file is as it was: by what its name tells, else by hashes of what it holds. */
import { createHash } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

const CHUNK_BYTES = 65_536

/** What says without reading it that a file is as it was. */
export interface Signature {
  readonly size: number
  readonly mtimeMs: number
  readonly ctimeMs: number
  readonly ino: number
}

export function signatureOf({ size, mtimeMs, ctimeMs, ino }: Stats): Signature {
  return { size, mtimeMs, ctimeMs, ino }
}

export function isSame(a: Signature, b: Signature): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino
}

/**
 * Opens a regular file to read; never a symbolic link, never waiting for a FIFO's other end. Whoever opens closes.
 * @throws the system's error; EINVAL where it is no regular file
 */
export async function openRegular(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!(await handle.stat()).isFile()) throw Object.assign(new Error('not a regular file'), { code: 'EINVAL' })
  } catch (error) {
    await handle.close()
    throw error
  }
  return handle
}

/** SHA-256 of up to `length` bytes from `start` on; where the file ends before, of those that there are. @throws the system's error */
export async function hashPart(handle: FileHandle, start: number, length: number): Promise<string> {
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(Math.min(length, CHUNK_BYTES))
  let done = 0
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, length - done), start + done)
    if (bytesRead === 0) break
    hash.update(buffer.subarray(0, bytesRead))
    done += bytesRead
  }
  return hash.digest('base64url')
}
