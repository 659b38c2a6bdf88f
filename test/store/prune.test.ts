import { join } from 'node:path'
import Database from 'libsql'
import t from 'tap'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { Store } from '../../src/store/store.js'
import { batchOf, documentOf, ordinaryEvents } from '../support/documents.js'

t.jobs = 3 // most of the time is waiting for a lock

const DAY_MS = 86_400_000
const start = Date.UTC(2026, 0, 1, 23)

t.test('removes what was stored more than keepDays ago, in steps, and only that', async t => {
  const file = join(t.testdir(), 'events.db')
  const store = new Store({ file, keepDays: 10 })
  t.teardown(() => store.close())
  t.equal(store.prune(start, 100), false, 'there is no store yet, and none is made')
  for (let day = 0; day < 5; day++) store.write(batchOf(ordinaryEvents(day * 100, 100)), start + day * DAY_MS)
  const reader = openSqliteStore(file)
  t.teardown(() => reader.close())
  const count = async (text = '') => (await reader.search({ text, limit: 1, order: 'oldest' })).total

  t.equal(store.prune(start + 10 * DAY_MS, 30), false, 'the tenth day is kept')
  t.equal(await count(), 500)
  const steps: boolean[] = []
  do steps.push(store.prune(start + 12 * DAY_MS, 30))
  while (steps.at(-1))
  t.strictSame(steps, [true, true, true, true, true, true, false])
  t.equal(await count(), 300)
  t.equal(await count('held'), 120, 'words of removed events are found no more')
  const again = store.write(batchOf(ordinaryEvents(0, 300)), start + 12 * DAY_MS)
  t.same(
    'outcomes' in again && again.outcomes.map(outcome => outcome.status),
    [...Array(200).fill('stored'), ...Array(100).fill('duplicate')],
    'what is gone may come again',
  )
  while (store.prune(start + 99 * DAY_MS, 1000));
  t.equal(await count(), 0)
  store.write(batchOf(ordinaryEvents(0, 5)), start + 99 * DAY_MS)
  t.equal(await count('to'), 5)
})

t.test('keepDaysOf: each log for its own time, by an index that is there for it alone', async t => {
  const file = join(t.testdir(), 'events.db')
  const keepDaysOf = new Map([
    ['mailman.vette', 30],
    ['mailman.smtp', 2],
    ['mailman.bounce', 1],
  ])
  let store = new Store({ file, keepDays: 10, keepDaysOf })
  t.teardown(() => store.close())
  // Of each hundred 40 are of vette, 20 each of post, smtp and smtp_failure; one of none.
  const { event, ...rest } = documentOf({ id: 'of-none' }) as { event: object }
  store.write(batchOf([{ ...rest, event: { ...event, dataset: undefined } }]), start)
  for (let day = 0; day < 5; day++) store.write(batchOf(ordinaryEvents(day * 100, 100)), start + day * DAY_MS)
  const db = new Database(file)
  t.teardown(() => db.close())
  const counts = () => {
    const sql = 'SELECT value, count(*) FROM events LEFT JOIN names ON name = dataset GROUP BY value ORDER BY value'
    return Object.fromEntries(db.prepare(sql).raw().all([]) as [string, number][])
  }
  const pruneAt = (day: number) => {
    let steps = 1
    while (store.prune(start + day * DAY_MS, 30)) steps++
    return steps
  }
  pruneAt(4)
  t.same(counts(), { null: 1, 'mailman.post': 100, 'mailman.smtp': 60, 'mailman.smtp_failure': 100, 'mailman.vette': 200 })
  pruneAt(12)
  t.same(counts(), { 'mailman.post': 60, 'mailman.smtp_failure': 60, 'mailman.vette': 200 })
  t.equal(pruneAt(20), 5, '120 in steps of 30, and one that finds no more')
  t.same(counts(), { 'mailman.vette': 200 })
  pruneAt(31)
  t.same(counts(), { 'mailman.vette': 160 })
  const reader = openSqliteStore(file)
  t.teardown(() => reader.close())
  t.equal((await reader.search({ text: 'held', limit: 1, order: 'oldest' })).total, 160, 'the full text goes with them')
  const plan = () => {
    const sql = 'EXPLAIN QUERY PLAN SELECT event FROM events WHERE dataset IS ? AND event < ? ORDER BY event'
    return JSON.stringify(db.prepare(sql).raw().all([1, 1]))
  }
  t.match(plan(), /SEARCH events USING (?:COVERING )?INDEX events_by_dataset \(dataset=\? AND rowid<\?\)/)
  t.notMatch(plan(), /SCAN|TEMP/)

  store.close()
  store = new Store({ file, keepDays: 32 })
  pruneAt(34)
  t.equal(store.trouble, undefined)
  t.same(counts(), { 'mailman.vette': 120 }, 'without it, all alike')
  t.notMatch(plan(), /events_by_dataset/)
})

t.test('what cannot be removed is told until it can; a store that somebody holds is not, the first time', async t => {
  const file = join(t.testdir(), 'events.db')
  const store = new Store({ file, keepDays: 10 })
  t.teardown(() => store.close())
  store.write(batchOf(ordinaryEvents(0, 10)), start)
  const db = new Database(file)
  t.teardown(() => db.close())
  const prune = () => store.prune(start + 20 * DAY_MS, 5)
  db.exec("CREATE TRIGGER stays BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'no'); END")
  t.equal(prune(), false)
  t.same(store.trouble, { code: 'MLS_STORE_UNPRUNED', detail: `${file}: SQLITE_CONSTRAINT_TRIGGER` })
  t.match(store.write(batchOf(ordinaryEvents(10, 1)), start), { outcomes: [{ status: 'stored' }] }, 'delivery goes on')
  // The id of what has no place is read from it.
  db.exec("DROP TRIGGER stays; UPDATE events SET generation = NULL, shape = NULL, document = '{\"half' WHERE event = 1")
  prune()
  t.match(store.trouble?.detail, /an old event in it cannot be read/)
  db.exec("UPDATE events SET document = '{}' WHERE event = 1")
  t.equal(prune(), true)
  t.equal(store.trouble, undefined)

  db.exec('BEGIN IMMEDIATE')
  prune()
  t.equal(store.trouble, undefined)
  prune()
  t.match(store.trouble?.detail, /another process is holding it/)
  db.exec('ROLLBACK')
  prune()
  t.equal(store.trouble, undefined)
})
