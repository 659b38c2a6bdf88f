/**
 * Files of this machine's own disks are asked directly: the system answers in microseconds, a tenth of what the thread pool needs for
 * it, and logs that are followed are in its memory mostly. A file of another machine is asked by the thread pool: its server may hang,
 * and nothing else of the agent is to wait for it.
 */
import { type BigIntStats, closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open, statfs } from 'node:fs/promises'
import type { FileId } from '../model.js'

/** What is done with an open file. */
export type OpenFile = Pick<FileHandle, 'close'> & {
  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  stat(options: { bigint: true }): Promise<BigIntStats>
}

/** By the number that statfs tells (linux/magic.h). What is not known here counts as another machine's. */
const LOCAL_TYPES = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0x2fc12fc1, // zfs
  0xf2f52010, // f2fs
  0x794c7630, // overlayfs
  0x01021994, // tmpfs
])

/** By device: each is asked for once. */
const known = new Map<string, boolean>()

/** @throws the system's error */
export async function openFile(path: string, flags: number, id: FileId): Promise<OpenFile> {
  return (await isLocal(path, id)) ? DirectFile.open(path, flags) : open(path, flags)
}

async function isLocal(path: string, id: FileId): Promise<boolean> {
  const device = id.slice(0, id.indexOf(':'))
  const before = known.get(device)
  if (before !== undefined) return before
  const { type } = await statfs(path)
  known.set(device, LOCAL_TYPES.has(type))
  return LOCAL_TYPES.has(type)
}

/** Before each operation that may take a while others have their turn, as they have while the thread pool works. */
class DirectFile implements OpenFile {
  #fd: number | undefined

  private constructor(fd: number) {
    this.#fd = fd
  }

  static async open(path: string, flags: number): Promise<DirectFile> {
    await new Promise(setImmediate)
    return new DirectFile(openSync(path, flags))
  }

  async read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }> {
    await new Promise(setImmediate)
    return { bytesRead: readSync(this.#opened, buffer, offset, length, position) }
  }

  async stat(): Promise<BigIntStats> {
    return fstatSync(this.#opened, { bigint: true })
  }

  async close(): Promise<void> {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) closeSync(fd)
  }

  /** The number of a closed file may be another one's by now. */
  get #opened(): number {
    if (this.#fd === undefined) throw Object.assign(new Error('closed'), { code: 'EBADF' })
    return this.#fd
  }
}
