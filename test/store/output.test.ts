import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Database from 'libsql'
import t, { type Test } from 'tap'
import type { Answer } from '../../src/model.js'
import { createStoreOutput } from '../../src/store/output.js'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { Store } from '../../src/store/store.js'
import { batchOf, batchOfText, documentOf, ordinaryEvents } from '../support/documents.js'
import { countEmbedded } from '../support/stored.js'
import { until } from '../support/until.js'

t.jobs = 3 // most of the time is waiting for the disk

const never = new AbortController().signal
const everything = { limit: 10_000, order: 'oldest' } as const

function openOutput(t: Test, file: string) {
  const output = createStoreOutput({ file, keepDays: 90 })
  t.teardown(() => output.close())
  return output
}

function statuses(answer: Answer): string[] {
  return 'outcomes' in answer ? answer.outcomes.map(outcome => outcome.status) : [answer.holdUp.detail]
}

t.test('stores a batch once, in files that nobody else reads', async t => {
  const file = join(t.testdir(), 'made/too/events.db')
  const output = openOutput(t, file)
  const batch = batchOf(ordinaryEvents(0, 3))
  t.strictSame(statuses(await output.write(batch, never)), ['stored', 'stored', 'stored'])
  t.strictSame(statuses(await output.write(batch, never)), ['duplicate', 'duplicate', 'duplicate'])
  for (const end of ['', '-wal', '-shm']) t.equal(statSync(file + end).mode & 0o777, 0o600, `events.db${end}`)
  for (const directory of ['..', '../..']) t.equal(statSync(join(file, directory)).mode & 0o777, 0o700)
  t.equal(batch.body.length > 0, true, 'the batch is still its owner’s')
})

t.test('an id that comes twice in one batch is stored once', async t => {
  const file = join(t.testdir(), 'events.db')
  const documents = [documentOf({ id: 'a' }), documentOf({ id: 'a' }), documentOf({ id: 'b' })]
  t.strictSame(statuses(await openOutput(t, file).write(batchOf(documents), never)), ['stored', 'duplicate', 'stored'])
  const store = openSqliteStore(file)
  t.equal((await store.search(everything)).total, 2)
  await store.close()
})

t.test('what is no document of ours is set aside, alone', async t => {
  const file = join(t.testdir(), 'events.db')
  const output = openOutput(t, file)
  const good = JSON.stringify(documentOf({ id: 'good' }))
  const texts = ['{"half":', '[]', 'null', '{"@timestamp":"yesterday"}', good, '']
  const answer = await output.write(batchOfText(texts, ['1', '2', '3', '4', 'good', '6']), never)
  t.strictSame(statuses(answer), ['set-aside', 'set-aside', 'set-aside', 'set-aside', 'stored', 'set-aside'])
})

t.test('documents come back as they went in', async t => {
  const file = join(t.testdir(), 'events.db')
  const text =
    '{"@timestamp":"2024-03-01T12:00:00.000Z","message":"a \\u0000 b \\u202e \\ud800 \u{1f4e8} é","event":{"id":"x"},' +
    '"__proto__":{"polluted":true},"email":{"from":{"address":["a@b","__proto__"]},"to":{"address":"c@d"}},"log":{"offset":1e99}}'
  t.strictSame(statuses(await openOutput(t, file).write(batchOfText([text, text], ['x', 'y']), never)), ['stored', 'stored'])
  const store = openSqliteStore(file)
  t.teardown(() => store.close())
  const found = await store.byId('x')
  t.equal(JSON.stringify(found?.document), JSON.stringify(JSON.parse(text)))
  t.equal((await store.search({ address: 'c@d', text: 'b é', ...everything })).total, 2)
  t.equal((await store.search({ address: '__proto__', ...everything })).total, 2)
  t.notOk('polluted' in {})
})

t.test('an unwritable place is a hold-up, and is mended by mending it', async t => {
  const directory = t.testdir({ data: 'a file where a directory should be' })
  const file = join(directory, 'data/events.db')
  const output = openOutput(t, file)
  const batch = batchOf(ordinaryEvents(0, 3))
  const answer = await output.write(batch, never)
  t.strictSame(answer, {
    holdUp: { code: 'MLS_STORE_UNWRITABLE', detail: `${file}: its directory is not a directory` },
  })
  rmSync(join(directory, 'data'))
  t.strictSame(statuses(await output.write(batch, never)), ['stored', 'stored', 'stored'])
})

t.test('what is too old and cannot be removed is told, until it can', async t => {
  const file = join(t.testdir(), 'events.db')
  const before = new Store({ file, keepDays: 90 })
  before.write(batchOf(ordinaryEvents(0, 10)), 0)
  before.close()
  const db = new Database(file)
  t.teardown(() => db.close())
  db.exec('PRAGMA busy_timeout = 20000') // the store prunes at the same time
  db.exec("CREATE TRIGGER stays BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'no'); END")
  const output = createStoreOutput({ file, keepDays: 90 }, 50)
  t.teardown(() => output.close())
  t.equal(output.trouble, undefined)
  t.strictSame(statuses(await output.write(batchOf(ordinaryEvents(10, 1)), never)), ['stored'])
  await until(
    () => output.trouble?.code === 'MLS_STORE_UNPRUNED',
    () => 'the trouble',
  )
  db.exec('DROP TRIGGER stays')
  await until(
    () => output.trouble === undefined,
    () => 'its end',
  )
  t.equal(countEmbedded(file), 1)
})

