// An alert as an event: known fields, bounded texts, the same id for the same moment, and found in both stores.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadConfig } from '../../src/config/load.js'
import { createElasticsearchOutput } from '../../src/delivery/elasticsearch.js'
import { perform } from '../../src/delivery/request.js'
import { logNameOf } from '../../src/files/names.js'
import type { LogEvent, Output } from '../../src/model.js'
import { type AlertMoment, alertEvent } from '../../src/notify/alert-event.js'
import { openClusterStore } from '../../src/store/cluster-query.js'
import { createStoreOutput } from '../../src/store/output.js'
import type { EventStore } from '../../src/store/query.js'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { alertOf, alertSite, batchOfEvents } from '../support/alerts.js'
import { ecs, wrongFields } from '../support/ecs-fields.js'
import { startSite } from '../support/setup.js'

const never = new AbortController().signal
const moments: readonly AlertMoment[] = ['raised', 'grown', 'acknowledged', 'ended']
const read = ({ document }: LogEvent) => JSON.parse(Buffer.from(document, 'latin1').toString('utf8'))

t.test('the document', async t => {
  const alert = alertOf()
  const event = alertEvent(alert, 'raised', alert.raisedMs, alertSite)
  const document = read(event)
  t.match(event, { dataset: 'mailman.alerts', timestampMs: alert.raisedMs, id: document.event.id })
  t.match(document, {
    '@timestamp': '2015-05-19T17:31:14.000Z',
    event: { kind: 'alert', action: 'alert-raised', category: ['email'], type: ['info'], start: '2015-05-19T17:31:05.000Z' },
    mailman: {
      alert: { severity: 'critical', held: 5, evidence: 15.235, before: ['2015-05-19T17:30:00.000Z Mailman was restarted'] },
      hold: { reason: ['post-by-non-member', 'too-big'] },
    },
    host: { name: 'lists1.example.org' },
  })
  t.match(
    document.message,
    /^critical: messages are held.*holds-spike.*since 2015-05-19 18:31:05.*65 s before: Mailman was restarted/,
  )
  t.notMatch(document.message, /One\.Two/, 'a message id is in its field only')
  t.equal(document.mailman.list, undefined)
  t.match(event.document, /^\{"@timestamp":"/, 'as all our documents begin')
  t.match(read(alertEvent(alertOf({ list: 'club@lists.example.net' }), 'raised', 0, alertSite)).mailman.list, {
    name: 'club',
    host: 'lists.example.net',
    fqdn: 'club@lists.example.net',
  })
})

t.test('all kinds and moments have known fields, of the right type, and categories that ECS takes', async t => {
  const categories = new Map(ecs.get('event.category')!.allowed_values!.map(value => [value.name, value.expected_event_types]))
  for (const kind of [
    'holds-spike',
    'login-attacks',
    'subscription-flood',
    'runner-trouble',
    'archive-changed',
    'config-not-loaded',
  ] as const)
    for (const moment of moments) {
      const alert = alertOf({ kind, list: 'devel', about: 'out', endedMs: Date.UTC(2015, 4, 19, 19), usual: Number.NaN })
      const document = read(alertEvent(alert, moment, Date.UTC(2015, 4, 19, 19), alertSite))
      t.strictSame(wrongFields(document), [])
      t.equal('end' in document.event, moment === 'ended')
      for (const category of document.event.category ?? [])
        for (const type of document.event.type) t.ok(categories.get(category)?.includes(type), `${category}: ${type}`)
    }
  t.strictSame(wrongFields(read(alertEvent(alertOf({ reasons: [], examples: [], before: [] }), 'raised', 0, alertSite))), [])
})

t.test('ids are the same for the same moment of the same alert, and for nothing else', async t => {
  const ids = new Set<string>()
  for (const site of [alertSite, { ...alertSite, hostName: 'other' }, { ...alertSite, instance: 'other' }])
    for (const alert of [alertOf(), alertOf({ list: 'devel' })])
      for (const moment of moments) {
        const { id } = alertEvent(alert, moment, 1, site)
        t.match(id, /^[\x21-\x7e]{20,64}$/)
        t.equal(alertEvent({ ...alert, count: 99 }, moment, 2, { ...site, timezone: 'UTC' }).id, id)
        ids.add(id)
      }
  t.equal(ids.size, 24)
})

t.test('texts of strangers are bounded, and stay texts', async t => {
  const hostile = `"}\n\u202e\0${'x'.repeat(495)}😀😀`
  const alert = alertOf({
    list: `${hostile}@${hostile}`,
    about: hostile,
    reasons: Array(500).fill(hostile),
    examples: Array(500).fill(hostile),
    before: Array(500).fill({ atMs: 0, what: 'setting', text: hostile }),
  })
  const event = alertEvent(alert, 'raised', 0, alertSite)
  t.ok(event.document.length < 60_000, `${event.document.length} bytes`)
  t.notMatch(event.document, '\n')
  const { mailman } = read(event)
  t.equal(mailman.alert.about, `${hostile.slice(0, 500)}…`)
  t.notMatch(JSON.stringify(mailman), /\\ud8/, 'no half of a character')
})

t.test('days are kept by the name `alerts`, and no file of that name is followed', async t => {
  const directory = t.testdir({ 'config.yaml': 'local: { keepDaysOf: { alerts: 365 } }\n' })
  const { local } = await loadConfig(join(directory, 'config.yaml'))
  t.same([...local.keepDaysOf], [['mailman.alerts', 365]])
  t.equal(logNameOf('alerts', new Set()), undefined)
})

async function isFound(t: Test, output: Output, open: () => EventStore, refresh: () => Promise<unknown>): Promise<void> {
  const list = alertOf({ list: 'devel', severity: 'warning' })
  const events = [
    alertEvent(alertOf(), 'raised', alertOf().raisedMs, alertSite),
    alertEvent(list, 'raised', list.raisedMs, alertSite),
    alertEvent({ ...list, endedMs: list.raisedMs + 1 }, 'ended', list.raisedMs + 1, alertSite),
  ]
  const statuses = async () => {
    const answer = await output.write(batchOfEvents(output, events), never)
    return 'outcomes' in answer ? answer.outcomes.map(({ status }) => status) : answer.holdUp
  }
  t.same(await statuses(), ['stored', 'stored', 'stored'])
  t.same(await statuses(), ['duplicate', 'duplicate', 'duplicate'])
  await refresh()
  const store = open()
  t.teardown(() => store.close())
  const found = async (query: object) =>
    (await store.search({ ...query, limit: 10, order: 'oldest' })).hits
      .map(({ id }) => events.findIndex(event => event.id === id))
      .sort()
  t.same(await found({ dataset: 'mailman.alerts' }), [0, 1, 2])
  t.same(await found({ dataset: 'mailman.alerts', list: 'devel', action: 'alert-ended' }), [2])
  t.same(await found({ action: 'alert-raised', reason: 'too-big' }), [0, 1])
  t.same(await found({ text: 'restarted critical' }), [0])
  // What `erase` asks for a person: message ids look like addresses.
  t.same(await found({ address: 'One.Two@mail.example.org' }), [])
  t.same(await found({ text: '"One.Two" "mail.example.org"' }), [])
  t.same(await store.terms({}, 'mailman.alert.severity', 5), [
    { value: 'warning', count: 2 },
    { value: 'critical', count: 1 },
  ])
  t.same(await store.histogram({ dataset: 'mailman.alerts' }, 3_600_000), [{ startMs: Date.UTC(2015, 4, 19, 17), count: 3 }])
}

t.test('the embedded store has them', async t => {
  const file = join(t.testdir(), 'events.db')
  const output = createStoreOutput({ file, keepDays: 90 })
  t.teardown(() => output.close())
  await isFound(
    t,
    output,
    () => openSqliteStore(file),
    async () => {},
  )
})

t.test('Elasticsearch has them, by the key that setup makes', async t => {
  const { site, client } = await startSite(t, t.testdir())
  const output = createElasticsearchOutput(site.config, { warn: message => t.fail(message) })
  t.teardown(() => output.close())
  const stream = `logs-mailman.alerts-${site.config.namespace}`
  await isFound(
    t,
    output,
    () => openClusterStore(client, site.config.namespace),
    () => perform(client, { method: 'POST', path: `/${stream}/_refresh` }),
  )
  const mapping = (await perform(client, { method: 'GET', path: `/${stream}/_mapping` })) as Record<string, { mappings: object }>
  t.match(Object.values(mapping)[0]?.mappings, {
    dynamic: 'false',
    properties: {
      mailman: { properties: { alert: { properties: { severity: { type: 'keyword' }, usual: { type: 'float' } } } } },
    },
  })
})
