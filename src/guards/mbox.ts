/**
 * One mbox file: who it is (inode, size, times) and what it holds (hashes of its first bytes and of those before its end). Mailman
 * only ever adds to it (2.1: Mailman/Archiver/Archiver.py opens it with `a+`), so both must still be there when it has grown.
 */
import { lstat } from 'node:fs/promises'
import { hashPart, isSame, openRegular, type Signature, signatureOf } from './contents.js'

const PART_BYTES = 4_096

export interface MboxPrint extends Signature {
  /** Of the first PART_BYTES, or as many as there were. */
  readonly head: string
  /** Of the last ones. */
  readonly tail: string
}

/** `shrunk`, `rewritten`: what must not be */
export type MboxChange = 'same' | 'grown' | 'shrunk' | 'rewritten'

/** @throws the system's error; ENOENT where it is gone */
export async function lookAtMbox(
  path: string,
  known: MboxPrint | undefined,
): Promise<{ readonly print: MboxPrint; readonly change: MboxChange }> {
  const seen = signatureOf(await lstat(path))
  if (known !== undefined && isSame(known, seen)) return { print: known, change: 'same' }
  const handle = await openRegular(path)
  try {
    // What Mailman adds from now on belongs to the next look.
    const now = signatureOf(await handle.stat())
    const partOf = (size: number): number => Math.min(size, PART_BYTES)
    const headOf = (size: number): Promise<string> => hashPart(handle, 0, partOf(size))
    const tailOf = (size: number): Promise<string> => hashPart(handle, size - partOf(size), partOf(size))
    let change: MboxChange = 'same'
    if (known !== undefined) {
      if (now.size < known.size) change = 'shrunk'
      else if ((await headOf(known.size)) !== known.head || (await tailOf(known.size)) !== known.tail) change = 'rewritten'
      else if (now.size > known.size) change = 'grown'
      // Adding makes it grow: this was written somewhere in the middle. Of a copy with its old time nothing is known.
      else if (now.mtimeMs !== known.mtimeMs) change = 'rewritten'
    }
    return { print: { ...now, head: await headOf(now.size), tail: await tailOf(now.size) }, change }
  } finally {
    await handle.close()
  }
}
