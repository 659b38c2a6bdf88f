/** Metrics for Prometheus, from the built agent: strict text, what must be in it, trouble that comes and goes, and a server that is hard to disturb. */
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { renderMetrics } from '../../src/diagnostics/metrics.js'
import type { AgentStatus, AlertFigures } from '../../src/diagnostics/status.js'
import { runProgram } from '../support/agent-process.js'
import { type Family, readExposition } from '../support/exposition.js'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { LogStory } from '../support/log-story.js'
import { until } from '../support/until.js'

interface Answer {
  readonly status: number
  readonly type: string
  readonly text: string
}

function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: object } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path, method, headers: { ...headers } }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode!, type: `${response.headers['content-type']}`, text }))
    })
    asked.on('error', reject).end()
  })
}

async function scrape(port: number): Promise<Map<string, Family>> {
  const { status, type, text } = await ask(port, '/metrics')
  if (status !== 200 || type !== 'text/plain; version=0.0.4; charset=utf-8') throw new Error(`${status} ${type}`)
  return readExposition(text)
}

/** The value of `mailman_shipper_<name>` with these labels; undefined where there is none. */
function metricOf(families: Map<string, Family>, name: string, ...labels: [string, string][]): number | undefined {
  return families.get(`mailman_shipper_${name}`)?.samples.get(JSON.stringify(labels))
}

