/** F33: whatever is left of a slot, the other one is used; no start is refused for damage, and none is taken for the truth. */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CheckpointStore } from '../../src/checkpoint/store.js'
import type { SavedGeneration } from '../../src/model.js'
import { LogStory } from '../support/log-story.js'

const generation = (offset: number): SavedGeneration => ({
  log: 'vette',
  path: '/var/log/mailman/vette',
  id: '2049:131',
  compressed: false,
  head: { end: 100, length: 100, hash: 'head' },
  anchor: { end: offset, length: 100, hash: 'anchor' },
  offset,
  lastMs: 1_000,
  openMs: 0,
  pids: [7660],
  suspectPid: 0,
  suspectMs: 0,
  cuts: [offset],
  seenMs: 2_000,
})

const checkpoint = (offset: number) => ({ hostName: 'lists1', generations: [generation(offset)] })

/** A directory with two slots: `checkpoint(1)` in one, `checkpoint(2)` in the other, which is the newer one. */
async function makeTwo(directory: string): Promise<{ older: string; newer: string }> {
  const store = new CheckpointStore(directory)
  await store.save(checkpoint(1))
  await store.save(checkpoint(2))
  const slots = readdirSync(directory).map(name => join(directory, name))
  const newer = slots.find(path => readFileSync(path, 'utf8').includes('"offset":2'))!
  return { newer, older: slots.find(path => path !== newer)! }
}

t.test('what was saved is loaded, the newest first', async t => {
  const directory = t.testdir({})
  t.same(await new CheckpointStore(directory).load(), { checkpoint: undefined, damaged: [] })
  const store = new CheckpointStore(directory)
  for (let offset = 1; offset <= 5; offset++) {
    await store.save(checkpoint(offset))
    t.same(await new CheckpointStore(directory).load(), { checkpoint: checkpoint(offset), damaged: [] })
  }
  t.same(readdirSync(directory), ['checkpoint.0', 'checkpoint.1'], 'nothing else is left')
  for (const name of readdirSync(directory)) t.equal(statSync(join(directory, name)).mode & 0o777, 0o600)
})

t.test('after a load the older slot is the next to be written', async t => {
  const directory = t.testdir({})
  const { newer } = await makeTwo(directory)
  const before = readFileSync(newer)
  const store = new CheckpointStore(directory)
  await store.load()
  await store.save(checkpoint(3))
  t.same(readFileSync(newer), before)
  t.match(await new CheckpointStore(directory).load(), { checkpoint: checkpoint(3) })
})

t.test('cut at every byte, with a bit turned in every byte, filled with zeros: the other slot', async t => {
  const directory = t.testdir({})
  const { newer } = await makeTwo(directory)
  const whole = readFileSync(newer)
  const tellAfter = async (bytes: Buffer): Promise<unknown> => {
    writeFileSync(newer, bytes)
    const { checkpoint: found, damaged } = await new CheckpointStore(directory).load()
    return { offset: found?.generations[0]?.offset, damaged }
  }
  const fallBack = { offset: 1, damaged: [newer] }
  // The last byte is the newline behind the JSON, which says nothing.
  for (let length = 0; length < whole.length - 1; length++)
    if (!t.same(await tellAfter(whole.subarray(0, length)), fallBack, `cut at ${length}`)) break
  for (let at = 0; at < whole.length - 1; at++) {
    const bytes = Buffer.from(whole)
    bytes[at]! ^= 1 << (at % 8)
    if (!t.same(await tellAfter(bytes), fallBack, `a bit in byte ${at}`)) break
  }
  t.same(await tellAfter(Buffer.alloc(whole.length)), fallBack, 'zeros')
  t.same(await tellAfter(Buffer.concat([whole.subarray(0, 100), Buffer.alloc(whole.length - 100)])), fallBack, 'zeros at the end')
  t.same(await tellAfter(whole), { offset: 2, damaged: [] })
})

t.test('both damaged: nothing is loaded, and both are named; the next save mends it', async t => {
  const directory = t.testdir({})
  const { newer, older } = await makeTwo(directory)
  writeFileSync(newer, '')
  rmSync(older)
  mkdirSync(older) // not even a file
  const store = new CheckpointStore(directory)
  const { checkpoint: found, damaged } = await store.load()
  t.equal(found, undefined)
  t.same(damaged.toSorted(), [newer, older].toSorted())
  rmSync(older, { recursive: true })
  await store.save(checkpoint(9))
  t.match(await new CheckpointStore(directory).load(), { checkpoint: checkpoint(9) })
})

t.test('a newer format is refused, and left as it is', async t => {
  const directory = t.testdir({})
  const { newer } = await makeTwo(directory)
  const json = JSON.stringify({ ...JSON.parse(readFileSync(newer, 'utf8').split('\n')[1]!), format: 2 })
  const content = `${createHash('sha256').update(json).digest('hex')}\n${json}\n`
  writeFileSync(newer, content)
  await t.rejects(new CheckpointStore(directory).load(), { code: 'MLS_STATE_NEWER', detail: newer })
  t.equal(readFileSync(newer, 'utf8'), content)
})

t.test(
  'a save that fails leaves both slots, and no other file',
  { skip: process.platform !== 'linux' && '/dev/full' },
  async t => {
    const directory = t.testdir({})
    await makeTwo(directory)
    const store = new CheckpointStore(directory)
    await store.load()
    mkdirSync(join(directory, 'checkpoint.1.new'))
    await t.rejects(store.save(checkpoint(3)), { code: 'EISDIR' })
    t.match(await new CheckpointStore(directory).load(), { checkpoint: checkpoint(2), damaged: [] })
    rmSync(join(directory, 'checkpoint.1.new'), { recursive: true })
    await store.save(checkpoint(3))
    t.match(await new CheckpointStore(directory).load(), { checkpoint: checkpoint(3), damaged: [] })
    t.same(readdirSync(directory), ['checkpoint.0', 'checkpoint.1'])
  },
)

t.test('the agent: one slot damaged, all goes on; both, it says so and stores nothing twice', async t => {
  const story = new LogStory(t, { ndjson: undefined })
  const runOnce = async (): Promise<Record<string, unknown>> => {
    story.start()
    await story.ends()
    return story.agent.log.at(-1)!
  }
  story.agent.args.push('--once')
  story.write(50)
  t.match(await runOnce(), { stored: 50 })
  story.write(10)
  t.match(await runOnce(), { stored: 10, duplicates: 0 })
  const [one, other] = ['checkpoint.0', 'checkpoint.1'].map(name => join(story.state, name)) as [string, string]
  writeFileSync(one, '')
  t.match(await runOnce(), { stored: 0 })
  t.match(story.troubles, [{ level: 'warn', text: /checkpoint\.0$/ }])
  for (const path of [one, other]) writeFileSync(path, Buffer.alloc(500))
  story.write(1)
  t.match(await runOnce(), { stored: 1, duplicates: 60 })
  t.match(story.troubles.slice(1), [{ level: 'error', code: 'MLS_STATE_DAMAGED', text: /checkpoint\.0, / }])
  t.match(await runOnce(), { stored: 0, duplicates: 0 })
  t.equal(story.troubles.filter(({ level }) => level === 'error').length, 1, 'no trouble any more')
})
