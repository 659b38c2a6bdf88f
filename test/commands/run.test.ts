/**
 * What an operator meets: each trouble gives one clear sentence that says what to do, in the log and in `status`; the exit codes
 * are those of the table; and once mended, every line arrives.
 */
import { chmodSync, chownSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type ErrorCode, errors } from '../../src/errors.js'
import { runProgram } from '../support/agent-process.js'
import { startElasticsearch } from '../support/elasticsearch.js'
import { type FakeElasticsearch, startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { LogStory } from '../support/log-story.js'
import { numberOf } from '../support/mailman-writer.js'
import { makeSite } from '../support/setup.js'
import { makeCertificate, startTlsFront } from '../support/tls-front.js'
import { until } from '../support/until.js'

const status = (story: LogStory) => runProgram(['status', '--config', story.configFile])

/** The numbers of the lines that a server holds. */
const numbersOf = (server: FakeElasticsearch): number[] =>
  [...server.stored.values()].map(document => numberOf(JSON.parse(document).message))

async function allArrive(t: Test, story: LogStory, numbers: () => number[] | Promise<number[]>): Promise<void> {
  await until(
    async () => (await numbers()).length >= story.next,
    () => `all lines; the log: ${JSON.stringify(story.agent.log)}`,
    40_000,
  )
  t.same(
    (await numbers()).sort((a, b) => a - b),
    Array.from({ length: story.next }, (_, number) => number),
    'nothing was lost',
  )
}

/** Waits for a trouble: one line with a remedy, however often it is tried; `status` says the same and exits with 4. */
async function meets(t: Test, story: LogStory, code: ErrorCode, detail: RegExp): Promise<void> {
  const said = await story.says(new RegExp(code))
  const { message, remedy } = errors[code]
  t.match(said, { level: 'error', code, msg: message, remedy, text: detail })
  await until(
    () => story.status()?.holdUp?.code === code,
    () => `status: ${JSON.stringify(story.status())}`,
  )
  const { code: exit, stdout } = await status(story)
  t.equal(exit, 4)
  t.match(stdout, /^held up: /)
  t.ok(stdout.includes(`  ${message}, since 20`) && stdout.includes(`  ${remedy}\n`), stdout)
}

const heldLines = (story: LogStory) => story.troubles.filter(({ code }) => `${code}`.startsWith('MLS_OUTPUT'))

t.test('an unknown key: refused, with the line and what it may have meant', async t => {
  const story = new LogStory(t)
  writeFileSync(story.configFile, `logs:\n  directoris: [${story.logs}]\nstate: {directory: ${story.state}}\n`)
  const { code, stdout, stderr } = await runProgram(['run', '--config', story.configFile])
  t.equal(code, 2)
  t.equal(stdout, '')
  t.match(
    stderr,
    /^mailman-shipper: The configuration is not valid: .*\n.*line 2: logs\.directoris: unknown; did you mean logs\.directories\?/,
  )
  t.match(stderr, /\[MLS_CONFIG_INVALID\]\n$/)
})

t.test(
  'a log that may not be read: told once, the others are shipped, `--once` exits with 1',
  { skip: process.getuid?.() !== 0 && 'only root can run the agent as somebody else' },
  async t => {
    const story = new LogStory(t)
    for (const path of [story.state, join(story.directory, 'shipped')]) chownSync(path, 65_534, 65_534)
    story.agent.user = 65_534
    story.agent.args.push('--once')
    story.write(10)
    story.append(story.lines(5), 'post')
    chmodSync(story.path('post'), 0o600)
    story.start()
    await story.ends(1)
    t.equal(story.shipped.length, 10)
    const { message, remedy } = errors.MLS_FILE_UNREADABLE
    t.match(story.troubles, [{ code: 'MLS_FILE_UNREADABLE', msg: message, remedy, text: /post \(EACCES\)$/ }])
    t.equal(story.troubles.length, 1)
    t.match((await status(story)).stdout, /post cannot be read \(EACCES\)\. Give the agent the group/)
    chmodSync(story.path('post'), 0o644)
    story.start()
    await story.ends(0)
    await story.shipsExactly()
  },
)

t.test('nobody listens; then somebody does', async t => {
  const server = await startFakeElasticsearch()
  const port = Number(new URL(server.url).port)
  await server.close()
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [server.url] } })
  story.write(100)
  story.start()
  await meets(t, story, 'MLS_OUTPUT_UNREACHABLE', /refuses the connection/)
  story.write(100)
  const again = await startFakeElasticsearch({ port })
  t.teardown(() => again.close())
  await allArrive(t, story, () => numbersOf(again))
  await story.says(/events are taken again/)
  t.equal(heldLines(story).length, 1, 'one line for all tries')
  await until(
    async () => (await status(story)).code === 0,
    () => 'status exits with 0 again',
  )
  t.match((await status(story)).stdout, /^following: elasticsearch, /)
  await story.stop()
  const after = await status(story)
  t.equal(after.code, 1)
  t.match(after.stdout, /^not running: /)
})

t.test('the index template is missing; then it is installed', async t => {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  const template = server.template
  server.template = { status: 404, body: {} }
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [server.url] } })
  story.write(10)
  story.start()
  await meets(t, story, 'MLS_OUTPUT_TEMPLATE', /none at 1 node/)
  t.equal(server.requests.length, 0, 'nothing was written before')
  server.template = template
  await allArrive(t, story, () => numbersOf(server))
  t.equal(heldLines(story).length, 1)
  await story.stop()
})