async function portOf(story: LogStory): Promise<number> {
  const { port } = await story.says(/serving \/metrics/)
  return Number(port)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

const hold = (story: LogStory, port: number, held: number): Promise<Map<string, Family>> =>
  until(
    async () => {
      const families = await scrape(port)
      return metricOf(families, 'held_up') === held && families
    },
    () => `held_up is ${held}: ${JSON.stringify(story.agent.log)}`,
  ) as Promise<Map<string, Family>>

t.test('the parser of this test takes no nonsense', async t => {
  const good = '# HELP a_total x\n# TYPE a_total counter\na_total{b="c\\"d",e="f"} 1\n'
  t.same([...readExposition(good).get('a_total')!.samples], [['[["b","c\\\\\\"d"],["e","f"]]', 1]])
  const bad = [
    good.slice(0, -1),
    good.replace('# HELP a_total x\n', ''),
    `${good}${good}`,
    `${good}a_total{b="c\\"d",e="f"} 2\n`,
    good.replace('counter', 'gauge'),
    good.replace('} 1', '} -1'),
    good.replace('} 1', '} 1x'),
    good.replace('b="c', 'b=c'),
    good.replace(/a_total/g, 'a_ms_total'),
    `${good}b_total 1\n`,
    '# HELP a x\n# TYPE a gauge\n',
  ]
  for (const text of bad) t.throws(() => readExposition(text), Error, text)
})

t.test('a server that goes away and comes back', async t => {
  const server = await startFakeElasticsearch()
  const elasticsearch = { nodes: [server.url] }
  const story = new LogStory(t, { ndjson: undefined, elasticsearch, metrics: { listen: '127.0.0.1:0' } })
  story.write(100)
  story.start()
  const port = await portOf(story)
  const stored = (families: Map<string, Family>) => metricOf(families, 'documents_total', ['outcome', 'stored'])
  await until(
    async () => stored(await scrape(port)) === 100,
    () => JSON.stringify(story.agent.log),
  )
  const before = await hold(story, port, 0)
  t.ok(metricOf(before, 'delivery_requests_total')! >= 1)
  t.equal(before.get('mailman_shipper_trouble'), undefined, 'nothing went wrong yet')
  t.equal(metricOf(before, 'lag_bytes', ['log', 'vette']), 0)
  t.equal(metricOf(before, 'watched_files'), 1)
  t.equal(metricOf(before, 'open_files'), 1)
  t.equal(metricOf(before, 'lost_bytes_total'), 0)
  const seconds = Date.now() / 1_000
  for (const name of ['last_delivery_timestamp_seconds', 'checkpoint_last_write_timestamp_seconds'])
    await until(
      async () => Math.abs(metricOf(await scrape(port), name)! - seconds) < 60,
      () => name,
    )
  t.equal(before.get('mailman_shipper_build_info')!.samples.size, 1)
  const started = before.get('process_start_time_seconds')!.samples.get('[]')!
  t.ok(Math.abs(started - seconds) < 120, 'when it was started')
  const count = (families: Map<string, Family>, action: string) =>
    metricOf(families, 'events_total', ['log', 'vette'], ['action', action])
  t.equal(count(before, 'message-held'), 100)
  t.equal(count(before, 'message-approved'), 0, 'what has not happened yet has its series')
  const ofList = (families: Map<string, Family>, list: string) =>
    metricOf(families, 'list_events_total', ['list', list], ['action', 'message-held'])
  t.equal(ofList(before, 'dev'), 0, 'a list has its series before anything is counted in it')
  t.equal(ofList(before, 'other'), 100)
  const cpu = before.get('process_cpu_seconds_total')!.samples.get('[]')!
  t.ok(cpu > 0.05 && cpu < 60, `${cpu} s`)
  const rss = before.get('process_resident_memory_bytes')!.samples.get('[]')!
  t.ok(rss > 30e6 && rss < 300e6, `${rss} bytes`)
  t.match(await ask(port, '/healthz'), { status: 200, text: 'following\n' })

  await server.close()
  story.write(50)
  const during = await hold(story, port, 1)
  const code: [string, string] = ['code', 'MLS_OUTPUT_UNREACHABLE']
  t.equal(metricOf(during, 'trouble', code), 1)
  t.ok(metricOf(during, 'delivery_retries_total', code)! >= 1)
  t.ok(metricOf(during, 'lag_bytes', ['log', 'vette'])! > 1_000)
  t.match(await ask(port, '/healthz'), {
    status: 503,
    text: /^MLS_OUTPUT_UNREACHABLE Elasticsearch cannot be reached, since 20.*\nCheck/,
  })
  await until(
    async () => metricOf(await scrape(port), 'trouble_seconds_total', code)! >= 2,
    () => 'its seconds are counted while it lasts',
  )

  const again = await startFakeElasticsearch({ port: Number(new URL(server.url).port) })
  t.teardown(() => again.close())
  const after = await hold(story, port, 0)
  t.equal(metricOf(after, 'trouble', code), 0, 'its series goes on, so that an alert on it ends')
  t.ok(metricOf(after, 'trouble_seconds_total', code)! >= 2)
  await until(
    async () => stored(await scrape(port)) === 150,
    () => 'all are stored',
  )
  t.equal(count(await scrape(port), 'message-held'), 150, 'what was read once is counted once, however often it was sent')
  t.equal(ofList(await scrape(port), 'dev'), 50)
  t.equal(ofList(await scrape(port), 'other'), 100)
  t.match(await ask(port, '/healthz'), { status: 200 })
  const { text } = await ask(port, '/metrics')
  t.notMatch(text, /example\.org|Post to moderated/, 'nothing of a line')
  await story.stop()
  await t.rejects(ask(port, '/healthz'), { code: 'ECONNREFUSED' }, 'closed with the agent')
})

/** What the server answers to raw bytes, until it closes the connection. */
async function send(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  socket.on('error', () => {})
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

t.test('what is not asked for is refused; who sends nothing is not waited for', async t => {
  const story = new LogStory(t, { metrics: { listen: '127.0.0.1:0' } })
  story.write(1)
  story.start()
  const port = await portOf(story)
  t.match(await ask(port, '/'), { status: 404 })
  t.match(await ask(port, '/metrics/..'), { status: 404 })
  t.match(await ask(port, '/healthz?x'), { status: 200 })
  for (const method of ['POST', 'HEAD', 'PUT', 'OPTIONS', 'DELETE'])
    t.match(await ask(port, '/metrics', { method }), { status: 405 }, method)
  t.match(await send(port, `GET /metrics HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(10_000)}\r\n\r\n`), /^HTTP\/1\.1 431 /)
  const begun = performance.now()
  const slow = await Promise.all(Array.from({ length: 10 }, () => send(port, 'GET /metrics HTTP/1.1\r\nhost: ')))
  t.ok(slow.every(text => text === '' || text.startsWith('HTTP/1.1 408 ')))
  const took = performance.now() - begun
  t.ok(took < 15_000, `they were sent away after ${Math.round(took)} ms`)
  t.match(await ask(port, '/healthz'), { status: 200 })
  await story.shipsExactly()
  await story.stop()
})

t.test('a port that is taken: told, in status too, and shipping goes on', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => void taken.close())
  const { port } = taken.address() as { port: number }
  const story = new LogStory(t, { metrics: { listen: `127.0.0.1:${port}` } })
  story.write(10)
  story.start()
  t.match(await story.says(/MLS_METRICS_UNSERVED/), { level: 'error', text: `127.0.0.1:${port} (EADDRINUSE)` })
  await story.shipsExactly()
  const status = () => runProgram(['status', '--config', story.configFile])
  await until(
    async () => (await status()).stdout.includes('EADDRINUSE'),
    () => 'status',
  )
  t.match(await status(), {
    code: 0,
    stdout: /The metrics cannot be served, since 20\S+: 127\.0\.0\.1:\d+ \(EADDRINUSE\)\n {2}Name another/,
  })
  await story.stop()
})

