/**
 * The file of documents that were set aside: how a line is written, read, and what is left of the file when some of them are
 * gone. A line is `{"at":…,"reason":…,"document":…}` with the document's own bytes, so that it is sent again as it was.
 */
import { constants } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

export const SET_ASIDE_FILE = 'set-aside.ndjson'

export interface SetAsideEntry {
  /** Of the outcome table: status, type and field, no part of the document. */
  readonly reason: string
  /** The document as it was sent. */
  readonly document: Buffer
}

export interface KeptEntry extends SetAsideEntry {
  /** When it was refused, ISO 8601. */
  readonly at: string
  /** The whole line with its newline. */
  readonly line: Buffer
}

export interface SetAsideContent {
  /** So many bytes were read: whole lines. */
  readonly bytes: number
  /** Oldest first. */
  readonly entries: readonly KeptEntry[]
  /** Whole lines that are none of ours: a disk or a person damaged them. With their newlines. */
  readonly damaged: readonly Buffer[]
}

const DOCUMENT = Buffer.from(',"document":')

export function lineOf(at: string, { reason, document }: SetAsideEntry): Buffer {
  const head = JSON.stringify({ at, reason }).slice(0, -1)
  return Buffer.concat([Buffer.from(head), DOCUMENT, document, Buffer.from('}\n')])
}

/** What is in the file now; nothing where there is none. @throws the system's error */
export async function readSetAside(directory: string): Promise<SetAsideContent> {
  const file = await open(join(directory, SET_ASIDE_FILE), constants.O_RDONLY | constants.O_NOFOLLOW).catch(orMissing)
  if (file === undefined) return { bytes: 0, entries: [], damaged: [] }
  try {
    return splitLines(await readAt(file, 0, (await file.stat()).size))
  } finally {
    await file.close()
  }
}

function splitLines(content: Buffer): SetAsideContent {
  const entries: KeptEntry[] = []
  const damaged: Buffer[] = []
  let start = 0
  for (let end = content.indexOf(10) + 1; end > 0; end = content.indexOf(10, start) + 1) {
    const line = content.subarray(start, end)
    const entry = readLine(line)
    if (entry === undefined) damaged.push(line)
    else entries.push(entry)
    start = end
  }
  return { bytes: start, entries, damaged }
}

function readLine(line: Buffer): KeptEntry | undefined {
  // Quotes within the reason are escaped, so this is where the document begins.
  const found = line.indexOf(DOCUMENT)
  if (found < 0 || line.at(-2) !== 0x7d) return undefined
  try {
    const { at, reason } = JSON.parse(`${line.toString('utf8', 0, found)}}`) as { at?: unknown; reason?: unknown }
    if (typeof at !== 'string' || typeof reason !== 'string' || Number.isNaN(Date.parse(at))) return undefined
    return { at, reason, document: line.subarray(found + DOCUMENT.length, -2), line }
  } catch {
    return undefined
  }
}

/** What becomes the file, while it is written. */
export const temporaryOf = (directory: string): string => `${join(directory, SET_ASIDE_FILE)}.new`

/**
 * Puts `lines` in the place of the first `bytes` of the file; what was written behind them since stays. The old file is whole
 * until the new one is: killed at any moment, nothing is lost. To be called while nobody else writes to it.
 *
 * @throws the system's error; the file is as it was then
 */
export async function replaceSetAside(directory: string, bytes: number, lines: readonly Buffer[]): Promise<void> {
  const path = join(directory, SET_ASIDE_FILE)
  const old = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const stats = await old.stat()
    const behind = await readAt(old, bytes, stats.size)
    const since = behind.subarray(0, behind.lastIndexOf(10) + 1) // without a line torn by a crash
    if (lines.length === 0 && since.length === 0) await rm(path)
    else {
      const temporary = temporaryOf(directory)
      await rm(temporary, { force: true }) // of one that was killed, maybe another user's
      const file = await open(temporary, 'wx', 0o600)
      try {
        // Root may mend what belongs to the agent, which must be able to go on with it.
        if (stats.uid !== process.getuid?.()) await file.chown(stats.uid, stats.gid)
        await file.writeFile(Buffer.concat([...lines, since]))
        await file.sync()
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      } finally {
        await file.close()
      }
      await rename(temporary, path)
    }
  } finally {
    await old.close()
  }
  await syncDirectory(directory)
}

/** The bytes from `start` up to `end`, or up to the end of the file where that comes first. */
export async function readAt(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, end - start))
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, start + length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return buffer.subarray(0, length)
}

/** So that a file that is new, or has a new name, is still there after a power cut (F38). */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function orMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
