/**
 * What the agent writes of itself into Elasticsearch: the real agent on a real server, with the writer's key; then the minutes, by a
 * clock that the test moves, and an outage in which nobody waits for it.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { AgentStatus } from '../src/checkpoint/status-file.js'
import type { AgentStream } from '../src/delivery/agent-stream.js'
import { SetAside } from '../src/delivery/set-aside.js'
import { createLog } from '../src/diagnostics/log.js'
import { Health } from '../src/health.js'
import { Pipeline } from '../src/pipeline.js'
import { SelfReport } from '../src/self-report.js'
import { AgentProcess, runProgram } from './support/agent-process.js'
import { startFakeElasticsearch } from './support/fake-elasticsearch.js'
import { HeldClock } from './support/held-clock.js'
import { type Document, valuesOf } from './support/kibana-query.js'
import { LogStory, numberedLine } from './support/log-story.js'
import { heldBytes } from './support/memory.js'
import { startSite } from './support/setup.js'
import { makeAgentSite, makePipelineConfig } from './support/site-config.js'
import { until } from './support/until.js'

t.setTimeout(240_000)

const first = (document: Document, field: string): unknown => valuesOf(document, field)[0]

function leaves(node: Document, prefix = ''): string[] {
  return Object.entries(node).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leaves(value as Document, `${prefix}${name}.`)
      : [`${prefix}${name}`],
  )
}

t.test('the agent on a real server: its documents are mapped, and say what status says', async t => {
  const directory = t.testdir({})
  const { client, site, elasticsearch } = await startSite(t, directory)
  const { configFile, logs } = makeAgentSite(directory, { elasticsearch })
  const index = `metrics-mailman.agent-${site.config.namespace}`
  let ignored: readonly string[] = []
  const read = async (): Promise<Document[]> => {
    await client.indices.refresh({ index, ignore_unavailable: true })
    const { hits } = await client.search<Document>({ index, ignore_unavailable: true, sort: '@timestamp' })
    ignored = hits.hits.flatMap(({ _ignored = [] }) => _ignored)
    return hits.hits.map(({ _source }) => _source!)
  }
  // A stream whose first shard is being made has no answer yet.
  const isThere = (): Promise<boolean> =>
    read().then(
      ({ length }) => length > 0,
      () => false,
    )
  const agent = new AgentProcess(configFile)
  t.teardown(() => agent.end('SIGKILL'))
  agent.start()
  await until(isThere, () => JSON.stringify(agent.log))
  appendFileSync(
    join(logs, 'vette'),
    `${numberedLine(1)}${numberedLine(2)}Nov 20 12:00:00 2026 (7) mary@example.org did what no Mailman says\n`,
  )
  const settled = async (): Promise<boolean> => {
    const { stdout } = await runProgram(['status', '--json', '--config', configFile])
    return (JSON.parse(stdout) as AgentStatus).counts?.stored === 3
  }
  await until(settled, () => JSON.stringify(agent.log))
  t.equal(await agent.end('SIGTERM'), 0)
  t.same(
    agent.log.filter(({ level }) => level !== 'info'),
    [],
    'nothing to tell of',
  )

  const documents = await read()
  t.same(
    documents.map(document => first(document, 'event.type')),
    ['start', 'end'],
  )
  const mapping = Object.values(await client.indices.getMapping({ index }))[0]!.mappings
  const typeOf = (field: string): unknown =>
    first({ properties: mapping.properties }, `properties.${field.split('.').join('.properties.')}.type`)
  const fields = documents.flatMap(document => leaves(document))
  t.same(
    fields.filter(field => typeof typeOf(field) !== 'string'),
    [],
    'every field is mapped',
  )
  t.ok(fields.length > 80)
  t.same(ignored, [], 'no value is ignored')
  const [start, end] = documents as [Document, Document]
  const status = JSON.parse((await runProgram(['status', '--json', '--config', configFile])).stdout) as AgentStatus
  t.match(start, {
    host: { name: 'lists1.example.org' },
    agent: { type: 'mailman-shipper', version: status.version },
    data_stream: { type: 'metrics', dataset: 'mailman.agent', namespace: site.config.namespace },
    event: { dataset: 'mailman.agent', kind: 'metric' },
    mailman: { instance: 'main', agent: { held_up: false, troubles: [], events: { stored: 0 } } },
  })
  t.match(end, {
    process: { pid: agent.pid },
    mailman: {
      agent: {
        events: { stored: 3, known: 0, set_aside: 0, read: 3, unparsed: 1, suspect: 0 },
        total: {
          events: { stored: status.counts.stored },
          requests: status.delivery.requests,
          lost: { bytes: status.losses.lostBytes },
        },
        lag: { bytes: 0, seconds: 0 },
        files: status.files.length,
        hold_up: { seconds: 0 },
      },
    },
  })
  t.equal(first(end, 'mailman.agent.hold_up.code'), undefined)
  for (const [field, least, most] of [
    ['memory.bytes', 30e6, 300e6],
    ['heap.bytes', 5e6, 200e6],
    ['total.cpu.seconds', 0.05, 120],
    ['total.event_loop.busy.seconds', 0.01, 120],
    ['event_loop.delay.seconds', 0, 60],
    ['checkpoint.age.seconds', 0, 120],
    ['uptime.seconds', 0, 200],
  ] as const) {
    const value = Number(first(end, `mailman.agent.${field}`))
    t.ok(value >= least && value <= most, `${field}: ${value}`)
  }
  t.notMatch(JSON.stringify(documents), /mary|vette\b.*\/|\/logs|"message"/, 'no path, no address, no line')
})

interface Site {
  readonly clock: HeldClock
  readonly health: Health
  readonly lines: Record<string, unknown>[]
  readonly report: SelfReport
  /** Moves the clock, and has it tick. */
  pass(ms: number): Promise<void>
}

