/** Counters by list: who gets some of its own, that none is ever missed or goes down, and what strangers can do to it. */
import t from 'tap'
import type { ActionName } from '../parsers/_actions.js'
import type { Pattern } from '../parsers/_contract.js'
import { parsers } from '../parsers/_index.js'
import { EventCounts } from '../src/event-counts.js'
import { ListCounts } from '../src/list-counts.js'
import { heldBytes } from './support/memory.js'
import { Reading, sourceOf } from './support/reading.js'

const find = (log: string, action: ActionName): Pattern =>
  parsers.get(log)!.patterns.find(one => one.action === action && one.fields.includes('mailman.list.name'))!
const posted = find('post', 'message-posted')
const held = find('vette', 'message-held')

function add(counts: ListCounts, list: string, times: number, pattern = posted): void {
  const values = pattern.fields.map(field => (field === 'mailman.list.name' ? list : undefined))
  for (let i = 0; i < times; i++) counts.add(pattern, values)
}

const of = (counts: ListCounts, list: string, action: ActionName = 'message-posted') => counts.read().get(list)?.[action]

t.test('from 0 on, after five events, when somebody has read it; the past stays in the others', async t => {
  const counts = new ListCounts()
  t.strictSame([...counts.read().keys()], ['other'])
  add(counts, 'dev', 4)
  t.equal(of(counts, 'dev'), undefined)
  add(counts, 'dev', 1)
  t.equal(of(counts, 'dev'), 0)
  t.equal(of(counts, 'dev', 'bounce-received'), 0, 'what has not happened yet has its series')
  t.equal(of(counts, 'other'), 5)
  add(counts, 'dev', 3)
  add(counts, 'dev', 2, held)
  t.equal(of(counts, 'dev'), 3)
  t.equal(of(counts, 'dev', 'message-held'), 2)
  t.equal(of(counts, 'other'), 5)
})

t.test('2.1 and 3, as the logs say it; what names no list is with the others; what may be forged is not counted', async t => {
  const stamp = 'Dec 31 23:59:25 2025 (1)'
  const line = `${stamp} Dev post from ceo@example.org held, message-id=<x@y>: Post to moderated list\n`
  const text = `${line.repeat(6)}${stamp} Message discarded, msgid: <x@y>\nDec 31 10:01:07 2025 (4242) evil post from a@b held, message-id=<x@y>: Post to moderated list\n`
  const reading = new Reading(text, { source: sourceOf('vette') }).feed(text)
  reading.end()
  const three =
    'Dec 31 23:59:26 2025 (1) HOLD: announce@lists.example.org post from a@example.org held, message-id=<x@y>: Post to moderated list\n'
  const other = new Reading(three.repeat(6), { source: sourceOf('vette') }).feed(three.repeat(6))
  other.end()
  const counts = new EventCounts()
  counts.add('vette', reading.events)
  counts.lists.read()
  counts.add('vette', reading.events)
  counts.add('vette', other.events)
  const tallies = counts.lists.read()
  t.strictSame([...tallies.keys()], ['dev', 'announce@lists.example.org', 'other'])
  t.equal(tallies.get('dev')!['message-held'], 6)
  const sum = (action: ActionName) => [...tallies.values()].reduce((total, tally) => total + (tally[action] ?? 0), 0)
  const { vette } = counts.byLog([])
  for (const action of ['message-held', 'message-discarded'] as const)
    t.equal(sum(action), vette![action], `all ${action} are somewhere`)
  t.equal(vette!.suspect, 2)
})

t.test('a hundred, the busiest; a busier one comes in, and all that is counted only grows', async t => {
  const counts = new ListCounts()
  for (let list = 0; list < 300; list++) add(counts, `list-${list}`, 10 + list)
  const first = counts.read()
  t.equal(first.size, 101)
  t.ok(first.has('list-299') && first.has('list-200'))
  t.notOk(first.has('list-199'))
  add(counts, 'list-0', 300)
  t.notOk(counts.read().has('list-0'), 'busier than some, but not twice as busy')
  let before = counts.read()
  const wrong: string[] = []
  for (let round = 0; round < 100; round++) {
    add(counts, 'list-0', 10)
    add(counts, 'list-299', 1)
    const now = counts.read()
    if (now.size !== 101) wrong.push(`${now.size} lists`)
    for (const [list, { 'message-posted': count = -1 }] of now) {
      const was = before.get(list)?.['message-posted']
      if (was === undefined ? count !== 0 : count < was) wrong.push(`${list}: ${was}, then ${count}`)
    }
    before = now
  }
  t.strictSame(wrong, [])
  t.ok(before.has('list-0'))
  t.notOk(before.has('list-200'), 'the least busy made way')
  t.equal(before.get('list-299')!['message-posted'], 100)
})

t.test('who was busy once makes way in the end', async t => {
  const counts = new ListCounts()
  for (let list = 0; list < 100; list++) add(counts, `old-${list}`, 1_000)
  counts.read()
  for (let round = 0; round < 300; round++) for (let list = 0; list < 100; list++) add(counts, `new-${list}`, 10)
  t.strictSame(
    [...counts.read().keys()].filter(list => list.startsWith('old')),
    [],
  )
})

t.test('names that are none', async t => {
  const counts = new ListCounts()
  const names = ['other', 'a"} 1', 'a\nb', 'a b', '', 'ä', 'a'.repeat(101), '\u001b[2J', 'a@b@c', 'a,b']
  for (const name of names) add(counts, name, 100)
  t.strictSame([...counts.read().keys()], ['other'])
  t.equal(of(counts, 'other'), 100 * names.length)
  add(counts, '__proto__', 100)
  counts.read()
  add(counts, '__proto__', 1)
  t.equal(of(counts, '__proto__'), 1, 'an odd name is one')
})

t.test('any number of names: bounded, and the busy lists are still known', async t => {
  const counts = new ListCounts()
  add(counts, 'busy', 100)
  counts.read()
  const before = heldBytes()
  // Each is a part of a text that is longer, and is not to hold it. At the end nearly as many as can be are known.
  for (let i = 0; i < 199_000; i++) {
    add(counts, `${'x'.repeat(2_000)} a-stranger-${i}`.slice(2_001), 1)
    if (i % 100 === 0) add(counts, 'busy', 1)
  }
  const grown = heldBytes() - before
  t.ok(grown > 200_000 && grown < 4 << 20, `${grown} bytes`)
  t.strictSame([...counts.read().keys()], ['busy', 'other'])
  t.equal(of(counts, 'busy'), 1_990)
  t.equal(of(counts, 'other'), 199_100)
})
