/** An alert in words, and that each kind has its section in the runbook and its place in the schema. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import type { AlertKind } from '../../src/alerts/alert.js'
import { alertSentences, detailsOf, kindWords, titleOf } from '../../src/alerts/words.js'
import { headerSafe, runbookOf, titleOfNotice } from '../../src/notify/notice-words.js'
import { alertOf } from '../support/alerts.js'
import { noticeOf, site, testNotice } from '../support/notices.js'

const documentOf = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
const kinds = Object.keys(kindWords) as AlertKind[]

t.test('each kind has its section in the runbook, and no other; the same in the schema', async t => {
  const sections = [...documentOf('runbook.md').matchAll(/^## (.+)$/gm)].map(([, name]) => name)
  t.same(sections.toSorted(), kinds.toSorted())
  t.same(JSON.parse(documentOf('alert.schema.json')).$defs.alert.properties.kind.enum.toSorted(), kinds.toSorted())
  t.equal(runbookOf({ ...site, runbookUrl: undefined }, 'queue-stuck'), 'docs/runbook.md#queue-stuck')
})

t.test('of a list, of a host, of what a guard saw', async t => {
  const list = alertOf({ list: 'dev', severity: 'warning', lists: 1, senders: 1, endedMs: Date.parse('2015-05-19T17:40:00Z') })
  t.equal(titleOf(list), 'messages are held that usually go through: dev')
  t.same(detailsOf(list, 'UTC'), [
    'since 2015-05-19 17:31:05, clear 9 s later, over 2015-05-19 17:40:00',
    '5 held by then, 1 sender who has posted before; 12 in all; post-by-non-member, too-big',
    'such as One.Two@mail.example.org, 1432056666.1234.5@laptop',
    '65 s before: Mailman was restarted (2015-05-19 17:30:00)',
  ])
  const guard = alertOf({
    kind: 'queue-stuck',
    about: 'out',
    words: '4,000 messages wait',
    held: 0,
    reasons: [],
    examples: [],
    before: [],
  })
  t.same(alertSentences(guard, 'UTC'), [
    '2015-05-19 17:31:14  critical  queue-stuck of out: a queue is not worked off',
    '  since 2015-05-19 17:31:05, clear 9 s later, not over yet',
    '  4,000 messages wait',
  ])
  t.match(detailsOf(alertOf({ kind: 'posts-stopped', held: 0, count: 0, usual: 31.4 }), 'UTC')[1], /^31 are usual/)
})

t.test('a notice', async t => {
  t.equal(
    titleOfNotice(noticeOf({ moment: 'grown', alerts: [alertOf(), alertOf({ list: 'dev' })] }), { ...site, instance: 'two' }),
    'critical: growing: messages are held that usually go through, and 1 more (lists1.example.org, two)',
  )
  t.equal(
    titleOfNotice(noticeOf({ moment: 'ended' }), site),
    'over: messages are held that usually go through (lists1.example.org)',
  )
  t.match(titleOfNotice(testNotice, site), /^test: .*nothing is wrong \(lists1\.example\.org\)$/)
  t.equal(headerSafe('a1-b.c_2'), 'a1-b.c_2')
  t.match(headerSafe('a\r\nb'), /^[\da-f]{32}$/)
})
