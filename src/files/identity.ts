/**
 * Who a file is. Its name says nothing (rotation), its inode little: ext4 hands a deleted file's inode to the next file created.
 * So a generation is known by its head (the first bytes) and an anchor (bytes that stood just before where we had read to).
 */
import { createHash } from 'node:crypto'
import type { Fingerprint } from '../model.js'
import type { Reader } from './read.js'

export const HEAD_BYTES = 1024
export const ANCHOR_BYTES = 256

export function fingerprint(bytes: Buffer, end: number): Fingerprint {
  return { end, length: bytes.length, hash: createHash('sha256').update(bytes).digest('base64url') }
}

/** True where the file behind `reader` has the bytes that were fingerprinted. */
export async function hasBytes(reader: Reader, print: Fingerprint): Promise<boolean> {
  return matches(print, await readExactly(reader, print.end - print.length, print.length))
}

/** A copy of `length` bytes from `position` on; fewer where the file ends. */
export async function readExactly(reader: Reader, position: number, length: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let have = 0
  while (have < length) {
    const bytes = await reader.read(position + have, length - have)
    if (bytes.length === 0) break
    parts.push(Buffer.from(bytes))
    have += bytes.length
  }
  return Buffer.concat(parts)
}

/** True where `bytes`, the file's content that ends at `print.end`, are the ones that were fingerprinted. */
export function matches(print: Fingerprint, bytes: Buffer): boolean {
  return bytes.length === print.length && fingerprint(bytes, print.end).hash === print.hash
}
