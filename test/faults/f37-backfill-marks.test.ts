/**
 * `backfill` where a batch is full with the last record of a file: never two batches with lines of one file on the way (I4), and
 * its marks never lead what is stored (I1), so that a kill at any moment loses nothing.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { defaultLimits } from '../../src/batches/collect.js'
import { findFiles } from '../../src/commands/backfill-files.js'
import { LogReading } from '../../src/commands/backfill-read.js'
import { BackfillShipping } from '../../src/commands/backfill-ship.js'
import { loadConfig } from '../../src/config/load.js'
import { systemClock } from '../../src/diagnostics/clock.js'
import { createSources } from '../../src/events/source.js'
import type { Answer, Clock, Output } from '../../src/model.js'
import type { Stream } from '../../src/stream.js'
import { makeAgentSite } from '../support/site-config.js'

const FASTER = 20
const clock: Clock = {
  now: systemClock.now,
  monotonic: () => systemClock.monotonic() * FASTER,
  sleep: (ms, signal) => systemClock.sleep(ms / FASTER, signal),
}

/** Of no known shape: each may go on until the next line, or the end of its file. */
const lines = (file: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `Nov 20 12:00:0${file} 2026 (7) text ${i}\n`).join('')

/** Ships files of so many lines by a slow output; returns how many documents were in each batch. */
async function ship(t: Test, counts: readonly number[]): Promise<number[]> {
  const site = makeAgentSite(t.testdir({}))
  const config = await loadConfig(site.configFile)
  const paths = counts.map((count, file) => {
    const path = join(site.logs, `vette.${9 - file}`)
    writeFileSync(path, lines(file, count))
    return path
  })
  const refuse = (code: string): void => {
    t.fail(`refused: ${code}`)
  }
  const files = await findFiles(paths, undefined, { ...config, logs: { ...config.logs, directories: [] } }, refuse)
  /** By path: offsets of the lines that are stored, in the order of their arrival. */
  const stored = new Map<string, number[]>(paths.map(path => [path, []]))
  const onTheWay = new Set<string>()
  const sizes: number[] = []
  const output: Output = {
    name: 'slow',
    prefix: () => '',
    async write({ body }): Promise<Answer> {
      const places = body
        .toString()
        .split('\n')
        .slice(0, -1)
        .map(line => JSON.parse(line).log as { file: { path: string }; offset: number })
      const mine = new Set(places.map(({ file }) => file.path))
      sizes.push(places.length)
      t.not(places.length, 0, 'no empty batch')
      for (const path of mine) {
        t.notOk(onTheWay.has(path), `one batch with lines of ${path}`)
        onTheWay.add(path)
      }
      await systemClock.sleep(80)
      for (const { file, offset } of places) stored.get(file.path)!.push(offset)
      for (const path of mine) onTheWay.delete(path)
      return { outcomes: places.map(() => ({ status: 'stored' })) }
    },
    async close() {},
  }
  const streams = new Set<Stream>()
  const shipping = new BackfillShipping({
    config,
    output,
    clock,
    async save() {
      for (const { generation, settled } of streams) {
        const due = lines(paths.indexOf(generation.path), 5000).slice(0, settled.offset).split('\n').length - 1
        t.ok(stored.get(generation.path)!.length >= due, `the mark of ${generation.path} does not lead`)
      }
    },
    events: { heldUp: () => t.fail('held up'), resumed() {}, setAside: () => t.fail('set aside') },
  })
  const resume = { claim: async () => undefined, follow: (stream: Stream) => void streams.add(stream) }
  const reading = new LogReading(files, { sourceOf: createSources(config, Date.now, undefined), clock, refuse, resume })
  t.ok(await shipping.run([reading]), 'all is settled')
  for (const [file, count] of counts.entries()) {
    const offsets = stored.get(paths[file]!)!
    t.equal(offsets.length, count)
    t.same(
      offsets,
      offsets.toSorted((a, b) => a - b),
      'in their order',
    )
  }
  return sizes
}

t.test('a batch that is full with the last record of a file', async t => {
  const [first = 0] = await ship(t, [4000])
  // The last record of a file is one as soon as the file ends, and not by a line behind it.
  const { maxEvents } = defaultLimits
  t.same((await ship(t, [first + maxEvents, 4000, 1000])).slice(0, 2), [first, maxEvents], 'the second one was full at the end')
})
