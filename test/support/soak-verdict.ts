/** Whether what a soak wrote is stored: each record once, as it was written, a file's records in their order. */
import { basename } from 'node:path'
import type { Client } from '@elastic/elasticsearch'
import { readName } from '../../src/files/names.js'
import { numberOf } from './mailman-writer.js'
import { recordOf } from './soak-writer.js'
import type { StoredDocument } from './stored.js'

export interface Verdict {
  readonly documents: number
  readonly indices: number
  /** Records by log and number. */
  readonly lost: string[]
  readonly twice: string[]
  /** Events that hold something else than their record. */
  readonly changed: string[]
  /** Events that were stored after a later one of their file, or stand elsewhere in it than their number says. */
  readonly disorder: string[]
}

/** @param written records of each log */
export async function judge(client: Client, namespace: string, written: ReadonlyMap<string, number>): Promise<Verdict> {
  const seen = new Map([...written].map(([log, count]) => [log, new Uint8Array(count)]))
  const ids = new Set<string>()
  const twice: string[] = []
  const changed: string[] = []
  const disorder: string[] = []
  let documents = 0
  const { data_streams: streams } = await client.indices.resolveIndex({ name: `logs-mailman.*-${namespace}` })
  // Of each generation, over the indices in their order: where its last event stands, and its number.
  const last = new Map<string, { offset: number; number: number }>()
  const indices = streams.flatMap(({ backing_indices }) => backing_indices)
  for (const index of indices)
    for await (const { event, log: source, message } of readInOrder(client, index)) {
      documents++
      const log = readName(basename(source.file.path))!.log
      const number = numberOf(message)
      const name = `${log} ${number} (${source.file.path} at ${source.offset}, ${index})`
      const counts = seen.get(log)
      if (counts === undefined || !(number < counts.length) || message !== recordOf(log, number).join('\n')) {
        changed.push(`${name}: ${JSON.stringify(message)}`)
        continue
      }
      if (counts[number]!++ > 0 || ids.has(event.id)) twice.push(name)
      ids.add(event.id)
      const generation = event.id.slice(0, 16)
      const before = last.get(generation)
      if (before !== undefined && (before.offset >= source.offset || before.number >= number))
        disorder.push(`${name} after ${before.number} at ${before.offset}`)
      else last.set(generation, { offset: source.offset, number })
    }
  const lost = [...seen].flatMap(([log, counts]) =>
    [...counts.keys()].filter(number => counts[number] === 0).map(n => `${log} ${n}`),
  )
  return { documents, indices: indices.length, lost, twice, changed, disorder }
}

/** All documents of one index, in the order in which they were stored. */
async function* readInOrder(client: Client, index: string): AsyncGenerator<StoredDocument> {
  await client.indices.refresh({ index })
  let after: unknown[] | undefined
  do {
    const { hits } = await client.search<StoredDocument>({
      index,
      size: 10_000,
      sort: [{ _seq_no: 'asc' }],
      track_total_hits: false,
      _source: ['message', 'event.id', 'log.offset', 'log.file.path'],
      ...(after === undefined ? {} : { search_after: after as number[] }),
    })
    for (const hit of hits.hits) yield hit._source!
    after = hits.hits.at(-1)?.sort
  } while (after !== undefined)
}