function start(t: Test, stream: AgentStream): Site {
  const story = new LogStory(t)
  const clock = new HeldClock()
  const lines: Record<string, unknown>[] = []
  const log = createLog({ level: 'info', destination: { write: line => void lines.push(JSON.parse(line)) } })
  const health = new Health({ log, clock, version: '1', output: 'test', stateDirectory: story.state })
  const config = makePipelineConfig(story.logs, story.state)
  const output = { name: 'test', prefix: () => '', write: async () => ({ outcomes: [] }), close: async () => {} }
  const setAside = new SetAside(story.state, clock.now)
  const saving = { saved: [], save: async () => true }
  health.watch(
    new Pipeline({ config, privacy: undefined, output, setAside, ...saving, clock, random: () => 1, events: health.events }),
  )
  const site = { hostName: 'lists1', instance: 'main', namespace: 'default' }
  const report = new SelfReport({ health, stream, clock, site, tickMs: 2_000 })
  const pass = async (ms: number): Promise<void> => {
    await new Promise(setImmediate)
    void clock.sleep(ms)
    await clock.next()
    report.tick()
    await new Promise(setImmediate)
  }
  return { clock, health, lines, report, pass }
}

/** A way that the test opens and closes. */
class Way implements AgentStream {
  readonly written: Document[] = []
  tries = 0
  trouble: string | undefined
  /** Does not answer until it is given up. */
  hangs = false

  signal: AbortSignal | undefined

  async write(document: object, signal: AbortSignal): Promise<string | undefined> {
    this.tries++
    this.signal = signal
    if (this.hangs) {
      await new Promise(resolve => signal.addEventListener('abort', resolve))
      return 'given up'
    }
    if (this.trouble === undefined) this.written.push(document as Document)
    return this.trouble
  }

  async close(): Promise<void> {}
}

const figure = (document: Document | undefined, name: string): unknown => first(document!, `mailman.agent.${name}`)

