/** Generations as a slot holds them: short, and the same again when they are read. */
import t from 'tap'
import { pack, unpack } from '../../src/checkpoint/pack.js'
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
  const packed = pack(all)
  t.same(packed.writeIndexes, [{ stream: '.ds-stream-1' }, { stream: '.ds-stream-2' }])
  const json = JSON.parse(JSON.stringify(packed))
  t.same(unpack(json.generations, json.writeIndexes), all)
})

t.test('where nothing is known nothing is kept', async t => {
  const packed = pack([generation()])
  t.notOk('writeIndexes' in packed)
  t.same(unpack(packed.generations), [generation()])
  t.same(unpack([generation() as Omit<SavedGeneration, 'since'>]), [generation()], 'as an older version wrote it')
})

t.test('what says nothing takes no place, what says something is kept', async t => {
  const plain = pack([generation()])
  for (const name of ['compressed', 'cuts', 'suspectPid', 'suspectMs']) t.notMatch(JSON.stringify(plain), name)
  const all = [{ ...generation(), compressed: true, cuts: [7], suspectPid: 12, suspectMs: 34 }]
  t.same(unpack(JSON.parse(JSON.stringify(pack(all).generations))), all)
})

t.test('what has no place in the table may be stored anywhere', async t => {
  const packed = pack(Array.from({ length: 20 }, (_, number) => generation(index(number))))
  t.equal(packed.writeIndexes?.length, 16)
  const loaded = unpack(packed.generations, packed.writeIndexes)
  t.same(loaded[15], generation(index(15)))
  t.same(loaded[16], generation())
})

t.test('what is packed again says where its table has its place now', async t => {
  const [one, other] = [generation(index(1)), generation(index(2))]
  t.equal(pack([one, other]).generations[1]!.since, 1)
  const again = pack([other])
  t.same(unpack(again.generations, again.writeIndexes), [other])
  t.equal(pack([other]).generations[0], again.generations[0], 'and is the same where nothing is new')
})
