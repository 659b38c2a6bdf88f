import { join } from 'node:path'
import t from 'tap'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { Store } from '../../src/store/store.js'
import { batchOf, ordinaryEvents } from '../support/documents.js'

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
