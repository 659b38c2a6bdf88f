/** A document is kept by what differs from others of its kind, and comes back byte by byte, whatever strangers wrote into it. */
import { join } from 'node:path'
import fc from 'fast-check'
import Database from 'libsql'
import t from 'tap'
import { type DocumentRow, Documents, documentColumns } from '../../src/store/documents.js'
import { readEntry, valueAt } from '../../src/store/entry.js'
import { migrate } from '../../src/store/schema.js'
import { Shapes } from '../../src/store/shapes.js'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { Store } from '../../src/store/store.js'
import { batchOf, batchOfText, documentOf, ordinaryEvents } from '../support/documents.js'

const statusesOf = (answer: ReturnType<Store['write']>) =>
  'outcomes' in answer ? answer.outcomes.map(({ status }) => status) : [answer.holdUp.detail]

/** What the rows hold, put together again. */
function readTexts(file: string): { readonly text: string; readonly isShaped: boolean; readonly bytes: number }[] {
  const db = new Database(file, { readonly: true })
  try {
    const documents = new Documents(db)
    const rows = db.prepare(`SELECT ${documentColumns} FROM events ORDER BY event`).raw().all([]) as DocumentRow[]
    return rows.map(row => ({ text: documents.text(row), isShaped: row[3] !== null, bytes: row[2].length }))
  } finally {
    db.close()
  }
}

t.test('ordinary events take a fifth of their bytes, and none of their ids is kept as a text', async t => {
  const file = join(t.testdir(), 'events.db')
  const store = new Store({ file, keepDays: 10 })
  t.teardown(() => store.close())
  const documents = ordinaryEvents(0, 1000)
  store.write(batchOf(documents), 0)
  const stored = readTexts(file)
  const texts = documents.map(document => JSON.stringify(document))
  t.strictSame(
    stored.map(({ text }) => text),
    texts,
  )
  t.ok(stored.every(({ isShaped }) => isShaped))
  const bytesOf = (lengths: readonly number[]) => lengths.reduce((sum, length) => sum + length, 0)
  t.ok(bytesOf(stored.map(({ bytes }) => bytes)) * 4 < bytesOf(texts.map(text => text.length)))
  const db = new Database(file)
  t.teardown(() => db.close())
  t.strictSame(db.prepare('SELECT count(*) FROM ids').raw().all([]), [[0]])
  t.strictSame(statusesOf(store.write(batchOf(documents.slice(990)), 0)), Array(10).fill('duplicate'))
})

t.test('two lines of one place, of generations that begin alike', async t => {
  const file = join(t.testdir(), 'events.db')
  const store = new Store({ file, keepDays: 10 })
  t.teardown(() => store.close())
  const of = (content: string) => documentOf({ id: `AbCdEfGhIjKlMnOp-5-${content}`, offset: 5, message: content })
  t.strictSame(statusesOf(store.write(batchOf([of('a'), of('b'), of('a')]), 0)), ['stored', 'stored', 'duplicate'])
  t.strictSame(statusesOf(store.write(batchOf([of('c'), of('b')]), 0)), ['stored', 'duplicate'])
  const reader = openSqliteStore(file)
  t.teardown(() => reader.close())
  for (const content of ['a', 'b', 'c']) t.equal((await reader.byId(`AbCdEfGhIjKlMnOp-5-${content}`))?.document.message, content)
  for (const id of ['AbCdEfGhIjKlMnOp-5-d', 'AbCdEfGhIjKlMnOp-6-a', 'AbCdEfGhIjKlMnOq-5-a', 'AbCdEfGhIjKlMnOp-05-a'])
    t.equal(await reader.byId(id), undefined, id)
})

