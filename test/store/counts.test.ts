/** Counts by the hour say what counting one by one says: after writing, pruning, erasing, and in a file of the version before. */
import { join } from 'node:path'
import Database from 'libsql'
import t, { type Test } from 'tap'
import { readEntry, valueAt } from '../../src/store/entry.js'
import { eraseEvents } from '../../src/store/erase.js'
import { Names } from '../../src/store/names.js'
import { openStoreOutput } from '../../src/store/output.js'
import type { EventQuery, StoredEvent } from '../../src/store/query.js'
import { migrate } from '../../src/store/schema.js'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { Store } from '../../src/store/store.js'
import { batchOf, documentOf } from '../support/documents.js'

const HOUR = 3_600_000
const start = Date.UTC(1969, 11, 31, 22, 30)
const reasons = [['too-big'], ['dmarc', 'too-big'], ['dmarc', 'dmarc'], [], 'other', undefined]

/** Over five hours, some of them before 1970; a list that is named like reasons. */
const documents = Array.from({ length: 200 }, (_, i) => {
  const reason = reasons[i % 6]
  const list = ['announce', 'devel', '["dmarc"]', undefined][i % 4]
  const isHeld = i % 3 > 0
  return documentOf({
    id: `e${i}`,
    at: new Date(start + ((i * 7919) % 200) * 90_000).toISOString(),
    offset: i,
    log: isHeld ? 'vette' : 'post',
    action: isHeld ? 'message-held' : 'message-posted',
    more: { mailman: { ...(list === undefined ? {} : { list: { name: list } }), hold: { reason } } },
  })
})

const spans: readonly EventQuery[] = [
  {},
  { sinceMs: start + HOUR },
  { untilMs: start + 3 * HOUR + 1 },
  { sinceMs: 0, untilMs: 2 * HOUR },
  { sinceMs: -HOUR + 1, untilMs: 2 * HOUR - 1 },
  { sinceMs: 60_000, untilMs: 120_000 },
  { sinceMs: HOUR, untilMs: HOUR },
]
const questions: readonly EventQuery[] = [
  {},
  { action: 'message-held' },
  { list: 'announce', action: 'message-posted' },
  { list: '["dmarc"]' },
  { reason: 'dmarc' },
  { reason: 'too-big', action: 'message-held', list: 'devel' },
  { reason: '["dmarc"]' },
]

const valuesOf = {
  'mailman.list.name': ({ mailman }) => [mailman.list?.name],
  'event.action': ({ event }) => [event.action],
  'mailman.hold.reason': ({ mailman }) => [mailman.hold.reason].flat(),
} as const satisfies Record<string, (document: Content) => (string | undefined)[]>
interface Content {
  readonly event: { readonly action: string }
  readonly mailman: { readonly list?: { readonly name: string }; readonly hold: { readonly reason?: string | string[] } }
}
type Field = keyof typeof valuesOf

const fitting = (all: readonly StoredEvent[], { sinceMs, untilMs, list, action, reason }: EventQuery): StoredEvent[] =>
  all.filter(({ timestampMs, document }) => {
    const content = document as unknown as Content
    const has = (field: Field, value: string | undefined) => value === undefined || valuesOf[field](content).includes(value)
    const isThen = timestampMs >= (sinceMs ?? timestampMs) && timestampMs < (untilMs ?? Number.POSITIVE_INFINITY)
    return isThen && has('mailman.list.name', list) && has('event.action', action) && has('mailman.hold.reason', reason)
  })

function count<K>(keys: readonly (readonly K[])[]): Map<K, number> {
  const counts = new Map<K, number>()
  for (const key of keys.flatMap(of => [...new Set(of)])) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

/** All that the store counts, against the events that it has. */
async function check(t: Test, file: string, stored: number): Promise<void> {
  const store = openSqliteStore(file)
  const { hits } = await store.search({ limit: 10_000, order: 'oldest' })
  t.equal(hits.length, stored)
  for (const query of questions.flatMap(question => spans.map(span => ({ ...question, ...span })))) {
    const name = JSON.stringify(query)
    const expected = fitting(hits, query)
    const found = await store.search({ ...query, limit: 1000, order: 'oldest' })
    t.strictSame([found.total, found.hits.map(({ id }) => id)], [expected.length, expected.map(({ id }) => id)], name)
    for (const bucketMs of [15 * 60_000, HOUR, 6 * HOUR]) {
      const buckets = await store.histogram(query, bucketMs)
      const counts = count(expected.map(({ timestampMs }) => [Math.floor(timestampMs / bucketMs) * bucketMs]))
      t.strictSame(
        buckets.map(bucket => [bucket.startMs, bucket.count]),
        [...counts].sort(([a], [b]) => a - b),
        `${name} by ${bucketMs}`,
      )
    }
    for (const field of Object.keys(valuesOf) as Field[]) {
      const counts = count(expected.map(({ document }) => valuesOf[field](document as unknown as Content)))
      counts.delete(undefined)
      const terms = await store.terms(query, field, 10)
      t.strictSame(new Map(terms.map(term => [term.value, term.count])), counts, `${name}: ${field}`)
      t.strictSame(
        terms.map(term => term.count),
        [...counts.values()].sort((a, b) => b - a),
      )
    }
  }
  await store.close()
}

t.test('written, pruned, erased', async t => {
  const file = join(t.testdir(), 'events.db')
  const store = new Store({ file, keepDays: 10 })
  t.teardown(() => store.close())
  const day = 86_400_000
  store.write(batchOf(documents.slice(0, 90)), 0)
  store.write(batchOf(documents.slice(50)), 5 * day)
  await check(t, file, 200)
  while (store.prune(11 * day, 7));
  await check(t, file, 110)
  eraseEvents(file, ['e100', 'e101', 'e199', 'e102', 'gone'])
  await check(t, file, 106)
})

t.test('a file of the version before is brought up to date, with what it holds', async t => {
  const file = join(t.testdir(), 'events.db')
  const db = new Database(file)
  migrate(db, 1)
  const names = new Names(db)
  const add = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)')
  for (const [i, document] of documents.slice(0, 150).entries()) {
    const { timestampMs, offset, list, action, dataset } = readEntry(field => valueAt(document, field.split('.')))!
    const numbers = [list, action, dataset].map(name => names.numberOf(name))
    add.run([i + 1, timestampMs, offset, ...numbers, JSON.stringify(document)])
    db.prepare('INSERT INTO ids VALUES (?, ?)').run([`e${i}`, i + 1])
  }
  db.close()
  t.throws(() => openSqliteStore(file), { code: 'MLS_STORE_UNREADABLE', message: /older version; the agent renews it/ })
  const output = await openStoreOutput({ file, keepDays: 10 })
  t.teardown(() => output.close?.())
  await check(t, file, 150)
  const store = new Store({ file, keepDays: 10 })
  t.teardown(() => store.close())
  store.write(batchOf(documents), 0)
  await check(t, file, 200)
})
