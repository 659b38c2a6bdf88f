// Alerts of the store as the page gets them, and who may say that somebody knows of one: without a browser.
import { join } from 'node:path'
import t from 'tap'
import { ShipperError } from '../../src/errors.js'
import { alertEvent } from '../../src/notify/alert-event.js'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { Store } from '../../src/store/store.js'
import type { Alerts, Refusal } from '../../src/web/answers.js'
import { makeRoutes } from '../../src/web/routes.js'
import { alertDocuments, alertOf, alertSite, batchOfEvents } from '../support/alerts.js'
import { batchOf, documentOf } from '../support/documents.js'

const file = join(t.testdir(), 'events.db')
const MINUTE = 60_000
const outage = alertOf()
const list = alertOf({ list: 'devel@lists.example.net', severity: 'warning', endedMs: outage.sinceMs + 90 * MINUTE })
const elsewhere = alertOf({ kind: 'queue-stuck', about: 'out', words: '4,000 wait in out', held: 0, count: 0 })
const writer = new Store({ file, keepDays: 36_500 })
writer.write(batchOf([...alertDocuments([outage, list]), documentOf({ id: 'held', list: 'devel', action: 'message-held' })]), 0)
// The same key and another host: another alert.
writer.write(batchOf(alertDocuments([elsewhere, outage], { ...alertSite, hostName: 'lists2.example.org' })), 0)
const later = { ...outage, count: 99 }
const grown = alertEvent(later, 'grown', outage.raisedMs + MINUTE, alertSite)
const known = alertEvent(later, 'acknowledged', outage.raisedMs + 5 * MINUTE, alertSite)
writer.write(batchOfEvents({ prefix: ({ id }) => `${id} ` }, [grown, known]), 0)
// A stranger's log of this name, and what was written by hand.
writer.write(
  batchOf([documentOf({ id: 'odd', log: 'alerts' }), documentOf({ id: 'none', log: 'alerts', more: { mailman: { alert: 7 } } })]),
  0,
)
writer.close()
const store = openSqliteStore(file)
t.teardown(() => store.close())

const acknowledged: string[] = []
let refusal: ShipperError | undefined
const app = makeRoutes({
  site: { zone: 'Europe/London', store: 'embedded store', version: '1', reasons: [] },
  assets: new Map(),
  names: [],
  ask: (_kind, _signal, work) => work(store),
  formsOf: address => [address],
  askUrl: undefined,
  alerts: {
    hostName: 'lists1.example.org',
    instance: 'main',
    runbookUrl: 'https://wiki.example.org/{kind}',
    acknowledged: async () => new Map([[list.key, list.raisedMs + MINUTE]]),
    acknowledge: async key => {
      if (refusal !== undefined) throw refusal
      acknowledged.push(key)
    },
  },
  origin: 'https://events.example.org',
})

t.test('one for each trouble, as its latest event says', async t => {
  const answer = await app.request('http://127.0.0.1/api/alerts', { headers: { host: '127.0.0.1' } })
  const { alerts, isCut } = (await answer.json()) as Alerts
  t.equal(isCut, false)
  t.equal(alerts.length, 4)
  const of = (host: string, key: string) => alerts.find(alert => alert.host.startsWith(host) && alert.key === key)
  t.match(of('lists1', outage.key), {
    severity: 'critical',
    title: 'messages are held that usually go through',
    sinceMs: outage.sinceMs,
    raisedMs: outage.raisedMs,
    endedMs: null,
    acknowledgedMs: known.timestampMs,
    count: 99,
    figures: '5 held on 4 lists by then, 5 senders who have posted before; 99 in all',
    before: [{ atMs: outage.sinceMs - 65_000, text: 'Mailman was restarted' }],
    runbook: 'https://wiki.example.org/holds-spike',
  })
  t.match(of('lists1', list.key), {
    list: 'devel@lists.example.net',
    endedMs: list.endedMs,
    acknowledgedMs: list.raisedMs + MINUTE,
  })
  t.match(of('lists2', outage.key), { count: 12, acknowledgedMs: null })
  t.match(of('lists2', elsewhere.key), { about: 'out', figures: '4,000 wait in out', list: '' })
})

const post = (body: unknown, headers: Record<string, string> = {}) =>
  app.request('http://127.0.0.1/api/acknowledge', {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { host: '127.0.0.1:8025', 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
  })

t.test('it is acknowledged from the page itself alone', async t => {
  const status = async (headers: Record<string, string>) => (await post({ key: outage.key }, headers)).status
  t.equal(await status({}), 200)
  t.strictSame(acknowledged.splice(0), [outage.key])
  for (const site of ['cross-site', 'same-site', 'none', 'x']) t.equal(await status({ 'sec-fetch-site': site }), 403, site)
  t.equal(await status({ host: 'evil.example' }), 421)
  // As forms of any site can send it.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])
    t.equal(await status({ 'content-type': type }), 415, type)
  t.strictSame(acknowledged.splice(0), [])

  // A browser says where it comes from over https and on this host; elsewhere the origin tells.
  const byOrigin = async (origin?: string): Promise<number> => {
    const headers = { host: '127.0.0.1:8025', 'content-type': 'application/json', ...(origin === undefined ? {} : { origin }) }
    const body = JSON.stringify({ key: outage.key })
    return (await app.request('http://127.0.0.1/api/acknowledge', { method: 'POST', body, headers })).status
  }
  for (const origin of ['https://events.example.org', 'http://127.0.0.1:8025']) t.equal(await byOrigin(origin), 200, origin)
  for (const origin of [undefined, 'null', 'http://evil.example', 'https://127.0.0.1:8025', 'http://127.0.0.1'])
    t.equal(await byOrigin(origin), 403, origin ?? 'none')
  t.equal((await app.request('http://127.0.0.1/api/acknowledge', { headers: { host: '127.0.0.1' } })).status, 404, 'GET')
})

t.test('what cannot be acknowledged here says what to type', async t => {
  acknowledged.length = 0
  for (const body of ['', 'x', '{}', '[]', 'null', { key: 7 }, { key: '../../etc' }, `{"key":"${'0'.repeat(500)}"}`])
    t.equal((await post(body)).status, 400, JSON.stringify(body).slice(0, 40))
  const saidOf = async (key: string) => {
    const answer = await post({ key })
    return [answer.status, (await answer.json()) as Refusal] as const
  }
  t.match(await saidOf(elsewhere.key), [
    404,
    { message: /lists1/, remedy: `Acknowledge it where it was: \`mailman-shipper alerts ack ${elsewhere.key}\`.` },
  ])
  refusal = new ShipperError('MLS_STATE_UNREADABLE', '/state (EACCES)')
  t.match(await saidOf(outage.key), [403, { remedy: new RegExp(`lists1.*root.*alerts ack ${outage.key}`) }])
  t.strictSame(acknowledged, [])
})