t.test('an id that is not the document’s is kept as a text', async t => {
  const file = join(t.testdir(), 'events.db')
  const store = new Store({ file, keepDays: 10 })
  t.teardown(() => store.close())
  const ids = ['AbCdEfGhIjKlMnOp-5-a', 'AbCdEfGhIjKlMnOp-6-a', 'AbCdEfGhIjKlMnOp-7-A']
  const texts = [
    documentOf({ id: 'AbCdEfGhIjKlMnOp-5-b', offset: 5 }),
    documentOf({ id: ids[1]!, offset: 7 }),
    documentOf({ id: ids[2]!, offset: 7 }),
  ].map(document => JSON.stringify(document))
  const batch = batchOfText(texts, ids)
  t.strictSame(statusesOf(store.write(batch, 0)), ['stored', 'stored', 'stored'])
  t.strictSame(statusesOf(store.write(batch, 0)), ['duplicate', 'duplicate', 'duplicate'])
  t.strictSame(
    readTexts(file).map(({ text }) => text),
    texts,
  )
  const reader = openSqliteStore(file)
  t.teardown(() => reader.close())
  t.equal((await reader.byId(ids[1]!))?.id, ids[1])
})

/** Texts that could be taken for marks, ends, escapes or parts of one another. */
const text = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('held', 'held too', 'ann@example.org', '', 'n', '\\', '"', '\\"', '\x01', '\x021', '\x1f', '\x00'),
  },
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('"', '\\', 'n', 'u', '0', '\n', '\u001f', 'é', '\u{1f4e8}', ',', ':'), maxLength: 12 }),
)
const document = fc
  .record({
    list: fc.option(text, { nil: undefined }),
    message: text,
    from: fc.option(text, { nil: undefined }),
    subject: fc.option(text, { nil: undefined }),
    log: fc.constantFrom('vette', 'post'),
    offset: fc.nat(),
    to: fc.option(fc.array(text, { maxLength: 3 }), { nil: undefined }),
    original: fc.option(text, { nil: undefined }),
    pid: fc.oneof(fc.nat(), fc.double({ noNaN: true }), fc.constantFrom(null, true, 1e99, -0)),
  })
  .map(({ to, original, pid, message, from, ...given }) => {
    const base = documentOf({ ...given, id: 'x', message, ...(from === undefined ? {} : { from }) } as Parameters<
      typeof documentOf
    >[0])
    const event = { ...(base.event as object), ...(original === undefined ? {} : { original: `Jan 5 ${message}${original}` }) }
    return {
      ...base,
      event,
      process: { pid },
      ...(to === undefined ? {} : { email: { to: { address: to }, message_id: message } }),
    }
  })

t.test('any document comes back as it was, and is found by the same words and keys', async t => {
  const db = new Database(':memory:')
  migrate(db)
  t.teardown(() => db.close())
  const shapes = new Shapes(db)
  fc.assert(
    fc.property(document, document => {
      const text = JSON.stringify(document)
      const parsed = JSON.parse(text) as typeof document
      const learnt = shapes.learn(text, parsed)
      const found = shapes.find(text)
      for (const shaped of [learnt, found]) {
        if (shaped === undefined) continue
        const { shape, fillings } = shaped
        if (shape.fill(fillings) !== text) throw new Error('it is another document')
        const entry = JSON.stringify(readEntry(field => shape.read(fillings, field)))
        if (entry !== JSON.stringify(readEntry(field => valueAt(parsed, field.split('.')))))
          throw new Error('it is found otherwise')
      }
      return learnt !== undefined
    }),
    { numRuns: 1000 },
  )
  const directory = t.testdir()
  let n = 0
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 8 }), documents => {
      const file = join(directory, `${n++}.db`)
      const store = new Store({ file, keepDays: 10 })
      const texts = documents.map(document => JSON.stringify(document))
      const answer = store.write(
        batchOfText(
          texts,
          texts.map((_, i) => `${i}`),
        ),
        0,
      )
      store.close()
      const stored = readTexts(file).map(({ text }) => text)
      return statusesOf(answer).every(status => status === 'stored') && JSON.stringify(stored) === JSON.stringify(texts)
    }),
    { numRuns: 30 },
  )
})