t.test('what becomes of alerts: in the metrics, and in status where it is bad', async t => {
  const story = new LogStory(t)
  story.write(1)
  story.start()
  await story.shipsExactly()
  await story.stop()
  const alerts: AlertFigures = {
    open: [
      { kind: 'holds-spike', severity: 'critical', list: null, about: null, since: '2026-11-20T12:00:00.000Z' },
      { kind: 'holds-spike', severity: 'warning', list: 'dev', about: null, since: '2026-11-20T12:01:00.000Z' },
      { kind: 'holds-spike', severity: 'warning', list: '\u001b[2Jdev', about: null, since: '2026-11-20T12:02:00.000Z' },
      { kind: 'queue-stuck', severity: 'warning', list: null, about: 'out', since: '2026-11-20T12:03:00.000Z' },
    ],
    raised: { 'holds-spike': 4, 'queue-stuck': 1, 'spam-wave': 0 },
    detector: { isLearned: true, lists: 700 },
    notifiers: [
      {
        name: 'mail',
        sent: 0,
        failed: 3,
        lastSentAt: null,
        failing: { since: '2026-11-20T12:00:05.000Z', detail: 'ECONNREFUSED' },
      },
      { name: 'slack', sent: 5, failed: 1, lastSentAt: '2026-11-20T12:03:05.000Z', failing: null },
    ],
  }
  const status: AgentStatus = { ...story.status()!, alerts }
  const families = readExposition(await renderMetrics(status, new Map()))
  const open = (kind: string, severity: string) => metricOf(families, 'alerts_open', ['kind', kind], ['severity', severity])
  t.strictSame([open('holds-spike', 'critical'), open('holds-spike', 'warning'), open('queue-stuck', 'warning')], [1, 2, 1])
  t.equal(open('spam-wave', 'info'), 0, 'what is not there has its series, so that an alert on it ends')
  t.equal(metricOf(families, 'alerts_raised_total', ['kind', 'holds-spike']), 4)
  t.equal(metricOf(families, 'alerts_raised_total', ['kind', 'spam-wave']), 0)
  t.equal(metricOf(families, 'detector_learned'), 1)
  t.equal(metricOf(families, 'detector_lists'), 700)
  t.equal(metricOf(families, 'notices_total', ['notifier', 'mail'], ['result', 'failed']), 3)
  t.equal(metricOf(families, 'notices_total', ['notifier', 'slack'], ['result', 'sent']), 5)
  const sent = families.get('mailman_shipper_notice_last_sent_timestamp_seconds')!.samples
  t.strictSame([...sent], [['[["notifier","slack"]]', Date.parse('2026-11-20T12:03:05.000Z') / 1000]])
  const { alerts: _, ...without } = status
  t.notMatch(await renderMetrics(without, new Map()), /alerts_|detector_|notice/, 'none where alerts are turned off')

  const file = join(story.state, 'status.json')
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), alerts }))
  const { stdout } = await runProgram(['status', '--config', story.configFile])
  for (const line of [
    'alert, critical: holds-spike, since 2026-11-20T12:00:00.000Z',
    'alert, warning: holds-spike of dev, since 2026-11-20T12:01:00.000Z',
    'alert, warning: holds-spike of \\x1b[2Jdev, since 2026-11-20T12:02:00.000Z',
    'alert, warning: queue-stuck (out), since 2026-11-20T12:03:00.000Z',
    'Alerts do not get through to people by mail, since 2026-11-20T12:00:05.000Z: ECONNREFUSED. It is tried again.',
  ])
    t.ok(stdout.includes(`\n  ${line}\n`), line)
  t.notMatch(stdout, /slack/)
})

t.test('off unless asked for', async (t: Test) => {
  const port = await freePort()
  const story = new LogStory(t)
  story.write(1)
  story.start()
  await story.shipsExactly()
  await t.rejects(ask(port, '/metrics'), { code: 'ECONNREFUSED' })
  t.notMatch(JSON.stringify(story.agent.log), /serving/)
  await story.stop()
})
