/**
 * A value on disk that may be large and may be lost: what the detector has learned. One file; its first 32 bytes are the SHA-256 of the
 * rest, which is V8's serialization (Node reads that of older ones), compressed: most of a Bloom filter is empty.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import { constants, deflateRaw, inflateRaw } from 'node:zlib'
import { replaceFile } from './whole-file.js'

const HASH_BYTES = 32
const compress = promisify(deflateRaw)
const decompress = promisify(inflateRaw)

/** @throws the system's error; what was there before is untouched then */
export async function saveSnapshot(directory: string, name: string, value: unknown): Promise<void> {
  const bytes = await compress(serialize(value), { level: constants.Z_BEST_SPEED })
  await replaceFile(join(directory, name), Buffer.concat([hashOf(bytes), bytes]))
}

/** Undefined where there is none; `damaged` where it is not what was written. */
export async function loadSnapshot(directory: string, name: string): Promise<unknown> {
  const bytes = await readFile(join(directory, name)).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? undefined : Buffer.alloc(0),
  )
  if (bytes === undefined) return undefined
  const body = bytes.subarray(HASH_BYTES)
  if (!bytes.subarray(0, HASH_BYTES).equals(hashOf(body))) return 'damaged'
  try {
    return deserialize(await decompress(body))
  } catch {
    return 'damaged' // of a newer Node
  }
}

const hashOf = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
