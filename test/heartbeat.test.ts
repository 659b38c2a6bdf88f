/**
 * The dead man's switch. The real agent asks for a secret URL over TLS, and does not any more when it was killed. Then by a clock that
 * the test moves: how often, and not while it hangs, cannot deliver or sees no log; what goes wrong is told once, without the URL.
 */
import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SetAside } from '../src/delivery/set-aside.js'
import { createLog } from '../src/diagnostics/log.js'
import { Health } from '../src/health.js'
import { type Heartbeat, startHeartbeat } from '../src/heartbeat.js'
import type { Answer } from '../src/model.js'
import { Pipeline } from '../src/pipeline.js'
import { HeldClock } from './support/held-clock.js'
import { LogStory } from './support/log-story.js'
import { makePipelineConfig } from './support/site-config.js'
import { makeCertificate, startTlsFront } from './support/tls-front.js'
import { until } from './support/until.js'

t.setTimeout(120_000)

const MINUTE = 60_000
const SECRET = '5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278'

interface Outside {
  /** Of what was asked for. */
  readonly asked: string[]
  readonly port: number
  answer: RequestListener
}

async function startOutside(t: Test): Promise<Outside> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    outside.answer(request, response)
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  const outside: Outside = {
    asked,
    port: (server.address() as AddressInfo).port,
    answer: (_, response) => void response.end('OK'),
  }
  return outside
}

t.test('the real agent: heard while it lives, and no more when it was killed; never with --once', async t => {
  const outside = await startOutside(t)
  const story = new LogStory(t)
  await makeCertificate(story.directory, 'outside')
  const front = await startTlsFront(story.directory, 'outside', outside.port)
  t.teardown(() => front.close())
  const urlFile = join(story.directory, 'heartbeat-url')
  writeFileSync(urlFile, `${front.url}/${SECRET}\n`, { mode: 0o600 })
  const alerts = { heartbeat: { urlFile } }
  writeFileSync(story.configFile, JSON.stringify({ ...readConfig(story), alerts }))
  process.env.NODE_EXTRA_CA_CERTS = join(story.directory, 'ca.crt')
  t.teardown(() => delete process.env.NODE_EXTRA_CA_CERTS)
  story.write(1)
  story.start()
  const isHeard = () => outside.asked.length > 0
  await until(isHeard, () => JSON.stringify(story.agent.log), 60_000)
  await story.agent.end('SIGKILL')
  t.strictSame(outside.asked, [`GET /${SECRET}`])
  t.notMatch(JSON.stringify(story.agent.log), new RegExp(`${SECRET}|localhost`), 'the URL is a secret')
  t.same(story.troubles, [])
  story.agent.args.push('--once')
  story.start()
  await story.ends()
  t.equal(outside.asked.length, 1)
})

const readConfig = (story: LogStory): object => ({
  host: { name: 'lists1.example.org' },
  logs: { directories: [story.logs], timezone: 'UTC' },
  state: { directory: story.state },
  ndjson: { file: join(story.directory, 'shipped') },
})

class Site {
  readonly clock = new HeldClock()
  /** The agent's log, a parsed line each. */
  readonly lines: Record<string, unknown>[] = []
  readonly pipeline: Pipeline
  readonly health: Health
  readonly heartbeat: Heartbeat
  answer: Answer = { outcomes: [{ status: 'stored' }] }
  /** The task that reads comes by. */
  isAlive = true
  /** When the outside was asked, in milliseconds. */
  readonly beats: number[] = []

  constructor(
    story: LogStory,
    readonly outside: Outside,
    { everyMinutes = 1, url = `http://127.0.0.1:${outside.port}/${SECRET}` }: { everyMinutes?: number; url?: string } = {},
  ) {
    const { clock } = this
    const log = createLog({ level: 'info', destination: { write: line => void this.lines.push(JSON.parse(line)) } })
    this.health = new Health({ log, clock, version: '1', output: 'test', stateDirectory: story.state })
    this.pipeline = new Pipeline({
      config: makePipelineConfig(story.logs, story.state),
      privacy: undefined,
      output: { name: 'test', prefix: () => '', write: async () => this.answer, close: async () => {} },
      setAside: new SetAside(story.state, clock.now),
      saved: [],
      save: async () => true,
      clock,
      random: () => 1,
      events: this.health.events,
    })
    this.health.watch(this.pipeline)
    const config = { url, urlFile: undefined, everyMinutes }
    this.heartbeat = startHeartbeat({ config, health: this.health, clock, patienceMs: 300 })
  }

  /** Moves the clock; the agent looks at itself every two seconds. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.monotonic() + ms
    while (this.clock.monotonic() < end) {
      const at = Math.min(end, this.clock.monotonic() + 2_000)
      void this.clock.sleep(at - this.clock.monotonic())
      while (this.clock.monotonic() < at) await this.clock.next()
      if (this.isAlive) this.pipeline.aliveMs = at
      const before = this.outside.asked.length
      this.heartbeat.tick()
      await networkRests()
      if (this.outside.asked.length > before) this.beats.push(at)
    }
  }

  /** The codes and endings that were told, but for those of the output. */
  get told(): unknown[] {
    return this.lines.filter(({ code, msg }) => !/OUTPUT|are taken/.test(`${code} ${msg}`)).map(({ code, msg }) => code ?? msg)
  }
}

/** The network is real: time stands until no connection is open. */
async function networkRests(): Promise<void> {
  const isBusy = () => process.getActiveResourcesInfo().some(name => /^TCP(?:Socket|Connect)Wrap$/.test(name))
  for (let quiet = 0; quiet < 3; quiet++) {
    await new Promise(setImmediate)
    if (isBusy()) quiet = -1
  }
}

