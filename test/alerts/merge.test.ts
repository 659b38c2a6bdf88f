/** What is read in turns comes out in the order of time, and waits no longer than it must. */
import fc from 'fast-check'
import t from 'tap'
import type { Seen } from '../../src/alerts/fact.js'
import { TimeMerge } from '../../src/alerts/merge.js'

const eventAt = (timestampMs: number, log = 'vette'): Seen => ({
  timestampMs,
  dataset: `mailman.${log}`,
  pattern: undefined,
  values: [],
  tags: [],
})

function add(merge: TimeMerge, log: string, timestampMs: number): void {
  const queue = merge.queueOf(log)
  queue.lastMs = Math.max(queue.lastMs, timestampMs)
  merge.add(queue, eventAt(timestampMs, log))
}

t.test('whatever pieces the logs are read in: in the order of time, each log in its own', async t => {
  const logs = fc.array(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 })
  const turns = fc.array(fc.record({ log: fc.nat(4), count: fc.integer({ min: 1, max: 15 }) }), { maxLength: 60 })
  fc.assert(
    fc.property(logs, turns, (times, order) => {
      const files = times.map(all => all.toSorted((a, b) => a - b))
      const at = files.map(() => 0)
      const seen: number[] = []
      const merge = new TimeMerge()
      const read = (log: number, count: number): void => {
        for (const time of files[log]!.slice(at[log]!, at[log]! + count)) add(merge, `${log}`, time)
        at[log] = Math.min(files[log]!.length, at[log]! + count)
        const unread = new Set(files.flatMap((file, i) => (at[i]! < file.length ? [`${i}`] : [])))
        merge.release(unread, ({ timestampMs }) => seen.push(timestampMs), 0)
      }
      for (const { log, count } of order) if (log < files.length) read(log, count)
      files.forEach((file, log) => {
        read(log, file.length)
      })
      t.same(
        seen,
        times.flat().sort((a, b) => a - b),
      )
      t.equal(merge.size, 0)
    }),
    { numRuns: 300 },
  )
})

t.test('where all is read an event is seen at once, also one that is late', async t => {
  const merge = new TimeMerge()
  const seen: number[] = []
  for (const time of [5, 3, 9]) {
    add(merge, 'vette', time)
    merge.release(new Set(), ({ timestampMs }) => seen.push(timestampMs), 0)
  }
  t.same(seen, [5, 3, 9])
})

t.test('a log that is to be read and cannot be silences the others for a minute', async t => {
  const merge = new TimeMerge()
  const seen: number[] = []
  const release = (nowMs: number) => merge.release(new Set(['post']), ({ timestampMs }) => seen.push(timestampMs), nowMs)
  add(merge, 'vette', 5)
  release(1_000)
  release(60_000)
  t.same(seen, [])
  release(61_001)
  t.same(seen, [5])
})

t.test('a log of which nothing is asked holds nobody up once it is as far', async t => {
  const merge = new TimeMerge()
  const seen: number[] = []
  const release = () => merge.release(new Set(['smtp']), ({ timestampMs }) => seen.push(timestampMs), 0)
  add(merge, 'vette', 5)
  release()
  t.same(seen, [])
  merge.queueOf('smtp').lastMs = 6
  release()
  t.same(seen, [5])
})

t.test('who is far ahead is not to be read', async t => {
  const merge = new TimeMerge()
  add(merge, 'post', 1)
  for (let time = 2; time < 1_003; time++) add(merge, 'vette', time)
  merge.release(new Set(['vette', 'post']), () => {}, 0)
  t.equal(merge.size, 1_001)
  t.ok(merge.holdsBack('vette'))
  t.notOk(merge.holdsBack('post'))
  t.notOk(merge.holdsBack('error'))
})
