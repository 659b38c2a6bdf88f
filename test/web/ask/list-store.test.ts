/** One list's events and no others, whatever is asked; and which list is meant. */
import { join } from 'node:path'
import t from 'tap'
import type { EventQuery } from '../../../src/store/query.js'
import { openSqliteStore } from '../../../src/store/sqlite-query.js'
import { Store } from '../../../src/store/store.js'
import { findList, listOf, readDomains } from '../../../src/web/ask/list.js'
import { openListStore } from '../../../src/web/ask/list-store.js'
import { askDocuments, domains as configured, secret } from '../../support/ask-site.js'
import { batchOf, documentOf } from '../../support/documents.js'

const file = join(t.testdir(), 'events.db')
const writer = new Store({ file, keepDays: 36_500 })
const on = (host: string) => ({ host: { name: host } })
const documents = [
  ...askDocuments,
  // Each installation of Mailman 2.1 has one of this name.
  documentOf({ id: 's-1', action: 'message-held', list: 'mailman' }),
  documentOf({ id: 's-2', action: 'message-held', list: 'mailman', more: on('lists2.example.org') }),
  documentOf({ id: 'o-1', action: 'message-held', list: 'elsewhere', more: on('lists2.example.org') }),
  // Mailman 3 may have lists of one name in several domains, and 2.1 one more.
  documentOf({ id: 'v-1', action: 'message-held', list: 'dev', host: 'lists.example.net', messageId: 'V@x' }),
  documentOf({ id: 'v-2', action: 'message-held', list: 'dev', host: 'lists.example.org', messageId: 'V@x', message: secret }),
  documentOf({ id: 'v-3', action: 'message-held', list: 'dev', message: secret }),
  documentOf({ id: 'v-4', log: 'smtp', action: 'message-delivery-failed', messageId: 'V@x', message: secret }),
  // A line about a message that names no list may be about another list's.
  documentOf({ id: 'x-1', action: 'message-discarded', messageId: 'Team@x', message: secret }),
]
writer.write(batchOf(documents), 0)
writer.close()
const store = openSqliteStore(file)
t.teardown(() => store.close())
const domains = readDomains(configured)

t.test('which list is meant', async t => {
  const found = async (typed: string) => {
    const list = await findList(store, typed, domains)
    return list && `${list.value} ${list.domain}`
  }
  t.equal(await found('announce'), 'announce lists.example.org')
  t.equal(await found(' ANNOUNCE@Lists.Example.ORG\n'), 'announce lists.example.org')
  t.equal(await found('team'), 'team@lists.example.net lists.example.net')
  t.equal(await found('team@lists.example.net'), 'team@lists.example.net lists.example.net')
  t.equal(await found('dev@lists.example.net'), 'dev@lists.example.net lists.example.net')
  const none = [
    ...['dev', 'announce@lists.example.net', 'team@lists.example.org', 'announce@evil.example', 'far', 'far@evil.example'],
    ...['never', 'mailman', 'mailman@lists.example.org', 'elsewhere', '', '@', 'a@b@c', 'announce,devel', 'announce devel', '*'],
    ...[
      'annou*',
      '.announce',
      'announce.',
      'an..ce',
      'аnnounce',
      'ａnnounce',
      'annoUn\u200bce',
      'announce\0',
      'x\r\nbcc: eve@example.org',
    ],
    ...['__proto__', 'constructor', '<announce>', '"announce"', 'announce-owner', 'a'.repeat(101)],
  ]
  for (const typed of none) t.equal(await found(typed), undefined, typed)
})

const announce = listOf('announce', 'lists.example.org', domains)!
const ids = (hits: readonly { readonly id: string }[]) => hits.map(({ id }) => id)

t.test('whatever is asked', async t => {
  const own = openListStore(store, announce)
  const all = { limit: 100, order: 'oldest' } as const
  t.strictSame(ids((await own.search(all)).hits), ['a-held', 'a-way-1', 'a-way-2', 'a-way-3', 'a-bounce', 'a-hostile', 'a-cross'])
  t.strictSame(ids((await own.search({ ...all, messageId: 'Way@x', order: 'newest' })).hits), ['a-way-3', 'a-way-2', 'a-way-1'])
  t.strictSame(ids((await own.search({ ...all, messageId: '<Way@x>', action: 'message-posted' })).hits), ['a-way-3'])
  t.strictSame(
    ids((await own.search({ ...all, messageId: 'Cross@x' })).hits),
    ['a-cross'],
    'of a message on two lists its own line',
  )
  const lists = ['devel', 'DEVEL', 'team@lists.example.net', 'announce@lists.example.org', 'announce', '', '*']
  const queries: EventQuery[] = [
    {},
    { text: secret },
    { text: 'a* OR devel' },
    { text: '" OR list:devel' },
    { address: `${secret}@example.org` },
    { address: [`${secret}@example.org`, 'ann@example.org'] },
    { action: 'message-posted' },
    { dataset: 'mailman.bounce' },
    { reason: 'dmarc' },
    ...['Devel@x', `Held-${secret}@x`, 'Cross@x', 'Team@x', 'V@x', '', '*'].map(messageId => ({ messageId })),
    { sinceMs: 0, untilMs: Date.UTC(2030, 0) },
  ]
  for (const query of [...queries, ...queries.flatMap(query => lists.map(list => ({ ...query, list })))]) {
    const said = JSON.stringify(query)
    const { total, hits } = await own.search({ ...query, ...all })
    t.ok(hits.every(announce.isOf), said)
    t.equal(total, hits.length, said)
    const counted = (await own.histogram(query, 1000)).reduce((sum, { count }) => sum + count, 0)
    t.ok(counted <= 7, said)
    for (const field of ['mailman.list.name', 'email.from.address', 'email.message_id', 'message'] as const)
      t.notMatch(JSON.stringify(await own.terms(query, field, 100)), /devel|team|of-another-list/i, said)
  }
  t.equal((await own.search({ ...all, text: secret })).total, 0)
  for (const { id } of documents.map(document => document.event as { id: string }))
    t.equal((await own.byId(id))?.id, id.startsWith('a-') ? id : undefined, id)
})

t.test('lists of one name in other domains and Mailmans', async t => {
  const dev = openListStore(store, listOf('dev@lists.example.net', 'lists.example.net', domains)!)
  t.strictSame(ids((await dev.search({ limit: 9, order: 'oldest' })).hits), ['v-1'])
  t.strictSame(ids((await dev.search({ messageId: 'V@x', limit: 9, order: 'oldest' })).hits), ['v-1'])
  // As if a link had been signed before the others came.
  const site = openListStore(store, listOf('mailman', 'lists.example.org', domains)!)
  t.strictSame(await site.search({ limit: 9, order: 'oldest' }).then(({ total, hits }) => [total, ids(hits)]), [1, ['s-1']])
  t.equal(await site.byId('s-2'), undefined)
  t.equal(listOf('announce', 'evil.example', domains), undefined)
})

t.test('of a message that is its own, a release that names no list too; but no discard', async t => {
  const team = openListStore(store, listOf('team@lists.example.net', 'lists.example.net', domains)!)
  t.strictSame(ids((await team.search({ messageId: 'Team@x', limit: 9, order: 'oldest' })).hits), ['t-held', 't-approved'])
  t.equal(await team.byId('t-approved'), undefined, 'by its id alone nobody can say whose it is')
  t.equal((await team.search({ action: 'message-approved', limit: 9, order: 'oldest' })).total, 0)
})
