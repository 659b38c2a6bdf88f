/** Generated traffic in Elasticsearch, by the real event stage. */
import type { Client } from '@elastic/elasticsearch'
import { Reading, sourceOf } from '../reading.js'
import { generate, type TrafficOptions } from './generate.mjs'

const BATCH = 4000

/** @returns how many events */
export async function indexTraffic(client: Client, namespace: string, options: TrafficOptions): Promise<number> {
  const texts = new Map<string, string>()
  for (const minute of generate(options)) for (const { log, text } of minute) texts.set(log, (texts.get(log) ?? '') + text)
  let total = 0
  for (const [log, text] of texts) {
    const reading = new Reading(text, { source: sourceOf(log), maxLineBytes: 1 << 20 }).feed(text)
    reading.end()
    for (let i = 0; i < reading.events.length; i += BATCH) {
      const events = reading.events.slice(i, i + BATCH)
      const operations = events.flatMap(({ id, dataset, document }) => [
        { create: { _index: `logs-${dataset}-${namespace}`, _id: id } },
        Buffer.from(document, 'latin1').toString('utf8'),
      ])
      const { errors, items } = await client.bulk({ operations })
      if (errors) throw new Error(JSON.stringify(items.find(({ create }) => create?.error !== undefined)))
      total += events.length
    }
  }
  await client.indices.refresh({ index: `logs-mailman.*-${namespace}` })
  return total
}