t.test('what is no JSON is set aside, though it looks like what is known', async t => {
  const file = join(t.testdir(), 'events.db')
  const store = new Store({ file, keepDays: 10 })
  t.teardown(() => store.close())
  const good = JSON.stringify(documentOf({ id: 'good', message: 'MESSAGE', offset: 77 }))
  const spoilt = ['a\nb', 'a\\', 'a\\x', 'a\\u12', 'a","b', 'a\tb'].map(message => good.replace('MESSAGE', message))
  const numbers = ['077', '7.', '-', '', '7e', '0x7'].map(offset => good.replace(':77', `:${offset}`))
  const texts = [good, ...spoilt, ...numbers, `${good} `, good.slice(0, -1), good.replace('MESSAGE', 'a\\"b')]
  const answer = store.write(
    batchOfText(
      texts,
      texts.map((_, i) => `${i}`),
    ),
    0,
  )
  const expected = texts.map(text => {
    try {
      return JSON.parse(text) ? 'stored' : ''
    } catch {
      return 'set-aside'
    }
  })
  t.strictSame(statusesOf(answer), expected)
  t.equal(expected.filter(status => status === 'stored').length, 3)
  t.strictSame(
    readTexts(file).map(({ text }) => text),
    texts.filter((_, i) => expected[i] === 'stored'),
  )
})

t.test('a store of the version before goes on, its documents as they are', async t => {
  const file = join(t.testdir(), 'events.db')
  const documents = ordinaryEvents(0, 60)
  const listed = (i: number) => documentOf({ id: `list-${i}`, list: 'announce', host: 'lists.example.org' })
  const all = [...documents, listed(1)]
  const before = new Store({ file, keepDays: 10 })
  before.write(batchOf(all), 0)
  before.close()
  const db = new Database(file)
  // As version 2 had it.
  const whole = readTexts(file)
  const put = db.prepare(
    'UPDATE events SET document = ?, shape = NULL, fqdn = NULL, generation = NULL, content = NULL WHERE event = ?',
  )
  for (const [i, { text }] of whole.entries()) {
    put.run([text, i + 1])
    db.prepare('INSERT OR REPLACE INTO ids VALUES (?, ?)').run([(all[i]!.event as { id: string }).id, i + 1])
  }
  db.exec('DROP INDEX events_by_place; DROP TABLE shapes')
  for (const column of ['shape', 'fqdn', 'generation', 'content']) db.exec(`ALTER TABLE events DROP COLUMN ${column}`)
  db.exec('PRAGMA user_version = 2')
  db.close()
  const store = new Store({ file, keepDays: 10 })
  t.teardown(() => store.close())
  store.renew()
  t.strictSame(new Set(statusesOf(store.write(batchOf(all), 5 * 86_400_000))), new Set(['duplicate']))
  const more = [...ordinaryEvents(60, 40), listed(2)]
  t.strictSame(new Set(statusesOf(store.write(batchOf(more), 5 * 86_400_000))), new Set(['stored']))
  const reader = openSqliteStore(file)
  t.teardown(() => reader.close())
  const idsOf = async (query: object) => (await reader.search({ ...query, limit: 200, order: 'oldest' })).hits.map(({ id }) => id)
  t.equal((await idsOf({})).length, 102)
  t.same(new Set(await idsOf({ list: 'announce@lists.example.org' })), new Set(['list-1', 'list-2']))
  t.strictSame(await idsOf({ list: 'announce@elsewhere.example.org' }), [])
  t.strictSame(await reader.terms({ list: 'announce' }, 'mailman.list.fqdn', 9), [
    { value: 'announce@lists.example.org', count: 2 },
  ])
  for (const document of [documents[7]!, more[7]!]) {
    const { id } = document.event as { id: string }
    t.strictSame((await reader.byId(id))?.document, JSON.parse(JSON.stringify(document)))
  }
  while (store.prune(11 * 86_400_000, 30));
  t.equal(store.trouble, undefined)
  t.equal((await idsOf({})).length, 41)
})
