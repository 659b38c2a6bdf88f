/** Incident reports on generated traffic in the embedded store: the outage of 2015, a wave of spam, a quiet day. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createStoreOutput } from '../../src/store/output.js'
import type { EventStore } from '../../src/store/query.js'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { makeReport, type Report } from '../../src/troubleshooting/report.js'
import type { Incident } from '../../src/troubleshooting/report-incident.js'
import { writeReport } from '../../src/troubleshooting/report-markdown.js'
import { batchOf, documentOf } from '../support/documents.js'
import { incident2015, type TrafficRecord } from '../support/traffic/generate.mjs'
import { storeTraffic } from '../support/traffic/store.js'

t.setTimeout(240_000)

const file = join(t.testdir(), 'events.db')
const records = await storeTraffic(file, { lists: 100, incident: '2015', events: 20_000 })
const store = openSqliteStore(file)
t.teardown(() => store.close())

const at = (text: string) => Date.parse(`${text}Z`)
const report = (from: string, to: string, zone = 'UTC') => makeReport(store, { fromMs: at(from), toMs: at(to) }, zone)
const only = ({ incidents }: Report): Incident => {
  if (incidents.length !== 1) throw new Error(`${incidents.length} incidents`)
  return incidents[0]!
}
const idOf = ({ text }: TrafficRecord) => /message-id[=:] ?(<[^>]+>)/.exec(text)?.[1]

t.test('the outage of 2015', async t => {
  const started = incident2015.started * 1000
  const whole = await report('2015-05-19T12:00', '2015-05-19T23:00')
  const { fromMs, toMs, isOpen, hit, before, decisions, run } = only(whole)

  t.ok(fromMs >= started && fromMs < started + 120_000, `begins ${new Date(fromMs).toISOString()}`)
  t.ok(Math.abs(toMs - incident2015.mended * 1000) < 300_000, `ends ${new Date(toMs).toISOString()}`)
  t.notOk(isOpen)
  t.match(hit, { kind: 'held-up', scope: 'host', reasons: [{ value: 'suspicious-header', usual: 0 }] })
  t.ok(hit.knownSenders > 20, 'members are among the held')
  t.ok(hit.lists.length > 40)

  t.strictSame(before.start, { atMs: started, errors: 12 }, 'the restart just before, and the errors that came with it')
  t.match(before.changes, [
    { kind: 'stopped', atMs: incident2015.stopped * 1000 },
    { kind: 'started', runners: 8 },
  ])
  t.match(before.silences, [{ fromMs: incident2015.stopped * 1000, toMs: started }], 'the maintenance')
  t.match(before.errors.groups[0], { count: 6, text: /Permission denied/ })
  t.strictSame(whole.usual.distances, [1])

  const held = records.filter(r => r.action === 'message-held' && r.at * 1000 >= fromMs && r.at * 1000 <= toMs)
  const approvals = new Set(records.filter(r => r.action === 'message-approved').map(idOf))
  const refusals = records
    .filter(r => /(?:Discarded|Refused) posting/.test(r.text))
    .map(({ text }) => /From: (\S+)/.exec(text)![1])
  const approved = held.filter(record => approvals.has(idOf(record)))
  const open = held.filter(r => !approvals.has(idOf(r)) && !refusals.includes(/ from (\S+) held/.exec(r.text)![1]))
  t.equal(run.held, held.length)
  t.match(decisions, { held: held.length, approved: approved.length, open: open.length, isPartial: false, withoutId: 0 })
  t.equal(decisions.discarded, held.length - approved.length - open.length)
  t.equal(
    decisions.openByList.reduce((sum, { count }) => sum + count, 0),
    open.length,
  )

  const page = writeReport(whole)
  t.match(page, /^# Incident report: 2015-05-19 12:00 to 2015-05-19 23:00 \(UTC\)\n/)
  t.match(
    page,
    new RegExp(`\\*\\*Posts were held up on the whole host \\(${hit.lists.length} lists, not one\\) from 2015-05-19 18:0`),
  )
  t.match(page, /Mailman was last started \d+ s before the first hold, at 2015-05-19 18:00:07; 12 records in the error log/)
  t.match(page, /No log had a line from 2015-05-19 17:04:00 to 2015-05-19 18:00:07/)
  t.match(page, new RegExp(`of \\*\\*${open.length}\\*\\* no decision is logged`))
  t.match(page, /That is little/)
  const lines = page.split('\n')
  const timeline = lines.slice(lines.indexOf('## Timeline (UTC)') + 2)
  t.match(timeline.slice(0, 4), [/17:04:00 Mailman was told to stop/, /silence/, /18:00:07 Mailman was started/, /silence/])
  t.match(timeline.join('\n'), /18:0\d:\d\d \*\*The first hold\*\* of/)
})

t.test('the outage of 2015, as the owner of one list sees it', async t => {
  const span = { fromMs: at('2015-05-19T12:00'), toMs: at('2015-05-19T23:00') }
  const whole = only(await makeReport(store, span, 'UTC'))
  const list = whole.hit.lists[0]!.value
  const own = await makeReport(store, span, 'UTC', list)
  const { run, everywhere, hit, before, decisions, fromMs, toMs } = only(own)
  const held = records.filter(
    r =>
      r.action === 'message-held' &&
      new RegExp(`\\) ${list} post from `, 'i').test(r.text) &&
      r.at * 1000 >= fromMs &&
      r.at * 1000 <= toMs,
  )
  t.equal(run.held, held.length)
  t.equal(decisions.held, held.length)
  t.ok(held.length > 10 && everywhere.held > 5 * held.length)
  t.match(hit, { kind: 'held-up', lists: [{ value: list }] })
  t.equal(before.start?.atMs, incident2015.started * 1000, 'what changed on the host')
  t.match(own.silences, [{ fromMs: incident2015.stopped * 1000 }])
  const page = writeReport(own)
  t.match(page, new RegExp(`^# Incident report on ${list}: `))
  t.match(page, new RegExp(`\\*\\*Posts were held up on the list ${list} from 2015-05-19 18:`))
  t.match(page, /## Other lists\n\nOn all other lists in that time [\d,]+ posts were held: (?:9\d|100) %; usually \d+ %\./)
  t.notMatch(page, /## Lists/)
})

t.test('times are in the zone of the logs', async t => {
  const page = writeReport(await report('2015-05-19T12:00', '2015-05-19T23:00', 'Asia/Tokyo'))
  t.match(page, /^# Incident report: 2015-05-19 21:00 to 2015-05-20 08:00 \(Asia\/Tokyo\)\n/)
  t.match(page, /2015-05-20 02:04:00 Mailman was told to stop/)
})

t.test('a report that ends in the middle of it says that it goes on', async t => {
  const whole = await report('2015-05-19T15:00', '2015-05-19T19:30')
  t.match(only(whole), { isOpen: true, hit: { kind: 'held-up' } })
  t.match(writeReport(whole), /and it goes on: \d+ of \d+ posts/)
})

t.test('a wave of spam is told, and is not called a hold-up', async t => {
  const whole = await report('2015-05-14T00:00', '2015-05-15T00:00')
  const { fromMs, toMs, hit, before } = only(whole)
  t.equal(hit.kind, 'wave')
  t.ok(Math.abs(fromMs - at('2015-05-14T13:10')) < 300_000 && Math.abs(toMs - at('2015-05-14T14:30')) < 600_000)
  t.equal(before.start, undefined)
  const page = writeReport(whole)
  t.match(page, /looks like a wave of spam, not like a hold-up/)
  t.match(page, /No stop, start or change of settings is logged/)
  t.notMatch(page, /held up/)
})

t.test('usual days: nothing abnormal', async t => {
  for (const day of ['13', '15', '16', '17', '18', '20']) {
    const [from, to] = [`2015-05-${day}T00:00`, `2015-05-${Number(day) + 1}T00:00`]
    const whole = await report(from!, to!)
    t.match(whole, { incidents: { length: 0 }, silences: { length: 0 } }, day)
    t.match(writeReport(whole), /\*\*Nothing abnormal was found:\*\*/)
  }
})

