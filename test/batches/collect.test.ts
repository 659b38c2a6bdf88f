/** Events → batches: every byte where the batch says it is, full by bytes or by count, buffers used again without a trace. */
import fc from 'fast-check'
import t from 'tap'
import { BatchCollector, defaultLimits } from '../../src/batches/collect.js'
import { documentOf } from '../../src/delivery/part.js'
import type { LogEvent } from '../../src/model.js'

const event = (id: string, document = `{"id":"${id}"}`): LogEvent => ({
  id,
  document,
  dataset: 'mailman.vette',
  timestampMs: 0,
  offset: 0,
  pattern: undefined,
  values: [],
  tags: [],
})

t.test('a batch holds what was added, in order', async t => {
  const collector = new BatchCollector()
  t.equal(collector.count, 0)
  for (const id of ['a', 'b', 'c']) collector.add(`{"create":"${id}"}\n`, event(id))
  t.equal(collector.count, 3)
  const batch = collector.take()
  t.equal(batch.body.toString(), '{"create":"a"}\n{"id":"a"}\n{"create":"b"}\n{"id":"b"}\n{"create":"c"}\n{"id":"c"}\n')
  t.same(
    batch.starts.map((_, i) => documentOf(batch, i).toString()),
    ['{"id":"a"}', '{"id":"b"}', '{"id":"c"}'],
  )
  t.equal(collector.count, 0)
  t.equal(collector.take().body.length, 0)
})

t.test('full by count, by bytes, and by fewer bytes once larger requests were refused', async t => {
  const count = new BatchCollector({ maxBytes: 1_000, maxEvents: 2 })
  count.add('', event('a'))
  t.notOk(count.isFull)
  count.add('', event('b'))
  t.ok(count.isFull)
  count.take()
  t.notOk(count.isFull)

  const bytes = new BatchCollector({ maxBytes: 100, maxEvents: 1_000 })
  bytes.add('', event('a', 'x'.repeat(98)))
  t.notOk(bytes.isFull)
  bytes.add('', event('b', ''))
  t.ok(bytes.isFull, 'the newline counts')
  bytes.take()
  t.notOk(bytes.isShrunk)
  bytes.shrink(50)
  t.ok(bytes.isShrunk)
  bytes.shrink(70)
  bytes.add('', event('c', 'x'.repeat(49)))
  t.ok(bytes.isFull, 'it never grows again')
})

t.test('documents of any size: a large one gets a buffer of its own', async t => {
  const sizes = fc.array(fc.oneof(fc.nat(2_000), fc.integer({ min: 200_000, max: 1_500_000 })), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(sizes, sizes => {
      const collector = new BatchCollector()
      const documents = sizes.map((size, i) => `${'abcdefghijkl'[i]}`.repeat(size))
      for (const [i, document] of documents.entries()) collector.add('p', event(`${i}`, document))
      const batch = collector.take()
      collector.release(batch)
      return documents.every((document, i) => documentOf(batch, i).toString('latin1') === document)
    }),
    { numRuns: 30 },
  )
  t.pass('30 batches')
})

t.test('rest: what is collected stays, buffers do not, and it goes on', async t => {
  const collector = new BatchCollector()
  collector.rest()
  collector.add('', event('a'))
  collector.rest()
  const first = collector.take()
  t.equal(documentOf(first, 0).toString(), '{"id":"a"}')
  collector.release(first)
  collector.rest()
  collector.add('', event('b'))
  const second = collector.take()
  t.equal(documentOf(second, 0).toString(), '{"id":"b"}')
  t.not(second.body.buffer, first.body.buffer, 'it was let go')
  t.equal(documentOf(first, 0).toString(), '{"id":"a"}')
})

t.test('a byte string is written byte for byte', async t => {
  const collector = new BatchCollector()
  const text = '{"a":"ä漢🎉"}'
  collector.add('', event('a', Buffer.from(text).toString('latin1')))
  t.equal(documentOf(collector.take(), 0).toString(), text)
})

t.test('a buffer is used again only when its batch was released', async t => {
  const collector = new BatchCollector()
  const fill = (letter: string) => {
    collector.add('', event(letter, letter.repeat(100)))
    return collector.take()
  }
  const a = fill('a')
  const b = fill('b')
  const c = fill('c')
  t.equal(new Set([a, b, c].map(({ body }) => body.buffer)).size, 3)
  t.equal(a.body.toString(), `${'a'.repeat(100)}\n`)
  collector.release(a)
  const d = fill('d')
  t.equal(d.body.buffer, a.body.buffer)
  const e = fill('e')
  t.not(e.body.buffer, a.body.buffer)
  t.equal(b.body.toString(), `${'b'.repeat(100)}\n`)
  t.equal(e.body.toString(), `${'e'.repeat(100)}\n`)
})

t.test('what is released is bounded, and a grown buffer is not kept', async t => {
  const collector = new BatchCollector()
  collector.add('', event('a', 'x'.repeat(defaultLimits.maxBytes * 2)))
  const large = collector.take()
  collector.release(large)
  for (let i = 0; i < 3; i++) {
    collector.add('', event('b'))
    t.not(collector.take().body.buffer, large.body.buffer)
  }
})

t.test('what a grown batch no longer needs is used again', async t => {
  const collector = new BatchCollector()
  collector.add('', event('a'))
  const a = collector.take()
  collector.release(a)
  collector.add('', event('b'))
  collector.add('', event('b', 'x'.repeat(defaultLimits.maxBytes * 2)))
  t.not(collector.take().body.buffer, a.body.buffer, 'it was too small')
  const next = [0, 1].map(() => {
    collector.add('', event('c'))
    return collector.take().body.buffer
  })
  t.equal(next[0], a.body.buffer)
  t.not(next[1], a.body.buffer)
})
