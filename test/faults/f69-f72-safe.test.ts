/**
 * F69, F70, F71, F72: a .gz that unpacks to a thousand times its size, to gigabytes; secrets in places where others look; files that others may
 * read; dependencies that run something when they are installed.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { runProgram } from '../support/agent-process.js'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { LogStory, numberedLine } from '../support/log-story.js'
import { until } from '../support/until.js'

t.test('F69 a .gz of 300 MB without a newline, as large as a photograph', async t => {
  const story = new LogStory(t)
  const member = gzipSync(Buffer.alloc(50 << 20))
  writeFileSync(story.path('vette.1.gz'), Buffer.concat(Array(6).fill(member)))
  story.write(20, 'post')
  story.start()
  await story.ships(20)
  let peak = 0
  await until(
    () => {
      peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${story.agent.pid}/status`, 'utf8'))?.[1]) * 1024
      return story
        .status()
        ?.files.some(({ compressed, offset, lagBytes }) => compressed && (offset > 300e6 || lagBytes === 300 << 20))
    },
    () => `it is read to its end: ${JSON.stringify(story.status()?.files)}`,
    60_000,
  )
  t.ok(peak < 200e6, `memory: ${Math.round(peak / 1e6)} MB`)
  story.write(1, 'post')
  await until(
    () => story.shipped.includes(20),
    () => 'others go on',
  )
  await story.stop()
})

t.test('F69 a .gz of 5 GB without a newline: given up behind 4 GiB, told once, with what to do', async t => {
  const story = new LogStory(t)
  const member = gzipSync(Buffer.alloc(50 << 20))
  const before = gzipSync(story.lines(10))
  const behind = gzipSync(numberedLine(90_000))
  writeFileSync(story.path('vette.1.gz'), Buffer.concat([before, ...Array(96).fill(member), behind]))
  story.write(10, 'post')
  story.start()
  await story.says(/Z_NO_LINES/, 120_000)
  story.write(10, 'post')
  await story.ships(30)
  t.same(
    story.shipped.toSorted((a, b) => a - b),
    Array.from({ length: 30 }, (_, number) => number),
    'what stands before it, and the other log',
  )
  await until(
    () => story.status()?.blocked.length === 1,
    () => JSON.stringify(story.status()),
  )
  const said = await runProgram(['status', '--config', story.configFile])
  t.match(said.stdout, /vette\.1\.gz.*gunzip/, 'status says what to do')
  await story.stop()
  t.match(story.troubles, [{ level: 'error', code: 'MLS_FILE_NO_LINES', text: /vette\.1\.gz/, remedy: /gunzip/ }], 'told once')
})

t.test('F70 the key is in no place but its file', async t => {
  const fake = await startFakeElasticsearch()
  t.teardown(() => fake.close())
  const story = new LogStory(t)
  const secret = 'VGhpc0lzOlRoZVNlY3JldEtleQ=='
  const decoded = Buffer.from(secret, 'base64').toString()
  const keyFile = join(story.directory, 'api-key')
  writeFileSync(keyFile, `${secret}\n`, { mode: 0o600 })
  const config = JSON.parse(readFileSync(story.configFile, 'utf8'))
  const configure = (elasticsearch: object): void =>
    writeFileSync(story.configFile, JSON.stringify({ ...config, ndjson: undefined, elasticsearch }))
  configure({ nodes: [fake.url], apiKeyFile: keyFile })
  // A server that is rude enough to quote it.
  const quote = { type: 'security_exception', reason: `ApiKey ${secret} is not known`, header: { authorization: secret } }
  fake.next(...Array.from({ length: 3 }, () => () => ({ status: 401, body: { error: quote, status: 401 } })))
  story.write(20)
  story.start()
  await story.says(/MLS_OUTPUT_AUTH/)
  const places = new Map<string, string>()
  for (const name of ['cmdline', 'environ']) places.set(name, readFileSync(`/proc/${story.agent.pid}/${name}`, 'latin1'))
  await until(
    () => story.status()?.counts.stored === 20,
    () => JSON.stringify(story.agent.log),
  )
  for (const command of ['status', 'check']) {
    const { stdout, stderr } = await runProgram([command, '--config', story.configFile])
    places.set(command, stdout + stderr)
  }
  for (const name of readdirSync(story.state)) places.set(name, readFileSync(join(story.state, name), 'latin1'))
  await story.stop()
  places.set('log', JSON.stringify(story.agent.log))
  // A configuration and a command line that hold the key itself are refused, and not repeated.
  configure({ nodes: [fake.url], apiKey: secret })
  const inFile = await runProgram(['run', '--config', story.configFile])
  t.equal(inFile.code, 2)
  t.match(inFile.stderr, /apiKeyFile/)
  places.set('configuration', inFile.stdout + inFile.stderr)
  const inUrl = fake.url.replace('//', `//elastic:${secret.slice(0, 20)}@`)
  configure({ nodes: [inUrl] })
  const asNode = await runProgram(['run', '--once', '--config', story.configFile])
  t.equal(asNode.code, 2, 'a password in the address of a node')
  places.set('address', asNode.stdout + asNode.stderr)
  const asArgument = await runProgram(['run', '--api-key', secret])
  t.equal(asArgument.code, 2)
  for (const [place, text] of places)
    t.notOk(text.includes(secret) || text.includes(decoded) || text.includes(secret.slice(0, 20)), place)
})

t.test('F70 the unit leaves no core file', async t => {
  const unit = readFileSync(new URL('../../deploy/systemd/mailman-shipper.service', import.meta.url), 'utf8')
  t.match(unit, /^LimitCORE=0$/m)
})

t.test('F71 with any umask, what the agent writes is its own alone', async t => {
  const fake = await startFakeElasticsearch()
  t.teardown(() => fake.close())
  const story = new LogStory(t)
  const state = join(story.directory, 'made/state')
  mkdirSync(join(story.directory, 'made'))
  const config = JSON.parse(readFileSync(story.configFile, 'utf8'))
  const options = { ndjson: undefined, elasticsearch: { nodes: [fake.url] }, state: { directory: state } }
  writeFileSync(story.configFile, JSON.stringify({ ...config, ...options }))
  story.agent.under = ['sh', '-c', 'umask 0; exec "$@"', 'sh']
  story.agent.args.push('--once')
  const refused = { create: { status: 400, error: { type: 'document_parsing_exception', reason: 'x' } } }
  fake.next(({ id }) => ({ body: { errors: true, items: id.map(() => refused) } }))
  story.write(5)
  story.start()
  await story.ends()
  writeFileSync(story.configFile, JSON.stringify({ ...config, ndjson: undefined, state: { directory: state } }))
  story.write(5)
  story.start()
  await story.ends()
  t.equal(statSync(state).mode & 0o777, 0o700)
  const names = readdirSync(state, { recursive: true }).map(String)
  for (const part of ['checkpoint', 'events.db', 'lock', 'set-aside', 'status'])
    t.ok(
      names.some(name => name.includes(part)),
      `${part} is among ${names}`,
    )
  for (const name of names) {
    const stats = statSync(join(state, name))
    t.equal(stats.mode & 0o077, 0, name)
  }
})

t.test('F72 what is installed with the agent runs nothing, and is what was chosen', async t => {
  const read = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'))
  const { dependencies } = read('package.json') as { dependencies: Record<string, string> }
  for (const [name, version] of Object.entries(dependencies)) t.match(version, /^\d+\.\d+\.\d+$/, `${name} is pinned`)
  const packages = Object.entries(
    read('package-lock.json').packages as Record<string, { dev?: boolean; hasInstallScript?: boolean; integrity?: string }>,
  ).filter(([path, { dev }]) => path !== '' && dev !== true)
  t.ok(packages.length > 20, `${packages.length} packages`)
  for (const [path, { hasInstallScript, integrity }] of packages) {
    t.notOk(hasInstallScript, `${path} has no install script`)
    t.match(integrity, /^sha512-/, path)
  }
})
