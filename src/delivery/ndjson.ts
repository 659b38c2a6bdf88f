/**
 * Events as lines of JSON, for those who ship by other means. A batch is stored when the stream has taken it; there is no one to
 * answer «had it already», so what was on the way in a crash is written twice.
 */
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { Output } from '../model.js'

/** @param name for messages: the file, or `standard output` */
export function createNdjsonOutput(stream: Writable, name: string): Output {
  let broken: string | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => {
    broken = error.code ?? error.name
  })
  return {
    name: 'ndjson',
    prefix: () => '',
    async write(batch) {
      if (broken === undefined) {
        // The buffer is written again once the batch is settled, so it must have left the stream by then.
        await new Promise<void>(resolve => stream.write(batch.body, () => resolve()))
      }
      if (broken !== undefined) return { holdUp: { code: 'MLS_NDJSON_UNWRITABLE', detail: `${name} (${broken})` } }
      return { outcomes: batch.starts.map(() => ({ status: 'stored' }) as const) }
    },
    async close() {
      if (broken !== undefined || stream.writableEnded) return
      if (stream === process.stdout) return
      stream.end()
      await once(stream, 'close')
    },
  }
}
