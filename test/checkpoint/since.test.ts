/** Since when the rest of a generation may be stored: kept once for all that have the same to say, and bounded. */
import t from 'tap'
import { packSince, unpackSince } from '../../src/checkpoint/since.js'
import type { SavedGeneration, WriteIndexes } from '../../src/model.js'

const generation = (since?: WriteIndexes): SavedGeneration => {
  const print = { end: 0, length: 0, hash: '' }
  const context = { lastMs: 0, openMs: 0, pids: [], suspectPid: 0, suspectMs: 0 }
  const file = { log: 'vette', path: '/vette', id: '1:2', compressed: false, head: print, anchor: print, cuts: [], seenMs: 0 }
  return { ...context, ...file, offset: 1, ...(since === undefined ? {} : { since }) }
}
const index = (number: number): WriteIndexes => new Map([['stream', `.ds-stream-${number}`]])

t.test('what was saved is loaded', async t => {
  const all = [generation(index(1)), generation(), generation(index(2)), generation(index(1))]
  const packed = packSince(all)
  t.same(packed.writeIndexes, [{ stream: '.ds-stream-1' }, { stream: '.ds-stream-2' }])
  const json = JSON.parse(JSON.stringify(packed))
  t.same(unpackSince(json.generations, json.writeIndexes), all)
})

t.test('where nothing is known nothing is kept', async t => {
  const packed = packSince([generation()])
  t.same(packed, { generations: [generation()] })
  t.same(unpackSince(packed.generations), [generation()], 'as an older version wrote it')
})

t.test('what has no place in the table may be stored anywhere', async t => {
  const packed = packSince(Array.from({ length: 20 }, (_, number) => generation(index(number))))
  t.equal(packed.writeIndexes?.length, 16)
  const loaded = unpackSince(packed.generations, packed.writeIndexes)
  t.same(loaded[15], generation(index(15)))
  t.same(loaded[16], generation())
})
