import t from 'tap'
import { findSubject, isIdHash, readTyped, readTypedId } from '../../src/troubleshooting/subject.js'
import { storeOf } from '../support/told-store.js'

t.test('a message id, however it was pasted', async t => {
  for (const typed of [
    'Ab.1@example.org',
    '<Ab.1@example.org>',
    '  <Ab.1@example.org>\n',
    '"<Ab.1@example.org>"',
    "'Ab.1@example.org'",
    'Message-ID: <Ab.1@example.org>',
    'message-id:\n <Ab.1@example.org>',
    'mid:Ab.1@example.org',
    '%3CAb.1%40example.org%3E',
    '<Ab.1@example.org> (added by postmaster)',
    '<Ab.1@example.org',
  ])
    t.equal(readTypedId(typed), 'Ab.1@example.org', typed)
  t.equal(readTypedId('<one two@example.org>'), 'one two@example.org')
  for (const hostile of ['', '<>', '%', '%3C%ff', '\0\x1b[2J', '<'.repeat(9999)]) t.type(readTypedId(hostile), 'string')
  t.ok(isIdHash('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'))
  t.notOk(isIdHash('announce'))
})

t.test('what it is, by its form', async t => {
  for (const [typed, kind, text] of [
    ['announce', 'list', 'announce'],
    ['X@example.org', 'any', 'X@example.org'],
    ['<x@example.org>', 'any', 'x@example.org'],
    ['mailto:ann@example.org', 'any', 'ann@example.org'],
    ['Message-ID: <x@example.org>', 'message', 'x@example.org'],
    ['<a b@example.org>', 'message', 'a b@example.org'],
    ['<no-at-sign>', 'message', 'no-at-sign'],
  ] as const)
    t.strictSame(readTyped(typed, undefined), { kind, text })
  t.strictSame(readTyped('<x@example.org>', 'address'), { kind: 'address', text: 'x@example.org' })
  t.strictSame(readTyped('n/a', 'message'), { kind: 'message', text: 'n/a' })
})

t.test('what it is, by what has events', async t => {
  const at = 'Mar 01 10:00:00 2024 (5)'
  const store = storeOf(t, [
    { log: 'vette', text: `${at} Dev post from ann@example.org held, message-id=<ann@example.org>: Post to moderated list\n` },
    {
      log: 'smtp.log',
      mailman: '3',
      text: `${at} <b@example.org> post to users@lists.example.org from bob@example.org, 900 bytes\n`,
    },
  ])
  const asked: string[] = []
  const find = (typed: string) =>
    findSubject(store, readTyped(typed, undefined), async address => {
      asked.push(address)
      return [address]
    })
  t.match(await find('<b@example.org>'), { kind: 'message', also: [] })
  t.match(await find('bob@example.org'), { kind: 'address', also: [], isUnknown: false })
  t.match(await find('ann@example.org'), { kind: 'message', also: ['address'] })
  t.match(await find('users@lists.example.org'), { kind: 'list', isListWithoutHost: false })
  t.match(await find('dev@lists.example.org'), { kind: 'list', text: 'dev', isListWithoutHost: true })
  t.match(await find('nobody@example.org'), { isUnknown: true })
  t.ok(asked.includes('bob@example.org'))
})