async function startSite(t: Test, options?: { everyMinutes?: number; url?: string }): Promise<Site> {
  const story = new LogStory(t)
  story.write(1)
  const site = new Site(story, await startOutside(t), options)
  await site.pipeline.followed.look()
  t.teardown(async () => {
    await site.heartbeat.close()
    await site.pipeline.followed.close()
  })
  return site
}

t.test('soon after the start, then as often as is wanted', async t => {
  const often = await startSite(t)
  await often.pass(3 * MINUTE)
  t.strictSame(often.beats, [10_000, 70_000, 130_000])
  const seldom = await startSite(t, { everyMinutes: 15 })
  await seldom.pass(31 * MINUTE)
  t.strictSame(seldom.beats, [10_000, 910_000, 1_810_000])
  t.strictSame([...often.lines, ...seldom.lines], [])
})

t.test('not while it hangs', async t => {
  const site = await startSite(t)
  await site.pass(MINUTE)
  site.isAlive = false
  await site.pass(20 * MINUTE)
  t.strictSame(site.beats, [10_000, 70_000], 'until it was known to hang')
  site.isAlive = true
  await site.pass(2_000)
  t.equal(site.beats.length, 3, 'at once, when it goes on')
})

t.test('not when nothing was delivered for a quarter of an hour; a shorter time is forgiven', async t => {
  const site = await startSite(t)
  const { sender } = site.pipeline
  const deliver = () => sender.deliver({ body: Buffer.from('x\n'), starts: [0], documents: [0] }, new AbortController().signal)
  const holdUp = { code: 'MLS_OUTPUT_UNREACHABLE', detail: '' } as const
  await site.pass(MINUTE)
  site.answer = { holdUp }
  let delivery = deliver()
  await site.pass(14 * MINUTE)
  t.equal(site.beats.length, 15)
  site.answer = { outcomes: [{ status: 'stored' }] }
  await site.pass(MINUTE)
  t.ok(await delivery)
  t.equal(site.beats.length, 16)
  site.answer = { holdUp }
  delivery = deliver()
  await site.pass(2 * 60 * MINUTE)
  t.equal(site.beats.length, 31, 'fifteen more')
  t.ok(site.health.status().holdUp)
  site.answer = { outcomes: [{ status: 'stored' }] }
  await site.pass(MINUTE)
  t.ok(await delivery)
  t.equal(site.beats.length, 32)
  t.strictSame(site.told, [])
})

t.test('not when there was no log for a quarter of an hour', async t => {
  const story = new LogStory(t)
  const site = new Site(story, await startOutside(t))
  t.teardown(() => site.heartbeat.close())
  await site.pass(60 * MINUTE)
  t.equal(site.beats.length, 15)
  story.write(1)
  await site.pipeline.followed.look()
  t.teardown(() => site.pipeline.followed.close())
  await site.pass(MINUTE)
  t.equal(site.beats.length, 16)
})

t.test('what goes wrong there is tried again soon, told once, and without the URL', async t => {
  const site = await startSite(t)
  const { outside, lines } = site
  outside.answer = (_, response) => void response.writeHead(404).end(`${SECRET} not found`)
  await site.pass(MINUTE)
  t.strictSame(site.beats, [10_000, 30_000, 50_000])
  t.match(lines, [{ level: 'warn', code: 'MLS_AGENT_HEARTBEAT', text: 'the answer is 404', remedy: /tried again/ }])
  t.match(site.health.status().troubles, [{ code: 'MLS_AGENT_HEARTBEAT', detail: 'the answer is 404' }])
  const answers: RequestListener[] = [
    (_, response) => void response.writeHead(302, { location: `http://127.0.0.1:${outside.port}/elsewhere` }).end(),
    request => void request.socket.destroy(),
    () => {},
    (_, response) => void response.writeHead(500).write('x'),
  ]
  for (const answer of answers) {
    outside.answer = answer
    await site.pass(MINUTE)
  }
  t.equal(site.beats.length, 15)
  t.equal(lines.length, 1, 'once')
  outside.answer = (_, response) => void response.writeHead(201).write('a part of an answer is enough')
  await site.pass(2 * MINUTE)
  t.equal(site.beats.length, 17)
  t.strictSame(site.told, ['MLS_AGENT_HEARTBEAT', 'the heartbeat is heard again'])
  t.ok(outside.asked.every(one => one === `GET /${SECRET}`))
  t.notMatch(JSON.stringify(lines), new RegExp(SECRET))
})

for (const [what, url, text] of [
  ['nobody is there', 'http://127.0.0.1:1/secret', 'ECONNREFUSED'],
  ['no TLS', undefined, /^[A-Z_]+$/],
] as const)
  t.test(what, async t => {
    const outside = await startOutside(t)
    const site = await startSite(t, { url: url ?? `https://127.0.0.1:${outside.port}/secret` })
    await site.pass(MINUTE)
    t.match(site.lines, [{ code: 'MLS_AGENT_HEARTBEAT', text }])
    t.notMatch(JSON.stringify(site.lines), /secret\b|127\.0/)
  })

t.test('at the end nobody waits for an answer', async t => {
  const site = await startSite(t)
  const isAsked = new Promise<void>(resolve => {
    site.outside.answer = () => resolve()
  })
  void site.pass(10_000)
  await isAsked
  await site.heartbeat.close()
  t.strictSame(site.lines, [])
})
