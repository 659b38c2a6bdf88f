/** Alerts by HTTP, as a real server receives them in each shape. */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { z } from 'zod'
import type { WebhookConfig, WebhookShape } from '../../src/config/options.js'
import type { Notice } from '../../src/notify/notice.js'
import { makeWebhook, type WebhookSecrets } from '../../src/notify/webhook.js'
import { alertOf } from '../support/alerts.js'
import { noticeOf, site, testNotice } from '../support/notices.js'
import { makeCertificate } from '../support/tls-front.js'

interface Request {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

/** @param answers the status of each request in turn, then 200  @param tls directory of `hook.crt` */
async function startHook(t: Test, answers: number[] = [], tls?: string) {
  const requests: Request[] = []
  const read = (name: string) => readFileSync(join(tls ?? '', name))
  const server: Server = tls === undefined ? createServer() : createTlsServer({ cert: read('hook.crt'), key: read('hook.key') })
  server.on('request', async (request, response) => {
    const { method, url, headers } = request
    requests.push({ method, url, headers, body: await json(request) })
    response.writeHead(answers.shift() ?? 200, { location: '/elsewhere' }).end('what the other side says: secret-token')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  return { requests, url: `${tls === undefined ? 'http://127.0.0.1' : 'https://localhost'}:${port}/hook` }
}

function hook(shape: WebhookShape, url: string, more: Partial<WebhookSecrets> = {}) {
  const files = { urlFile: '/etc/url', keyFile: '/etc/key', caFile: undefined }
  const config: WebhookConfig = { name: `${shape}-1`, url: undefined, shape, least: 'warning', ...files }
  return makeWebhook(config, { url, key: undefined, ca: undefined, ...more }, site)
}

const send = (notifier: ReturnType<typeof hook>, notice: Notice) => notifier.send(notice, new AbortController().signal)

/** Sends these, and returns what came. */
async function tell(t: Test, shape: WebhookShape, notices: readonly Notice[], more: Partial<WebhookSecrets> = {}) {
  const { requests, url } = await startHook(t)
  const notifier = hook(shape, url, more)
  for (const notice of notices) await send(notifier, notice)
  return requests
}

const hostile = '<!channel> @all `x` **b** [a](http://evil.example) <http://evil.example|here> &amp; \x1b[2J'
const two = noticeOf({ id: 'two' }, {})
const several = { ...two, alerts: [...two.alerts, alertOf({ list: 'dev', severity: 'warning', endedMs: two.atMs })] }
const ended = noticeOf({ id: 'three', moment: 'ended' }, { endedMs: Date.parse('2015-05-19T17:31:10Z') })
const guard = alertOf({
  kind: 'queue-stuck',
  about: 'out',
  words: '4,000 files wait, the oldest for two days',
  usual: Number.NaN,
  evidence: Number.POSITIVE_INFINITY,
})

t.test('json is as its schema says', async t => {
  const schema = JSON.parse(readFileSync(new URL('../../docs/alert.schema.json', import.meta.url), 'utf8'))
  const contract = z.fromJSONSchema(schema)
  const notices = [several, ended, testNotice, noticeOf({ moment: 'all-clear', alerts: [] }), { ...two, alerts: [guard] }]
  const requests = await tell(t, 'json', notices, { key: 'the-token' })
  for (const { body } of requests) t.same(contract.safeParse(body).error, undefined)
  t.match(requests[0], {
    method: 'POST',
    url: '/hook',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'two', authorization: 'Bearer the-token' },
    body: {
      title: 'critical: messages are held that usually go through, and 1 more (lists1.example.org)',
      time: '2015-05-19T17:31:20Z',
      alerts: [{ kind: 'holds-spike', since: '2015-05-19T17:31:05Z', ended: null, runbook: /#holds-spike$/ }, { list: 'dev' }],
    },
  })
  t.match(requests[4]!.body, { alerts: [{ usual: null, evidence: null, words: /^4,000/, text: { 1: /^4,000/ } }] })
  const { alerts, ...rest } = requests[0]!.body as { alerts: object[] }
  t.notOk(contract.safeParse(rest).success, 'the check can fail: without alerts')
  t.notOk(contract.safeParse({ ...rest, alerts: [{ ...alerts[0], key: 'x' }] }).success, 'and by what is in one')
})

t.test('slack: a stranger’s text makes no link, mention or markup', async t => {
  const [request, test] = await tell(t, 'slack', [noticeOf({}, { list: hostile, examples: [hostile] }), testNotice])
  const { text, parse, attachments } = request!.body as {
    text: string
    parse: string
    attachments: { text: string; color: string }[]
  }
  t.equal(text, '*critical* · mailman on lists1.example.org: holds-spike')
  t.equal(parse, 'none')
  const [, block = '', links = ''] = /^```\n([^`]*)\n```\n(.*)$/s.exec(attachments[0]!.text) ?? []
  t.match(block, '&lt;!channel&gt; @all ˋxˋ')
  t.match(block, '&amp;amp; \\x1b[2J')
  t.notMatch(block, /[<>]/)
  t.equal(
    links,
    '<https://wiki.example.org/mailman#holds-spike|what to do: holds-spike> · <https://kibana.example.org/app/dashboards|dashboard> · <https://lists.example.org/logs/|page>',
  )
  t.equal(attachments[0]!.color, '#c4261d')
  t.match(test!.body, {
    text: '*test* · mailman on lists1.example.org',
    attachments: [{ text: /nothing is wrong\nSent by hand\./ }],
  })
})

t.test('mattermost: the same', async t => {
  const [request] = await tell(t, 'mattermost', [noticeOf({}, { list: hostile, examples: [hostile] })])
  const { text, attachments } = request!.body as { text: string; attachments: { text: string; fallback: string }[] }
  t.equal(text, '**critical** · mailman on lists1.example.org: holds-spike')
  const [, block = '', links = ''] = /^```\n([^`]*)\n```\n(.*)$/s.exec(attachments[0]!.text) ?? []
  t.match(block, '‹!channel› @all ˋxˋ')
  t.notMatch(`${block}${attachments[0]!.fallback}`, /[<>`]/)
  t.match(links, '[dashboard](https://kibana.example.org/app/dashboards)')
})

t.test('alertmanager: the same labels from beginning to end', async t => {
  const requests = await tell(t, 'alertmanager', [noticeOf(), ended, testNotice])
  t.same(
    requests.map(({ url }) => url),
    Array(3).fill('/hook/api/v2/alerts'),
  )
  const [open, over] = requests.map(({ body }) => (body as Record<string, unknown>[])[0])
  const labels = {
    alertname: 'MailmanHoldsSpike',
    severity: 'critical',
    host: 'lists1.example.org',
    instance: 'main',
    key: alertOf().key,
  }
  t.strictSame(open!.labels, labels)
  t.strictSame(over!.labels, labels)
  t.match(open, {
    annotations: { summary: /^messages are held/, description: /Mailman was restarted/, runbook_url: /#holds-spike$/ },
    startsAt: '2015-05-19T17:31:05Z',
    endsAt: '2015-05-26T17:31:20Z',
    generatorURL: site.pageUrl,
  })
  t.equal(over!.endsAt, '2015-05-19T17:31:10Z')
  t.match(requests[2]!.body, [{ labels: { alertname: 'MailmanTest', severity: 'info' }, endsAt: '2015-05-19T17:36:20Z' }])
})

t.test('pagerduty: an event for each alert, one incident from beginning to end', async t => {
  const notices = [several, ended, noticeOf({ moment: 'all-clear', alerts: [] }), testNotice]
  const requests = await tell(t, 'pagerduty', notices, { key: 'r'.repeat(32) })
  const events = requests.map(({ body }) => body as Record<string, unknown>)
  const key = `lists1.example.org/main/${alertOf().key}`
  t.match(events, [
    {
      routing_key: 'r'.repeat(32),
      event_action: 'trigger',
      dedup_key: key,
      payload: { severity: 'critical', source: 'lists1.example.org', class: 'holds-spike', custom_details: { held: 5 } },
      links: [{ text: 'What to do' }, { text: 'Dashboard' }, { text: 'Page' }],
    },
    { event_action: 'resolve' },
    { event_action: 'resolve', dedup_key: key },
    { event_action: 'trigger', dedup_key: 'lists1.example.org/main/test', payload: { severity: 'info' } },
    { event_action: 'resolve', dedup_key: 'lists1.example.org/main/test' },
  ])
  t.equal(events.length, 5, 'that all is well is no incident')
  t.ok(
    requests.every(({ headers }) => headers.authorization === undefined),
    'the routing key stands in the event',
  )
})

t.test('what is no success is to be sent again; nothing of URL, key or answer is said', async t => {
  const { requests, url } = await startHook(t, [500, 404, 307, 202])
  const notifier = hook('json', `${url}/secret-token`, { key: 'secret-token' })
  for (const [status, sentence] of [
    [500, 'json-1: answer 500'],
    [404, 'json-1: answer 404 (there is nothing at this URL)'],
    [307, 'json-1: answer 307 (moved; redirections are not followed)'],
  ] as const)
    await t.rejects(send(notifier, two), { code: 'MLS_ALERT_UNSENT', detail: sentence }, `${status}`)
  await send(notifier, two)
  t.equal(requests.length, 4)
  t.ok(requests.every(({ url, headers }) => url === '/hook/secret-token' && headers['idempotency-key'] === 'two'))
  const closed = await startHook(t)
  const gone = hook('json', closed.url.replace(/:\d+/, ':1'))
  await t.rejects(send(gone, two), { code: 'MLS_ALERT_UNSENT', detail: 'json-1: ECONNREFUSED' })
})

t.test('an answer that does not come is given up with the agent', async t => {
  const controller = new AbortController()
  const server = createServer(() => controller.abort()).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  t.teardown(() => server.close())
  const notifier = hook('json', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await t.rejects(notifier.send(two, controller.signal), { code: 'MLS_ALERT_UNSENT', detail: 'json-1: ABORT_ERR' })
})

t.test('TLS is verified, by the authority that is named', async t => {
  const directory = t.testdir()
  await makeCertificate(directory, 'hook', 'DNS:localhost')
  const { requests, url } = await startHook(t, [], directory)
  await t.rejects(send(hook('json', url), two), { code: 'MLS_ALERT_UNSENT', detail: 'json-1: UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
  await send(hook('json', url, { ca: readFileSync(join(directory, 'ca.crt'), 'utf8') }), two)
  t.equal(requests.length, 1)
})

t.test('a file that does not hold what it should is named, and not what it holds', async t => {
  t.throws(() => hook('slack', 'secret-token'), { code: 'MLS_CONFIG_SECRET', detail: /^\/etc\/url does not hold a URL/ })
  t.throws(() => hook('json', 'http://h/', { key: 'a\r\nb: secret' }), {
    code: 'MLS_CONFIG_SECRET',
    detail: /^\/etc\/key does not hold a key/,
  })
})
