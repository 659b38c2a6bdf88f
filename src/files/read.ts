/**
 * Bytes of one file from an offset on, plain or gzip. Offsets count uncompressed bytes. Reads are sequential: one reader is
 * asked at a time, so all share one buffer.
 */
import { constants, createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import type { FileId } from '../model.js'

export const CHUNK_BYTES = 65_536

export interface Reader {
  /** Up to CHUNK_BYTES from `position` on; empty at the end. The bytes are valid until the next call. */
  read(position: number, length?: number): Promise<Buffer>
  close(): Promise<void>
}

const shared = Buffer.allocUnsafeSlow(CHUNK_BYTES + 1024)

/**
 * Opens a plain file, if it is still the one that was seen. Never blocks on a FIFO put in its place.
 * @throws the system's error; ESTALE where another file has taken the name
 */
export async function openPlain(path: string, id: FileId): Promise<Reader> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await handle.stat({ bigint: true })
    if (!stats.isFile() || `${stats.dev}:${stats.ino}` !== id) throw Object.assign(new Error('replaced'), { code: 'ESTALE' })
  } catch (error) {
    await handle.close()
    throw error
  }
  return plainReader(handle)
}

function plainReader(handle: FileHandle): Reader {
  return {
    async read(position, length = CHUNK_BYTES) {
      const { bytesRead } = await handle.read(shared, 0, Math.min(length, shared.length), position)
      return shared.subarray(0, bytesRead)
    },
    close: () => handle.close(),
  }
}

/** Thrown where a .gz ends too early or is no gzip (yet). */
export class IncompleteGzip extends Error {}

/** Reads a .gz front to back; a position before the last one begins again. */
export function openGzip(path: string): Reader {
  let chunks: AsyncIterator<Buffer> | undefined
  let close = (): void => {}
  let at = 0
  let held: Buffer = Buffer.alloc(0)

  const begin = (): void => {
    const file = createReadStream(path)
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
    file.on('error', error => gunzip.destroy(error))
    close = () => {
      file.destroy()
      gunzip.destroy()
    }
    chunks = file.pipe(gunzip)[Symbol.asyncIterator]()
    at = 0
    held = Buffer.alloc(0)
  }

  return {
    async read(position, length = CHUNK_BYTES) {
      if (chunks === undefined || position < at) {
        close()
        begin()
      }
      while (position >= at + held.length) {
        at += held.length
        const next = await chunks!.next().catch((error: Error & { code?: string }) => {
          close()
          chunks = undefined
          throw error.code?.startsWith('Z_') ? new IncompleteGzip(error.code) : error
        })
        held = next.done ? Buffer.alloc(0) : next.value
        if (next.done) return held
      }
      return held.subarray(position - at, position - at + length)
    },
    async close() {
      close()
      chunks = undefined
    },
  }
}
