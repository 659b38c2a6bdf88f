/**
 * Events as lines of JSON, for those who ship by other means: on standard output, or at the end of a file. There is no one to
 * answer «had it already», so what was on the way in a crash is written twice.
 */
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import type { Answer, Batch, Output } from '../model.js'
import { readAt } from './set-aside-file.js'
import { endOfLines } from './torn-line.js'

const unwritable = (name: string, error: unknown): Answer => {
  const { code } = error as NodeJS.ErrnoException
  return { holdUp: { code: 'MLS_NDJSON_UNWRITABLE', detail: `${name} (${code ?? 'closed'})` } }
}

const allStored = (batch: Batch): Answer => ({ outcomes: batch.starts.map(() => ({ status: 'stored' }) as const) })

/** A batch is stored when the stream has taken it. */
export function createNdjsonStreamOutput(stream: Writable, name: string): Output {
  return {
    name: 'ndjson',
    prefix: () => '',
    write: batch =>
      new Promise(resolve => {
        // The buffer is written again once the batch is settled: it must have left the stream by then.
        stream.write(batch.body, error => resolve(error ? unwritable(name, error) : allStored(batch)))
      }),
    close: async () => {},
  }
}

/** A batch is stored when it is on disk. What could be written of one that failed is cut off again, and the file opened anew. */
export function createNdjsonFileOutput(path: string): Output {
  let file: FileHandle | undefined
  let last: Promise<unknown> = Promise.resolve()

  const append = async (batch: Batch): Promise<Answer> => {
    try {
      file ??= await openAtEnd(path)
      const stats = await file.stat()
      try {
        await file.appendFile(batch.body)
        if (stats.isFile()) await file.datasync()
      } catch (error) {
        if (stats.isFile()) await file.truncate(stats.size).catch(() => {}) // else half a line stays: the next one is broken too
        throw error
      }
      return allStored(batch)
    } catch (error) {
      await file?.close().catch(() => {})
      file = undefined
      return unwritable(path, error)
    }
  }

  return {
    name: 'ndjson',
    prefix: () => '',
    write(batch) {
      const answer = last.then(() => append(batch)) // batches come several at a time; a file has one end
      last = answer
      return answer
    },
    async close() {
      await last
      await file?.close()
    },
  }
}

/** How our documents begin (events/document.ts). */
const BEGINNING = Buffer.from('{"@timestamp":"')

/** At the end of the last whole line: on what a crash left of one, the next would stick, and be no JSON either. */
async function openAtEnd(path: string): Promise<FileHandle> {
  const isOther = await stat(path).then(
    stats => !stats.isFile(),
    () => false,
  )
  if (isOther) return open(path, 'a') // a pipe or a device, which has no end
  const file = await open(path, 'a+', 0o600)
  try {
    const { size } = await file.stat()
    const end = await endOfLines(file, size)
    const torn = await readAt(file, end, Math.min(size, end + BEGINNING.length))
    if (torn.length === 0) return file
    // Ours comes again from the log. What somebody else left there stays, as a line of its own.
    if (torn.equals(BEGINNING.subarray(0, torn.length))) await file.truncate(end)
    else await file.appendFile('\n')
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}