t.test('nothing to compare with', async t => {
  const page = writeReport(await report('2015-05-12T00:00', '2015-05-21T00:00'))
  t.match(page, /Whether this was abnormal cannot be said/)
  t.notMatch(page, /Nothing abnormal/)
  const empty = await report('2014-01-01T00:00', '2014-01-02T00:00')
  t.match(writeReport(empty), /0 posts were held and 0 delivered: – held/)
})

/** A store of these alone. */
async function storeOf(t: Test, documents: readonly Record<string, unknown>[]): Promise<EventStore> {
  const path = join(t.testdir(), 'events.db')
  const output = createStoreOutput({ file: path, keepDays: 90 })
  await output.write(batchOf(documents), new AbortController().signal)
  await output.close()
  const of = openSqliteStore(path)
  t.teardown(() => of.close())
  return of
}

t.test('one list of which every post is held is not the host, and its members are no spam', async t => {
  const documents: Record<string, unknown>[] = []
  for (const day of [1, 8]) {
    for (let i = 0; i < 360; i++) {
      const isHeld = day === 8 && i >= 120 && i % 3 === 0
      const time = new Date(Date.UTC(2024, 2, day, 12) + i * 30_000).toISOString()
      const [log, action] = isHeld ? ['vette', 'message-held'] : ['post', 'message-posted']
      const list = i % 3 === 0 ? 'big' : `list${i % 20}`
      documents.push(documentOf({ id: `${day}-${i}`, at: time, offset: i, log, action, list, from: `p${i % 30}@example.org` }))
    }
  }
  const whole = await makeReport(
    await storeOf(t, documents),
    { fromMs: at('2024-03-08T12:00'), toMs: at('2024-03-08T15:00') },
    'UTC',
  )
  t.match(only(whole), {
    fromMs: at('2024-03-08T13:00'),
    hit: { kind: 'mixed', scope: 'list', lists: [{ value: 'big', count: 80 }] },
  })
  t.match(writeReport(whole), /Far more than usual was held on one list \(big\), not the whole host, from 2024-03-08 13:00:00/)
})

