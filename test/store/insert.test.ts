/** How many segments of full text a batch begins: each is merged with others later, which costs more than its words. */
import { join } from 'node:path'
import Database from 'libsql'
import t from 'tap'
import { Store } from '../../src/store/store.js'
import { batchOf, ordinaryEvents } from '../support/documents.js'

t.test('a batch begins a segment for each 512 events, not for each statement', async t => {
  const file = join(t.testdir(), 'events.db')
  const store = new Store({ file, keepDays: 10 })
  t.teardown(() => store.close())
  const answer = store.write(batchOf(ordinaryEvents(0, 1024)), 0)
  t.ok('outcomes' in answer && answer.outcomes.every(({ status }) => status === 'stored'))
  const db = new Database(file, { readonly: true })
  t.teardown(() => db.close())
  t.strictSame(db.prepare('SELECT count(DISTINCT segid), (SELECT count(*) FROM words_docsize) FROM words_idx').raw().all(), [
    [2, 1024],
  ])
})