t.test('a certificate that has expired; then it is renewed', async t => {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  const story = new LogStory(t)
  const target = Number(new URL(server.url).port)
  const certificates = join(story.directory, 'tls')
  mkdirSync(certificates)
  const names = 'DNS:localhost,IP:127.0.0.1'
  await makeCertificate(certificates, 'old', names, { notBefore: '20200101000000Z', notAfter: '20210101000000Z' })
  await makeCertificate(certificates, 'new', names)
  const old = await startTlsFront(certificates, 'old', target)
  const config = JSON.parse(readFileSync(story.configFile, 'utf8'))
  const elasticsearch = { nodes: [old.url], caFile: join(certificates, 'ca.crt') }
  writeFileSync(story.configFile, JSON.stringify({ ...config, ndjson: undefined, elasticsearch }))
  story.write(10)
  story.start()
  await meets(t, story, 'MLS_OUTPUT_TLS', /expired/)
  await old.close()
  const renewed = await startTlsFront(certificates, 'new', target, Number(new URL(old.url).port))
  t.teardown(() => renewed.close())
  await allArrive(t, story, () => numbersOf(server))
  t.ok(heldLines(story).length <= 2, 'while it was exchanged nobody listened')
  await story.stop()
})

t.test('a key that is refused; then the right one is put in its place', async t => {
  const server = await startElasticsearch()
  t.teardown(() => server.stop())
  const story = new LogStory(t, {}, { es: {} })
  const site = makeSite(server, join(story.directory, 'es'))
  t.equal((await site.setup()).code, 0)
  const { client } = await site.admin()
  t.teardown(() => client.close())
  const { nodes, apiKeyFile, caFile, namespace } = site.config
  const config = JSON.parse(readFileSync(story.configFile, 'utf8'))
  const elasticsearch = { nodes, apiKeyFile, caFile, namespace }
  writeFileSync(story.configFile, JSON.stringify({ ...config, ndjson: undefined, elasticsearch }))
  renameSync(site.keyFile, `${site.keyFile}.right`)
  writeFileSync(site.keyFile, `${Buffer.from('wrong:wrongwrongwrongwrong').toString('base64')}\n`, { mode: 0o600 })
  story.write(100)
  story.start()
  await meets(t, story, 'MLS_OUTPUT_AUTH', /./)
  t.notMatch(JSON.stringify(story.agent.log), /wrongwrong|d3Jvbmc6/, 'the key is nowhere in the log')
  renameSync(`${site.keyFile}.right`, site.keyFile)
  await allArrive(t, story, async () => {
    const index = `logs-mailman.*-${namespace}`
    await client.indices.refresh({ index, allow_no_indices: true }).catch(() => {})
    const answer = await client.search<{ message: string }>({ index, size: 1_000, allow_no_indices: true }).catch(() => undefined)
    return (answer?.hits.hits ?? []).map(hit => numberOf(hit._source!.message))
  })
  t.equal(heldLines(story).length, 1)
  await story.stop()
})

t.test('F39: asked to stop during an outage it ends with 0, soon, and the next start delivers', async t => {
  const server = await startFakeElasticsearch()
  const port = Number(new URL(server.url).port)
  await server.close()
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [server.url] } })
  story.write(5_000)
  story.start()
  await story.says(/MLS_OUTPUT_UNREACHABLE/)
  const begun = performance.now()
  await story.stop()
  const took = performance.now() - begun
  t.ok(took < 13_000, `within the drain time: ${Math.round(took)} ms`)
  story.write(10)
  const again = await startFakeElasticsearch({ port })
  t.teardown(() => again.close())
  story.start()
  await allArrive(t, story, () => numbersOf(again))
  await story.stop()
})

t.test('asked twice, it ends at once', async t => {
  const server = await startFakeElasticsearch()
  await server.close()
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [server.url] } })
  story.write(10)
  story.start()
  await story.says(/MLS_OUTPUT_UNREACHABLE/)
  const begun = performance.now()
  process.kill(story.agent.pid, 'SIGTERM')
  await until(
    () => {
      if (story.agent.isRunning) process.kill(story.agent.pid, 'SIGTERM')
      return !story.agent.isRunning
    },
    () => 'it ends',
    5_000,
  )
  t.equal(await story.agent.exit(), 1)
  t.ok(performance.now() - begun < 3_000)
})

t.test('`--once` while nobody listens: waits, and ends with 1 when it is stopped', async t => {
  const server = await startFakeElasticsearch()
  await server.close()
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [server.url] } })
  story.agent.args.push('--once')
  story.write(10)
  story.start()
  await story.says(/MLS_OUTPUT_UNREACHABLE/)
  t.equal(await story.agent.end('SIGTERM'), 1)
  await story.says(/stopped before all was settled/)
})

t.test('a state directory that others may write is refused; `status` without any agent', async t => {
  const story = new LogStory(t)
  chmodSync(story.state, 0o770)
  const { code, stderr } = await runProgram(['run', '--config', story.configFile])
  t.equal(code, 3)
  t.equal(
    stderr,
    `mailman-shipper: The state directory is not safe to use: ${story.state} can be written by group or others
  It must be a directory of this user that group and others cannot write: chmod 700. [MLS_STATE_UNSAFE]
`,
  )
  rmSync(story.state, { recursive: true })
  const none = await status(story)
  t.equal(none.code, 1)
  t.equal(
    none.stdout,
    `not running\n  No agent uses ${story.state}. Start it: systemctl start mailman-shipper, or mailman-shipper run.\n`,
  )
})
