/** F55: what refused large requests for a while does not make them small for ever. */
import t from 'tap'
import { BatchCollector } from '../../src/batches/collect.js'
import type { LogEvent } from '../../src/model.js'

const event = { document: 'x'.repeat(99) } as LogEvent // with its newline 100 bytes

function nextBatch(collector: BatchCollector): number {
  while (!collector.isFull) collector.add('', event)
  const batch = collector.take()
  collector.release(batch)
  return batch.starts.length
}

t.test('a proxy that refused everything for a minute', async t => {
  const collector = new BatchCollector({ maxBytes: 10_000, maxEvents: 1_000 })
  t.equal(nextBatch(collector), 100)
  collector.shrink(100)
  const sizes = Array.from({ length: 1_000 }, () => nextBatch(collector))
  t.same(new Set(sizes.slice(0, 100)), new Set([1]), 'small for a good while')
  t.same([...new Set(sizes)], [1, 2, 4, 8, 16, 32, 64, 100], 'then as large as before, step by step')
})

t.test('one that goes on refusing', async t => {
  const collector = new BatchCollector({ maxBytes: 10_000, maxEvents: 1_000 })
  collector.shrink(5_000)
  let refused = 0
  for (let count = 0; count < 1_000; count++)
    if (nextBatch(collector) > 50) {
      refused++
      collector.shrink(5_000)
    }
  t.ok(refused < 11, `one request of a hundred: ${refused}`)
})
