/**
 * Bytes of one file from an offset on, plain or gzip. Offsets count uncompressed bytes. Reads are sequential: one reader is
 * asked at a time, so all share one buffer.
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import type { FileId } from '../model.js'
import { type OpenFile, openFile } from './local.js'

/**
 * The lines of a chunk are parts of it, so all of it lives while they are read. With twice as much V8 takes twice as many chunks for
 * old, and collects all for them twice as often (docs/performance.md).
 */
export const CHUNK_BYTES = 32_768
/** What comes out of a .gz is looked at in pieces of so much. */
const PIECE_BYTES = 65_536

export interface Reader {
  /** Up to CHUNK_BYTES from `position` on; empty at the end. The bytes are valid until the next call. */
  read(position: number, length?: number): Promise<Buffer>
  /** Bytes in the file now; undefined where that would need all of it to be read. */
  size(): Promise<number | undefined>
  close(): Promise<void>
}

const shared = Buffer.allocUnsafeSlow(CHUNK_BYTES + 1024)

/** Where a .gz ends too early: it may be on its way still. Other codes that begin with Z_ mean that it is damaged. */
export const INCOMPLETE = 'Z_BUF_ERROR'

/** Our own code beside zlib's: gigabytes came out of a .gz, and no line among them. */
export const NO_LINES = 'Z_NO_LINES'

/**
 * So many bytes of a .gz may come out in pieces that hold no newline at all: a hole of zeros, a line without an end. Nothing that
 * compresses well is refused before: a program in a loop writes real lines of which gzip makes a 290th (measured).
 */
const MAX_BARREN_BYTES = 4 * 2 ** 30

/**
 * Opens a file, if it is still the one that was seen. Never blocks on a FIFO put in its place.
 * @throws the system's error; ESTALE where another file has taken the name
 */
async function openSeen<File extends OpenFile>(id: FileId, openIt: (flags: number) => Promise<File>): Promise<File> {
  const handle = await openIt(constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await handle.stat({ bigint: true })
    if (!stats.isFile() || `${stats.dev}:${stats.ino}` !== id) throw Object.assign(new Error('replaced'), { code: 'ESTALE' })
  } catch (error) {
    await handle.close()
    throw error
  }
  return handle
}

/** @throws the system's error; ESTALE where another file has taken the name */
export async function openPlain(path: string, id: FileId): Promise<Reader> {
  const handle = await openSeen(id, flags => openFile(path, flags, id))
  return {
    async read(position, length = CHUNK_BYTES) {
      const { bytesRead } = await handle.read(shared, 0, Math.min(length, shared.length), position)
      return shared.subarray(0, bytesRead)
    },
    size: async () => Number((await handle.stat({ bigint: true })).size),
    close: () => handle.close(),
  }
}

export interface GzipReader extends Reader {
  /** Bytes of the .gz itself that were read so far. */
  consumed(): number
}

/** Reads a .gz front to back; a position before the last one begins again. Its reads throw what `openPlain` does, and Z_ codes. */
export function openGzip(path: string, id: FileId): GzipReader {
  let chunks: AsyncIterator<Buffer> | undefined
  let consumed = (): number => 0
  let close = (): void => {}
  let at = 0
  let barren = 0
  let held: Buffer = Buffer.alloc(0)

  const begin = async (): Promise<void> => {
    const file = (await openSeen(id, flags => open(path, flags))).createReadStream()
    const gunzip = createGunzip({ chunkSize: PIECE_BYTES })
    file.on('error', error => gunzip.destroy(error))
    consumed = () => file.bytesRead
    close = () => {
      file.destroy()
      gunzip.destroy()
    }
    chunks = file.pipe(gunzip)[Symbol.asyncIterator]()
    at = 0
    barren = 0
    held = Buffer.alloc(0)
  }

  const fail = (error: unknown): never => {
    close()
    chunks = undefined
    throw error
  }

  return {
    async read(position, length = CHUNK_BYTES) {
      if (chunks === undefined || position < at) {
        close()
        await begin()
      }
      while (position >= at + held.length) {
        at += held.length
        held = Buffer.alloc(0)
        const next = await chunks!.next().catch(fail)
        if (next.done) return held
        held = next.value
        if (!held.includes(10)) barren += held.length
        if (barren > MAX_BARREN_BYTES) fail(Object.assign(new Error('no lines'), { code: NO_LINES }))
      }
      return held.subarray(position - at, position - at + length)
    },
    size: async () => undefined,
    consumed: () => consumed(),
    async close() {
      close()
      chunks = undefined
    },
  }
}
