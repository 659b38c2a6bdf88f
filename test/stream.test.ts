/** F59: since when the events of a stream may be stored already, and what the checkpoint keeps of that; and what waits for more lines. */
import { appendFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createSources } from '../src/events/source.js'
import { Generation } from '../src/files/generation.js'
import type { LogEvent, SavedGeneration, WriteIndexes } from '../src/model.js'
import { Stream } from '../src/stream.js'
import { makePipelineConfig } from './support/site-config.js'

const seen = { log: 'vette', path: '/vette', id: '1:2', compressed: false, rotation: '', size: 1_000, mtimeMs: 0 }
const context = { lastMs: 0, openMs: 0, pids: [], suspectPid: 0, suspectMs: 0 }
const print = { end: 0, length: 0, hash: '' }
const before: WriteIndexes = new Map([['stream', '.ds-stream-1']])
const now: WriteIndexes = new Map([['stream', '.ds-stream-2']])

function open(saved?: Partial<SavedGeneration>, compressed = false): Stream {
  const whole = { ...context, ...seen, head: print, anchor: print, cuts: [], seenMs: 0, offset: 400, ...saved }
  const generation = new Generation({ ...seen, compressed }, 0, saved === undefined ? undefined : whole)
  return new Stream(generation, () => {
    throw new Error('nothing is read here')
  })
}
const mark = (offset: number) => ({ offset, ...context })
const event = (offset: number): LogEvent[] => [
  { id: '', timestampMs: 0, dataset: '', offset, pattern: undefined, values: [], tags: [], document: '' },
]

t.test('a file that was never seen: what is in it may be stored at any time', async t => {
  const stream = open()
  t.same(stream.doubtOf(event(0)), new Map())
  t.same(stream.doubtOf(event(999)), new Map())
  t.equal(stream.doubtOf(event(1_000)), undefined, 'what is written from now on is new')
  t.equal(stream.doubtOf([]), undefined)
})

t.test('a file of the checkpoint: since then', async t => {
  const stream = open({ since: before })
  t.equal(stream.doubtOf(event(400)), before)
  t.equal(stream.doubtOf(event(1_000)), undefined)
  t.same(open({}).doubtOf(event(400)), new Map(), 'as an older version wrote it: at any time')
})

t.test('the checkpoint forgets nothing before the last byte in doubt is settled: an end may come after an end', async t => {
  const stream = open({ since: before })
  stream.settle(mark(999), now)
  t.equal(stream.save().since, before)
  stream.settle(mark(1_000), undefined)
  t.equal(stream.save().since, before, 'nothing is known')
  stream.settle(mark(1_000), now)
  t.equal(stream.save().since, now)
  t.equal(open().save().since, undefined)
})

t.test('how much a .gz holds is not known: all of it is in doubt', async t => {
  const stream = open({ since: before }, true)
  stream.settle(mark(1_000_000), now)
  t.equal(stream.doubtOf(event(1_000_000)), before)
  t.equal(stream.save().since, before)
})

t.test('a record is open, and what may belong to it cannot be read for now: it is not taken for complete', async t => {
  const directory = t.testdir({ error: 'Nov 20 12:00:00 2026 (7) Uncaught runner exception: 1\n' })
  const path = join(directory, 'error')
  const { ino, dev, size, mtimeMs } = statSync(path)
  const file = { log: 'error', path, id: `${dev}:${ino}`, compressed: false, rotation: '', size, mtimeMs }
  const config = makePipelineConfig(directory, directory)
  const stream = new Stream(
    new Generation(file, 0),
    createSources(config, () => 0, undefined),
  )
  const advance = () => stream.advance(7, () => undefined)
  t.equal(stream.quietSinceMs, undefined, 'nothing is open')
  t.equal(await advance(), true)
  t.equal(await advance(), false)
  t.equal(stream.quietSinceMs, 7)
  appendFileSync(path, '  File "/x.py", line 1, in f\n')
  await stream.generation.close()
  renameSync(path, `${path}.1`)
  await t.rejects(advance())
  t.equal(stream.quietSinceMs, undefined, 'it waits for the file')
  renameSync(`${path}.1`, path)
  t.equal(await advance(), true)
  t.equal(stream.quietSinceMs, 7)
  await stream.generation.close()
})

t.test('what is saved again is the same object where nothing is new, and says all that is', async t => {
  const stream = open({ since: before, cuts: [500] })
  const first = stream.save()
  t.match(first, { offset: 400, cuts: [500], since: before, path: '/vette', seenMs: 0 })
  t.equal(stream.save(), first)
  stream.generation.found({ ...seen, path: '/vette.1', rotation: '1' }, 7)
  const renamed = stream.save()
  t.match(renamed, { offset: 400, cuts: [500], path: '/vette.1', seenMs: 7 })
  stream.settle(mark(1_000), now)
  t.match(stream.save(), { offset: 1_000, since: now, path: '/vette.1' })
  t.match([first, renamed], [{ path: '/vette' }, { offset: 400 }], 'what was saved stays')
})