t.test('a document each minute; what could not be written is in the next', async t => {
  const way = new Way()
  const { pass, health, report, lines } = start(t, way)
  await pass(2_000)
  await pass(56_000)
  t.equal(way.tries, 1, 'the one of the start')
  await pass(2_000)
  t.equal(way.tries, 2)
  t.match(figure(way.written[1], 'period.seconds'), 60)
  t.equal(figure(way.written[1], 'event_loop.delay.seconds'), 54, 'the longest that a tick was late')
  health.events.lost('/var/log/mailman/vette', 0, 100)
  await pass(60_000)
  t.equal(figure(way.written[2], 'lost.bytes'), 100)
  way.trouble = 'status 503'
  health.events.lost('/var/log/mailman/vette', 100, 110)
  await pass(60_000)
  health.events.lost('/var/log/mailman/vette', 110, 111)
  await pass(60_000)
  way.trouble = undefined
  await pass(60_000)
  t.equal(figure(way.written[3], 'lost.bytes'), 11, 'since the last one that was written')
  t.equal(figure(way.written[3], 'total.lost.bytes'), 111)
  t.equal(figure(way.written[3], 'period.seconds'), 180)
  await report.end()
  t.same(
    way.written.map(document => first(document, 'event.type')),
    ['start', 'info', 'info', 'info', 'end'],
  )
  t.same(
    lines.filter(({ code }) => code !== 'MLS_FILE_LOST').map(({ code, msg }) => code ?? msg),
    ['MLS_AGENT_FIGURES', 'the agent’s own figures are written'],
  )
})

t.test('a day without an answer: told once, nothing piles up, nobody waits', async t => {
  const way = new Way()
  const { pass, health, lines, report } = start(t, way)
  await pass(60_000)
  way.trouble = 'the index template metrics-mailman.agent is missing'
  await pass(60_000)
  t.same(lines, [], 'one that failed is no news')
  await pass(60_000)
  t.match(lines, [{ level: 'warn', code: 'MLS_AGENT_FIGURES', text: way.trouble, remedy: /run `mailman-shipper setup` again/ }])
  t.match(health.status(), { holdUp: null, troubles: [{ code: 'MLS_AGENT_FIGURES', detail: way.trouble }] })
  const before = heldBytes()
  for (let minute = 0; minute < 1_440; minute++) await pass(60_000)
  const grown = heldBytes() - before
  t.ok(grown < 3 << 20, `${grown} bytes more`)
  t.equal(way.tries, 4 + 1_440, 'one try a minute')
  t.equal(lines.length, 1)
  await report.end()
  t.equal(way.tries, 4 + 1_440, 'no last one, where the one before failed')
})

t.test('where events are not taken either, that is told and this is not', async t => {
  const way = new Way()
  const { pass, health, lines, report } = start(t, way)
  health.events.heldUp({ code: 'MLS_OUTPUT_UNREACHABLE', detail: 'es.example.org' })
  way.trouble = 'es.example.org'
  for (let minute = 0; minute < 5; minute++) await pass(60_000)
  t.same(
    lines.map(({ code }) => code),
    ['MLS_OUTPUT_UNREACHABLE'],
  )
  way.hangs = true
  for (let minute = 0; minute < 5; minute++) await pass(60_000)
  t.equal(way.tries, 7, 'one on the way at a time')
  const ending = report.end()
  t.equal(way.signal?.aborted, true, 'nobody waits for it in an outage')
  await ending
})

t.test('a server on which only these hang: events are shipped, and the agent stops', async t => {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  server.figuresScript = 'hang'
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [server.url] } })
  story.write(1_000)
  story.start()
  await until(
    () => server.stored.size === 1_000,
    () => JSON.stringify(story.agent.log),
  )
  await story.stop()
  t.same(server.figures, [])
  t.same(
    story.agent.log.filter(({ level }) => level !== 'info'),
    [],
  )
  server.figuresScript = undefined
  story.write(1)
  story.start()
  await until(
    () => server.stored.size === 1_001,
    () => JSON.stringify(story.agent.log),
  )
  await until(
    () => server.figures.length > 0,
    () => 'a document',
  )
  await story.stop()
  t.equal(server.figures.length, 2)
})

t.test('switched off', async t => {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [server.url], agentMetrics: false } })
  story.write(1)
  story.start()
  await until(
    () => server.stored.size === 1,
    () => JSON.stringify(story.agent.log),
  )
  await story.stop()
  t.same(server.figures, [])
  t.equal(server.asked.filter(one => one === 'GET /').length, 1, 'one connection')
})
