/** The generated logs are what Mailman would write: each record is parsed, as what it was made as. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Reading, sourceOf } from '../reading.js'
import { writeLogs } from './files.mjs'
import { generate, incident2015, type TrafficRecord } from './generate.mjs'

t.setTimeout(120_000)

const options = { lists: 100, incident: '2015', events: 30_000 } as const
const records = [...generate(options)].flat()

function countActions(actions: Iterable<string | undefined>): Record<string, number> {
  const counts = new Map<string, number>()
  for (const action of actions) if (action !== undefined) counts.set(action, (counts.get(action) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function groupBy(all: readonly TrafficRecord[], keyOf: (record: TrafficRecord) => string): Map<string, TrafficRecord[]> {
  const groups = new Map<string, TrafficRecord[]>()
  for (const record of all) {
    const group = groups.get(keyOf(record))
    if (group === undefined) groups.set(keyOf(record), [record])
    else group.push(record)
  }
  return groups
}

t.test('every record is an event of the action that it was made as', async t => {
  const logs = groupBy(records, ({ log }) => log)
  t.strictSame(
    [...logs.keys()].sort(),
    ['bounce', 'error', 'mischief', 'post', 'qrunner', 'smtp', 'smtp-failure', 'subscribe', 'vette'],
    'all logs',
  )
  for (const [log, made] of logs) {
    const text = made.map(record => record.text).join('')
    const read = new Reading(text, { source: sourceOf(log), maxLineBytes: 1 << 20 }).feed(text).end()
    const planned = countActions(made.map(({ action }) => action))
    t.strictSame(countActions(read.map(({ action }) => action ?? 'none')), planned, log)
    t.strictSame(
      read.filter(({ tags }) => tags.length > 0).map(({ message, tags }) => [message, tags]),
      [],
      `${log}: nothing is unparsed or suspect`,
    )
  }
})

t.test('times ascend, from the first day to the end of the last', async t => {
  t.ok(records.every(({ at }, i) => i === 0 || at >= records[i - 1]!.at))
  t.ok(records[0]!.at - Date.UTC(2015, 4, 12) / 1000 < 60)
  t.ok(Date.UTC(2015, 4, 21) / 1000 - records.at(-1)!.at < 3600)
  t.ok(Math.abs(records.length / options.events - 1) < 0.25, `about as many as wanted: ${records.length}`)
})

t.test('busy lists and quiet ones, days and nights', async t => {
  const posts = records.filter(({ action }) => action === 'message-posted')
  const perList = [...groupBy(posts, ({ text }) => / post to (\S+) /.exec(text)![1]!).values()].map(of => of.length)
  perList.sort((a, b) => b - a)
  const top = perList.slice(0, 10).reduce((sum, n) => sum + n, 0)
  t.ok(perList.length > 60 && top / posts.length > 0.35, 'ten lists have more than a third of the posts')
  const inHours = (from: number, to: number) =>
    posts.filter(({ at }) => at < incident2015.stopped && (at / 3600) % 24 >= from && (at / 3600) % 24 < to).length
  t.ok(inHours(13, 16) > 3 * inHours(1, 4))
})

t.test('the incident: nobody writes, then all is held for one reason, then it is over', async t => {
  const { stopped, started, mended, reason } = incident2015
  const during = (from: number, to: number, log: string) => records.filter(r => r.at >= from && r.at < to && r.log === log)
  t.strictSame([...new Set(records.filter(r => r.at > stopped && r.at < started).map(r => r.log))], [])
  t.match(during(started, started + 30, 'error')[0]!.text, /Permission denied/)
  const held = during(started, mended, 'vette').filter(({ action }) => action === 'message-held')
  t.ok(held.length > 100)
  t.ok(held.every(({ text }) => text.endsWith(`: ${reason}\n`)))
  const approved = new Set(records.filter(r => r.action === 'message-approved').map(idOf))
  t.strictSame(
    during(started, mended, 'post').filter(record => !approved.has(idOf(record))),
    [],
    'only what a moderator let through is posted',
  )
  const later = during(mended + 10, mended + 3600, 'vette').filter(({ action }) => action === 'message-held')
  t.ok(later.every(({ text }) => !text.includes(reason)))
  t.ok(during(mended + 10, mended + 3600, 'post').length > 20, 'posts go through again')
})

const idOf = ({ text }: TrafficRecord): string | undefined => /message-id[=:] ?(<[^>]+>)/.exec(text)?.[1]

t.test('the same seed gives the same bytes, another one gives others', async t => {
  const hash = (seed: number) => {
    const directory = t.testdir()
    const { records, bytes } = writeLogs(directory, generate({ lists: 20, from: '2015-05-14', to: '2015-05-14', seed }))
    const text = readFileSync(join(directory, 'vette'))
    t.ok(records > 500 && bytes > text.length)
    return createHash('sha256').update(text).digest('hex')
  }
  const first = hash(7)
  t.equal(hash(7), first)
  t.not(hash(8), first)
})
