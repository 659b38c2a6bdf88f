/** The file of refused documents while two change it: the agent adds, a retry replaces. In one process; the locks are the real ones. */

import { execFile } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { withLock } from '../../src/checkpoint/lock.js'
import { SetAside } from '../../src/delivery/set-aside.js'
import { lineOf, readSetAside, replaceSetAside, SET_ASIDE_FILE } from '../../src/delivery/set-aside-file.js'

const entryOf = (number: number) => ({ reason: 'x', document: Buffer.from(JSON.stringify({ number })) })
const numbersIn = async (directory: string): Promise<number[]> =>
  (await readSetAside(directory)).entries.map(({ document }) => JSON.parse(document.toString()).number)

t.test('adding and replacing at once: each document stays, once', async t => {
  const directory = t.testdir({})
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => withLock(directory, '-set-aside', work)
  const setAside = new SetAside(directory, Date.now, exclusively)
  t.equal(await setAside.add([entryOf(0)]), undefined)
  let added = 1
  let replaced = 0
  // However slow the one or the other is: both happen often.
  const isOften = (): boolean => added >= 120 && replaced > 5
  const adding = (async () => {
    while (!isOften()) t.equal(await setAside.add([entryOf(added++)]), undefined)
  })()
  while (!isOften()) {
    // As a retry does it: read without the lock, later put back what is left; the agent has added since.
    const { bytes, entries } = await readSetAside(directory)
    await exclusively(() =>
      replaceSetAside(
        directory,
        bytes,
        entries.map(({ line }) => line),
      ),
    )
    replaced++
  }
  await adding
  t.comment(`${added} added, replaced ${replaced} times`)
  t.same(
    await numbersIn(directory),
    Array.from({ length: added }, (_, i) => i),
  )
})

t.test('several additions at once come one by one, in order', async t => {
  const directory = t.testdir({})
  const setAside = new SetAside(directory, Date.now)
  const all = await Promise.all(Array.from({ length: 50 }, (_, i) => setAside.add([entryOf(2 * i), entryOf(2 * i + 1)])))
  t.same(new Set(all), new Set([undefined]))
  t.same(
    await numbersIn(directory),
    Array.from({ length: 100 }, (_, i) => i),
  )
  t.equal(statSync(join(directory, SET_ASIDE_FILE)).mode & 0o777, 0o600)
})

t.test('the bytes of a document come back as they were, whatever is in them', async t => {
  const directory = t.testdir({})
  const document = Buffer.from('{"a":",\\"document\\":","b":"\u2028 \ud83d\ude00","document":{"document":1}}')
  const setAside = new SetAside(directory, Date.now)
  await setAside.add([{ reason: 'a "quoted" ,"document": reason', document }])
  const { entries, damaged } = await readSetAside(directory)
  t.same(entries[0]?.document, document)
  t.equal(entries[0]?.reason, 'a "quoted" ,"document": reason')
  t.same(damaged, [])
})

t.test('cut at every byte, as a crash may leave it: whole lines are read, a torn one is cut off and comes again', async t => {
  const directory = t.testdir({})
  const file = join(directory, SET_ASIDE_FILE)
  const whole = lineOf(new Date(0).toISOString(), entryOf(0))
  const torn = lineOf(new Date(0).toISOString(), entryOf(1))
  for (let length = 0; length < torn.length; length++) {
    writeFileSync(file, Buffer.concat([whole, torn.subarray(0, length)]))
    if (length % 10 === 0) t.same(await numbersIn(directory), [0])
    await new SetAside(directory, () => 0).add([entryOf(1)])
    if (!readFileSync(file).equals(Buffer.concat([whole, torn]))) t.fail(`cut at ${length}`)
  }
  // A power cut may leave zeros where the line was to be.
  writeFileSync(file, Buffer.concat([whole, Buffer.alloc(200_000)]))
  await new SetAside(directory, () => 0).add([entryOf(1)])
  t.same(readFileSync(file), Buffer.concat([whole, torn]))
})

t.test('F32: a sync that fails: told, nothing of it stays, and the next one is synced through a new handle', async t => {
  const directory = t.testdir({})
  const file = join(directory, SET_ASIDE_FILE)
  const whole = lineOf(new Date(0).toISOString(), entryOf(0))
  writeFileSync(file, whole)
  const built = fileURLToPath(new URL('../../dist/src/delivery/set-aside.js', import.meta.url))
  const script = `
    import { SetAside } from ${JSON.stringify(built)}
    const setAside = new SetAside(${JSON.stringify(directory)}, () => 0)
    const add = () => setAside.add([{ reason: 'x', document: Buffer.from('{"number":1}') }])
    console.log(JSON.stringify([await add(), (await import('node:fs')).statSync(${JSON.stringify(file)}).size, await add()]))`
  const inject = ['-e', 'trace=fsync', '-P', file, '-e', 'inject=fsync:error=EIO:when=1']
  const node = [process.execPath, '--input-type=module', '-e', script]
  const { stdout } = await promisify(execFile)('strace', ['-f', '-qq', '-o', '/dev/null', ...inject, ...node], {
    env: { ...process.env, NODE_OPTIONS: '', UV_THREADPOOL_SIZE: '1' }, // strace counts each thread's calls
  })
  t.same(JSON.parse(stdout), [`it cannot be written (EIO) to ${file}`, whole.length, null])
  t.same(await numbersIn(directory), [0, 1])
})