t.test('Mailman 3: what its rules let through counts, not the notices that it posts for each hold', async t => {
  const documents: Record<string, unknown>[] = []
  for (const day of [1, 8]) {
    for (let i = 0; i < 240; i++) {
      const isOut = day === 8 && i >= 120
      const given = { at: new Date(Date.UTC(2024, 2, day, 12) + i * 30_000).toISOString(), messageId: `${day}-${i}@example.org` }
      const add = (log: string, action: string, list: string | undefined) =>
        documents.push(documentOf({ ...given, id: `event-${documents.length}`, offset: i, log, action, ...(list && { list }) }))
      add('vette', isOut ? 'message-held' : 'message-accepted', isOut ? `list${i % 30}` : undefined)
      for (let n = 0; n < (isOut ? 2 : 1); n++) add('post', 'message-posted', `list${i % 30}`)
    }
  }
  const mailman3 = await storeOf(t, documents)
  const whole = await makeReport(mailman3, { fromMs: at('2024-03-08T12:00'), toMs: at('2024-03-08T14:00') }, 'UTC')
  t.match(only(whole), {
    fromMs: at('2024-03-08T13:00'),
    isOpen: true,
    hit: { kind: 'held-up' },
    run: { held: 120, posted: 0, usualPosted: 120 },
  })
  t.match(whole, { through: 'message-accepted' })
})