t.test('a file that is not ours is left alone', async t => {
  const file = join(t.testdir(), 'events.db')
  writeFileSync(file, 'Dear diary, '.repeat(1000))
  const before = statSync(file)
  const output = openOutput(t, file)
  t.match(await output.write(batchOf(ordinaryEvents(0, 1)), never), { holdUp: { detail: /not a database of mailman-shipper/ } })
  t.equal(statSync(file).mtimeMs, before.mtimeMs)
  t.throws(() => openSqliteStore(file), { code: 'MLS_STORE_UNREADABLE' })
  t.throws(() => openSqliteStore(`${file}.none`), { code: 'MLS_STORE_MISSING' })
})

t.test('a file that is moved away while it is open is made anew', async t => {
  const file = join(t.testdir(), 'events.db')
  const output = openOutput(t, file)
  await output.write(batchOf(ordinaryEvents(0, 3)), never)
  for (const end of ['', '-wal', '-shm']) renameSync(file + end, `${file}.old${end}`)
  t.strictSame(statuses(await output.write(batchOf(ordinaryEvents(3, 2)), never)), ['stored', 'stored'])
  for (const [name, total] of [
    [file, 2],
    [`${file}.old`, 3],
  ] as const) {
    const store = openSqliteStore(name)
    t.equal((await store.search(everything)).total, total)
    await store.close()
  }
})

const isRoot = process.getuid?.() === 0

async function runs(command: string, ...args: string[]): Promise<boolean> {
  const [code] = await once(spawn(command, args, { stdio: 'ignore' }), 'exit')
  return code === 0
}

t.test('a disk that is full holds up, loses nothing, and is taken up again', async t => {
  if (!isRoot) return t.plan(0, 'only root may mount')
  const disk = mkdtempSync(join(tmpdir(), 'full-'))
  if (!(await runs('mount', '-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk))) return t.plan(0, 'mount is not allowed here')
  const file = join(disk, 'events.db')
  const output = createStoreOutput({ file, keepDays: 90 })
  try {
    let next = 0
    let answer: Answer
    do {
      answer = await output.write(batchOf(ordinaryEvents(next, 100)), never)
      if ('outcomes' in answer) next += 100
    } while ('outcomes' in answer && next < 10_000)
    t.strictSame(answer, { holdUp: { code: 'MLS_STORE_UNWRITABLE', detail: `${file}: no space is left on the disk` } })
    t.ok(await runs('mount', '-o', 'remount,size=32m', disk))
    t.strictSame(new Set(statuses(await output.write(batchOf(ordinaryEvents(next, 100)), never))), new Set(['stored']))
    const store = openSqliteStore(file)
    t.equal((await store.search(everything)).total, next + 100)
    await store.close()
  } finally {
    await output.close()
    // Lazily: libsql keeps a closed database's file open until its statements are collected.
    t.ok(await runs('umount', '-l', disk))
    rmdirSync(disk)
  }
})

t.test('kill -9 in the middle of writing loses nothing that was acknowledged', async t => {
  const file = join(t.testdir(), 'events.db')
  const program = fileURLToPath(new URL('../support/store-writer.ts', import.meta.url))
  let acknowledged = 0
  for (const kill of [3, 10, 21]) {
    const args = [...process.execArgv, program, file, String(acknowledged), '50']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let answers = 0
    for await (const line of createInterface(child.stdout)) {
      acknowledged = Number(line)
      // The next batch is on its way by now; what it says until the signal arrives is read too.
      if (++answers === kill) child.kill('SIGKILL')
    }
    t.ok(answers >= kill, `killed after ${answers} batches`)
    const store = openSqliteStore(file)
    const { total, hits } = await store.search(everything)
    await store.close()
    t.ok(
      total === acknowledged || total === acknowledged + 50,
      'whole batches: the acknowledged ones, and perhaps the one on its way',
    )
    const expected = ordinaryEvents(0, total).map(document => (document.event as { id: string }).id)
    t.strictSame(
      hits.map(hit => hit.id),
      expected,
    )
  }
  const again = await openOutput(t, file).write(batchOf(ordinaryEvents(0, acknowledged)), never)
  t.strictSame(new Set(statuses(again)), new Set(['duplicate']))
})

t.test('searches see whole batches while the agent writes', async t => {
  const file = join(t.testdir(), 'events.db')
  const output = openOutput(t, file)
  await output.write(batchOf(ordinaryEvents(0, 50)), never)
  const store = openSqliteStore(file)
  t.teardown(() => store.close())
  for (let n = 50; n < 1000; n += 50) {
    const writing = output.write(batchOf(ordinaryEvents(n, 50)), never)
    const { total, hits } = await store.search(everything)
    t.equal(total % 50, 0)
    t.equal(hits.length, total)
    t.strictSame(new Set(statuses(await writing)), new Set(['stored']))
    t.equal((await store.search(everything)).total, n + 50, 'what was acknowledged is found at once')
  }
})

t.test('a search needs no agent', async t => {
  const file = join(t.testdir(), 'events.db')
  const output = createStoreOutput({ file, keepDays: 90 })
  await output.write(batchOf(ordinaryEvents(0, 3)), never)
  await output.close()
  const store = openSqliteStore(file)
  t.equal((await store.search(everything)).total, 3)
  await store.close()
})

t.test('an abandoned write says so, and close() waits for nothing', async t => {
  const file = join(t.testdir(), 'events.db')
  const output = createStoreOutput({ file, keepDays: 90 })
  const stop = new AbortController()
  const writing = output.write(batchOf(ordinaryEvents(0, 3)), stop.signal)
  stop.abort()
  t.match(await writing, { holdUp: { code: 'MLS_STORE_UNWRITABLE' } })
  t.match(await output.write(batchOf(ordinaryEvents(0, 3)), stop.signal), { holdUp: { code: 'MLS_STORE_UNWRITABLE' } })
  await output.close()
  await output.close()
})
