/** The same documents give the same answers on the embedded store and on Elasticsearch: one set of questions for both. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openClusterStore } from '../../src/store/cluster-query.js'
import { createStoreOutput } from '../../src/store/output.js'
import type { EventQuery, EventStore } from '../../src/store/query.js'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { batchOf, documentOf } from '../support/documents.js'
import { startNamespace } from '../support/templates.js'

const never = new AbortController().signal
const at = (minute: number) => `2024-03-01T12:${String(minute).padStart(2, '0')}:00.000Z`
const ms = (minute: number) => Date.parse(at(minute))
const hostile = '"; DROP TABLE events; -- ) OR NEAR(* ^ {text}: \\ \0 __proto__ \u202e'

const documents = [
  documentOf({
    id: 'held-1',
    at: at(0),
    offset: 10,
    list: 'announce',
    host: 'lists.example.org',
    action: 'message-held',
    from: 'ann@example.org',
    messageId: 'One.Two@mail.example.org',
    subject: 'Grüße aus München',
    reason: 'Post by non-member to a members-only list',
    message: 'announce post from ann@example.org held, message-id=<One.Two@mail.example.org>: Post by non-member',
  }),
  documentOf({
    id: 'held-2',
    at: at(0),
    offset: 20,
    list: 'devel',
    action: 'message-held',
    from: 'bob@example.org',
    message: 'held too',
  }),
  documentOf({
    id: 'post-1',
    at: at(1),
    offset: 30,
    log: 'post',
    list: 'announce',
    action: 'message-posted',
    from: 'ann@example.org',
  }),
  documentOf({
    id: 'sub-1',
    at: at(2),
    offset: 40,
    log: 'subscribe',
    list: 'announce',
    host: 'other.example.com',
    user: 'ann@example.org',
  }),
  documentOf({
    id: 'fail-1',
    at: at(61 - 2),
    offset: 50,
    log: 'smtp-failure',
    to: 'x.ann@example.org',
    message: 'delivery failed: 550 unknown user',
  }),
  documentOf({
    id: 'hostile',
    at: at(5),
    offset: 60,
    list: '__proto__',
    action: 'constructor',
    message: hostile,
    from: '"o\'x*"@example.org',
  }),
  documentOf({
    id: 'reasons',
    at: at(6),
    offset: 70,
    more: { mailman: { hold: { reason: ['too-big', 'other'] }, log: 'vette' } },
  }),
]

const questions: readonly (readonly [EventQuery, readonly string[]])[] = [
  [{}, ['held-1', 'held-2', 'post-1', 'sub-1', 'hostile', 'reasons', 'fail-1']],
  [{ text: 'held' }, ['held-1', 'held-2']],
  [{ text: 'HELD too' }, ['held-2']],
  [{ text: 'held AND too' }, []],
  [{ text: '"members-only list"' }, ['held-1']],
  [{ text: '"list members-only"' }, []],
  [{ text: 'list members-only' }, ['held-1']],
  [{ text: 'grüße' }, ['held-1']],
  [{ text: 'GRÜSSE' }, []],
  [{ text: 'mün*' }, ['held-1']],
  [{ text: 'unkn*' }, ['fail-1']],
  [{ text: 'unkn' }, []],
  [{ text: 'failed:' }, ['fail-1']],
  [{ text: 'ann@example.org' }, ['held-1']],
  [{ text: 'One.Two@mail.exam*' }, ['held-1']],
  [{ text: '"delivery failed" 550' }, ['fail-1']],
  [{ text: '"delivery failed' }, ['fail-1']],
  // No phrase goes from one field into the next.
  [{ text: '"member Grüße"' }, []],
  [{ text: 'drop table' }, ['hostile']],
  [{ text: hostile }, ['hostile']],
  [{ text: '* - "" () ^' }, ['held-1', 'held-2', 'post-1', 'sub-1', 'hostile', 'reasons', 'fail-1']],
  [{ text: 'a'.repeat(2000) }, []],
  [{ text: 'word '.repeat(500) }, []],
  [{ list: 'Announce' }, ['held-1', 'post-1', 'sub-1']],
  [{ list: 'announce@lists.example.org' }, ['held-1']],
  [{ list: 'ann' }, []],
  [{ list: '__proto__' }, ['hostile']],
  [{ address: 'ann@example.org' }, ['held-1', 'post-1', 'sub-1']],
  [{ address: 'ANN@EXAMPLE.ORG' }, ['held-1', 'post-1', 'sub-1']],
  [{ address: 'x.ann@example.org' }, ['fail-1']],
  [{ address: '"o\'x*"@example.org' }, ['hostile']],
  [{ address: 'ann@example' }, []],
  [{ address: ['nobody@example.org', 'ANN@example.org'] }, ['held-1', 'post-1', 'sub-1']],
  [{ address: ['nobody@example.org', 'ann@example.org'], text: 'held' }, ['held-1']],
  [{ address: '' }, []],
  [{ action: 'message-held' }, ['held-1', 'held-2']],
  [{ action: 'constructor' }, ['hostile']],
  [{ action: 'message' }, []],
  [{ dataset: 'mailman.smtp_failure' }, ['fail-1']],
  [{ reason: 'other' }, ['held-1', 'reasons']],
  [{ reason: 'too-big' }, ['reasons']],
  [{ reason: 'other', action: 'message-held' }, ['held-1']],
  [{ reason: 'too' }, []],
  [{ messageId: 'One.Two@mail.example.org' }, ['held-1']],
  [{ messageId: '<One.Two@mail.example.org>' }, ['held-1']],
  [{ messageId: 'one.two@mail.example.org' }, []],
  [{ sinceMs: ms(1), untilMs: ms(5) }, ['post-1', 'sub-1']],
  [{ sinceMs: ms(5) + 1 }, ['reasons', 'fail-1']],
  [{ text: 'held', list: 'announce', address: 'ann@example.org', untilMs: ms(1) }, ['held-1']],
  [{ text: 'held', list: 'announce', address: 'bob@example.org' }, []],
]

async function ask(t: Test, store: EventStore): Promise<void> {
  for (const [query, expected] of questions) {
    const name = JSON.stringify(query).slice(0, 100)
    const oldest = await store.search({ ...query, limit: 100, order: 'oldest' })
    t.strictSame([oldest.total, ...oldest.hits.map(hit => hit.id)], [expected.length, ...expected], name)
    const newest = await store.search({ ...query, limit: 1, order: 'newest' })
    t.strictSame([newest.total, newest.hits[0]?.id], [expected.length, expected.at(-1)], `${name}, the newest one`)
  }
  t.strictSame(await store.histogram({ list: 'announce' }, 120_000), [
    { startMs: ms(0), count: 2 },
    { startMs: ms(2), count: 1 },
  ])
  t.strictSame(await store.histogram({ list: 'nobody' }, 60_000), [])
  t.strictSame(await store.terms({}, 'mailman.list.name', 2), [
    { value: 'announce', count: 3 },
    { value: '__proto__', count: 1 },
  ])
  t.strictSame(await store.terms({ dataset: 'mailman.vette' }, 'mailman.hold.reason', 9), [
    { value: 'other', count: 2 },
    { value: 'too-big', count: 1 },
  ])
  t.strictSame(await store.terms({ text: 'nowhere' }, 'user.email', 9), [])
  const found = await store.byId('hostile')
  t.strictSame(
    found,
    { id: 'hostile', timestampMs: ms(5), document: JSON.parse(JSON.stringify(documents[5])) },
    'as it was stored',
  )
  t.equal(await store.byId("' OR 1=1"), undefined)
}

t.test('the embedded store', async t => {
  const file = join(t.testdir(), 'a b?mode=rw#%.db')
  const output = createStoreOutput({ file, keepDays: 90 })
  await output.write(batchOf(documents), never)
  const store = openSqliteStore(file)
  t.teardown(() => Promise.all([output.close(), store.close()]))
  await ask(t, store)
})

for (const version of ['9.5.0', '8.19.0'] as const) {
  t.test(`Elasticsearch ${version}`, t => askCluster(t, version))
}

async function askCluster(t: Test, version: '9.5.0' | '8.19.0'): Promise<void> {
  const { namespace, client } = await startNamespace(t, { version })
  const store = openClusterStore(client, namespace)
  t.strictSame(await store.search({ limit: 1, order: 'newest' }), { total: 0, hits: [] }, 'no stream yet')
  t.strictSame(await store.histogram({}, 1000), [])
  t.strictSame(await store.terms({}, 'event.action', 1), [])
  const operations = documents.flatMap(document => {
    const { id, dataset } = document.event as { id: string; dataset: string }
    return [{ create: { _index: `logs-${dataset}-${namespace}`, _id: id } }, document]
  })
  const answer = await client.bulk({ operations, refresh: true })
  t.notOk(answer.errors)
  await ask(t, store)
}
