/** Generated traffic in an embedded store, by the real event stage and store. */
import { createStoreOutput } from '../../../src/store/output.js'
import { batchOfText } from '../documents.js'
import { Reading, sourceOf } from '../reading.js'
import { generate, type TrafficOptions, type TrafficRecord } from './generate.mjs'

const BATCH = 2000

export async function storeTraffic(file: string, options: TrafficOptions): Promise<TrafficRecord[]> {
  const records = [...generate(options)].flat()
  const texts = new Map<string, string[]>()
  for (const { log, text } of records) {
    const of = texts.get(log)
    if (of === undefined) texts.set(log, [text])
    else of.push(text)
  }
  const output = createStoreOutput({ file, keepDays: 90 })
  const { signal } = new AbortController()
  try {
    for (const [log, parts] of texts) {
      const text = parts.join('')
      const reading = new Reading(text, { source: sourceOf(log), maxLineBytes: 1 << 20 }).feed(text)
      reading.end()
      for (let i = 0; i < reading.events.length; i += BATCH) {
        const events = reading.events.slice(i, i + BATCH)
        const documents = events.map(({ document }) => Buffer.from(document, 'latin1').toString('utf8'))
        await output.write(
          batchOfText(
            documents,
            events.map(({ id }) => id),
          ),
          signal,
        )
      }
    }
  } finally {
    await output.close()
  }
  return records
}
