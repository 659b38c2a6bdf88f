/** `backfill`: old, rotated and compressed logs, once, also beside the agent and over crashes. The built program. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { BackfillResult } from '../../src/commands/backfill-summary.js'
import { AgentProcess, program, programEnvironment, runProgram } from '../support/agent-process.js'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { numberedLine } from '../support/log-story.js'
import { MailmanWriter, numberOf } from '../support/mailman-writer.js'
import { startSite } from '../support/setup.js'
import { type AgentSite, makeAgentSite } from '../support/site-config.js'
import { countSoFar, readCluster, readEmbedded } from '../support/stored.js'
import { startSystemdHost, whyNoSystemdHost } from '../support/systemd-host.js'
import { installProject } from '../support/systemd-host-install.js'
import { HostAgent, HostMailman, unit } from '../support/systemd-host-story.js'
import { until } from '../support/until.js'

t.setTimeout(600_000)
t.jobs = 2 // much of the time is waiting

/** A machine with much else to do is slow, not stuck. */
const SLOW_MS = 120_000

const linesOf = (first: number, end: number): string =>
  Array.from({ length: end - first }, (_, i) => numberedLine(first + i)).join('')
const numbers = (end: number): number[] => Array.from({ length: end }, (_, i) => i)
const sorted = (all: readonly number[]): number[] => [...all].sort((a, b) => a - b)
const storedNumbers = ({ store }: AgentSite): number[] => readEmbedded(store).map(({ message }) => numberOf(message))
const idsOf = ({ store }: AgentSite): string[] => readEmbedded(store).map(({ event }) => event.id)

const backfill = (site: AgentSite, ...args: string[]) => runProgram(['backfill', '--config', site.configFile, ...args])

/** Runs it with --json and takes its result. */
async function result(site: AgentSite, ...args: string[]): Promise<BackfillResult & { code: number | null; stderr: string }> {
  const { code, stdout, stderr } = await backfill(site, '--json', ...args)
  if (!stdout.startsWith('{')) throw new Error(`ended with ${code}: ${stderr}`)
  return { ...JSON.parse(stdout), code, stderr }
}

/** A process that can be sent signals. */
function start(t: Test, site: AgentSite, ...args: string[]) {
  const env = programEnvironment()
  const child = spawn(process.execPath, [program, 'backfill', '--config', site.configFile, ...args], { env, stdio: 'pipe' })
  t.teardown(() => child.kill('SIGKILL'))
  let stderr = ''
  let stdout = ''
  child.stderr.on('data', (text: Buffer) => {
    stderr += text
  })
  child.stdout.on('data', (text: Buffer) => {
    stdout += text
  })
  const exit = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    return child.exitCode
  }
  return { child, exit, said: () => stderr, printed: () => stdout }
}

/** Three generations of vette and one of post, in a directory that no agent follows. */
function makeOldLogs(directory: string): { files: string[]; events: number } {
  const old = join(directory, 'old')
  mkdirSync(old)
  writeFileSync(join(old, 'vette'), linesOf(200, 300))
  writeFileSync(join(old, 'vette.1'), linesOf(100, 200))
  writeFileSync(join(old, 'vette.2.gz'), gzipSync(linesOf(0, 100)))
  writeFileSync(join(old, 'post.log-20261120.gz'), gzipSync(linesOf(1000, 1050)))
  return { files: readdirSync(old).map(name => join(old, name)), events: 350 }
}

t.test('the same events and ids as `run`; oldest first; a second run adds nothing', async t => {
  const directory = t.testdir()
  const { files, events } = makeOldLogs(directory)
  const site = makeAgentSite(directory)
  const first = await backfill(site, ...files)
  t.equal(first.code, 0, first.stderr)
  t.match(first.stdout, /^4 files read in [\d.]+ s: 350 events stored, 0 known before, 0 set aside\.\n$/)
  t.equal(first.stderr, '')
  const stored = storedNumbers(site)
  t.same(
    stored.filter(number => number < 1000),
    numbers(300),
    'the oldest file of a log comes first',
  )

  const agentSite = makeAgentSite(directory, { name: 'other', logs: join(directory, 'old') })
  t.equal((await runProgram(['run', '--once', '--config', agentSite.configFile])).code, 0)
  t.same(idsOf(site).sort(), idsOf(agentSite).sort(), 'the ids that the agent gives')

  t.match(await result(site, ...files), { code: 0, stored: 0, duplicates: 0, files: 4, filesKnown: 4, complete: true })
  t.match(await result(site, '--again', ...files), { code: 0, stored: 0, duplicates: events, filesKnown: 0 })
  t.equal(idsOf(site).length, events)

  writeFileSync(join(directory, 'old/vette'), linesOf(200, 310))
  t.match(await result(site, ...files), { code: 0, stored: 10, duplicates: 0, filesKnown: 3 }, 'what was added since')
  for (const name of readdirSync(join(site.state, 'backfill')))
    t.equal(statSync(join(site.state, 'backfill', name)).mode & 0o777, 0o600, name)
  t.equal(statSync(join(site.state, 'backfill')).mode & 0o777, 0o700)
  t.notOk(existsSync(join(site.state, 'checkpoint.0')), 'the agent has no checkpoint by it')
})

t.test('--dry-run counts by log and year, and sends nothing; --log names the log of all', async t => {
  const directory = t.testdir({ unknown: linesOf(0, 3) + linesOf(0, 2).replaceAll('2026', '2019') })
  const { files } = makeOldLogs(directory)
  const site = makeAgentSite(directory)
  const { code, stdout } = await backfill(site, '--dry-run', ...files)
  t.equal(code, 0)
  t.equal(stdout, 'log    year  events\npost   2026      50\nvette  2026     300\nall             350\n')
  const named = await backfill(site, '--dry-run', '--json', '--log', 'vette', join(directory, 'unknown'))
  t.same(JSON.parse(named.stdout).counts, [
    { log: 'vette', year: 2019, events: 2 },
    { log: 'vette', year: 2026, events: 3 },
  ])
  t.same(readdirSync(site.state), [], 'nothing is written')
})

t.test('what cannot be read is told in a sentence; the others are read; exit 1', async t => {
  const directory = t.testdir({ secret: linesOf(900, 901), readme: 'x\n', empty: '' })
  const { files } = makeOldLogs(directory)
  const site = makeAgentSite(directory)
  const path = (name: string): string => join(directory, name)
  const whole = gzipSync(linesOf(2000, 12_000))
  writeFileSync(path('smtp.3.gz'), whole.subarray(0, whole.length >> 1))
  writeFileSync(path('smtp.2.gz'), 'no gzip at all')
  mkdirSync(path('smtp.1'))
  symlinkSync('../secret', path('old/vette.9'))
  const bad = ['smtp.3.gz', 'smtp.2.gz', 'smtp.1', 'smtp.gone', 'smtp.0', 'readme', 'old/vette.9'].map(path)
  const run = await result(site, ...bad, ...files)
  t.equal(run.code, 1)
  t.same([...run.refused].sort(), [...bad].sort())
  t.match(
    run.stderr,
    /A compressed log file is damaged or not whole: \S+smtp\.3\.gz \(Z_BUF_ERROR\)\n {2}\S.*\[MLS_FILE_DAMAGED\]/,
  )
  t.match(run.stderr, /smtp\.2\.gz \(Z_DATA_ERROR\)/)
  t.match(run.stderr, /smtp\.1 \(not a regular file\)/)
  t.match(run.stderr, /smtp\.0 \(ENOENT\)/)
  t.match(run.stderr, /A file has not the name of a Mailman log: \S+readme\n.*--log/)
  t.match(run.stderr, /vette\.9 \(a symbolic link/)
  t.notMatch(run.stderr, /\n {4}at /)
  const stored = sorted(storedNumbers(site))
  t.same(
    stored.filter(number => number < 1050),
    [...numbers(300), ...numbers(50).map(number => 1000 + number)],
  )
  const before = stored.filter(number => number >= 2000)
  t.ok(before.length > 1_000, `what stands before the damage: ${before.length}`)
  t.same(
    before,
    before.map((_, i) => 2000 + i),
    'without a gap',
  )
  writeFileSync(path('smtp.3.gz'), whole)
  t.match(await result(site, path('smtp.3.gz')), { code: 0, stored: 10_000 - before.length, duplicates: 0 }, 'the rest')
})

/** Many lines in a plain and a compressed file. */
function makeLongLogs(directory: string, count: number): string[] {
  writeFileSync(join(directory, 'vette.1'), linesOf(count / 2, count))
  writeFileSync(join(directory, 'vette.2.gz'), gzipSync(linesOf(0, count / 2)))
  return [join(directory, 'vette.1'), join(directory, 'vette.2.gz')]
}

t.test('kill -9 in the middle, three times: each line once, in order', async t => {
  const directory = t.testdir()
  const site = makeAgentSite(directory)
  const count = 40_000
  const files = makeLongLogs(directory, count)
  for (let kill = 0; kill < 3; kill++) {
    const run = start(t, site, ...files)
    const before = countSoFar(site.store)
    await until(() => run.child.exitCode !== null || countSoFar(site.store) > before, run.said, SLOW_MS)
    run.child.kill('SIGKILL')
    t.equal(await run.exit(), null, 'killed while it was at it')
  }
  t.ok(countSoFar(site.store) < count)
  t.match(await result(site, ...files), { code: 0, complete: true })
  t.same(storedNumbers(site), numbers(count))
})

/** Many lines on their way to a server that answers as it is told. */
async function makeLongStory(t: Test) {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  const directory = t.testdir()
  const site = makeAgentSite(directory, { elasticsearch: { nodes: [server.url] } })
  const count = 30_000
  return { server, site, count, files: makeLongLogs(directory, count) }
}

t.test('after kill -9 it goes on where it was', async t => {
  const { server, site, count, files } = await makeLongStory(t)
  server.next(honest, honest, honest, honest, honest, honest, () => 'hang')
  const run = start(t, site, ...files)
  await until(() => server.requests.length === 7, run.said, SLOW_MS)
  const settled = new RegExp(`"offset":${server.stored.size * numberedLine(0).length},`)
  const slots = ['checkpoint.0', 'checkpoint.1'].map(name => join(site.state, 'backfill', name))
  await until(() => slots.some(slot => existsSync(slot) && settled.test(readFileSync(slot, 'latin1'))), run.said, SLOW_MS)
  run.child.kill('SIGKILL')
  await run.exit()
  const before = server.stored.size
  t.match(await result(site, ...files), { code: 0, stored: count - before, duplicates: 0 }, 'nothing is read again')
  t.equal(server.stored.size, count)
})

const honest = () => undefined

t.test('Ctrl-C: what is on the way is stored, and how to go on is said; exit 1', async t => {
  const { server, site, count, files } = await makeLongStory(t)
  server.next(honest, honest, () => {
    run.child.kill('SIGINT')
    return undefined
  })
  const run = start(t, site, ...files)
  t.equal(await run.exit(), 1)
  t.match(run.said(), /Stopping after the batches on the way/)
  t.match(run.printed(), /Stopped before all was read; the same command goes on from here\.\n$/)
  const stored = server.stored.size
  t.ok(stored >= 2_000 && stored < count, `${stored}`)
  t.match(await result(site, ...files), { code: 0, stored: count - stored, duplicates: 0 }, 'nothing is read again')
  t.equal(server.stored.size, count)
})

t.test('beside a running agent on the same directory and store: each line once', async t => {
  const directory = t.testdir()
  const site = makeAgentSite(directory)
  const writer = new MailmanWriter(site.logs)
  t.teardown(() => writer.reopen())
  writer.append(8_000)
  writer.rotate()
  writer.reopen()
  writer.append(8_000)
  const agent = new AgentProcess(site.configFile)
  t.teardown(() => agent.end('SIGKILL'))
  const files = (): string[] => readdirSync(site.logs).map(name => join(site.logs, name))
  agent.start()
  for (let round = 0; round < 3; round++) {
    const run = start(t, site, '--again', ...files())
    for (let i = 0; i < 20; i++) {
      writer.append(50)
      await until(
        () => true,
        () => '',
      )
    }
    t.equal(await run.exit(), 0, run.said())
    t.equal(run.said().replace(/^backfill: \d+ %.*\n/gm, ''), '', 'nothing to tell of but, on a slow machine, how far it is')
    if (round === 1) {
      writer.rotate()
      writer.append(100)
      writer.reopen()
    }
  }
  await until(
    () => countSoFar(site.store) >= writer.next,
    () => `${writer.next} lines; there are ${countSoFar(site.store)}; the log: ${JSON.stringify(agent.log)}`,
  )
  t.equal(await agent.end('SIGTERM'), 0)
  t.same(sorted(storedNumbers(site)), numbers(writer.next), 'each line once')
  t.same(
    agent.log.filter(({ level }) => level !== 'info'),
    [],
    'the agent met no trouble',
  )
})

t.test('the last record of a live file is left to the agent while it may grow', async t => {
  const directory = t.testdir()
  const site = makeAgentSite(directory)
  const live = join(site.logs, 'error')
  const stamp = 'Nov 20 12:00:00 2026 (7)'
  const half = `${stamp} Uncaught runner exception: boom\n${stamp} Traceback (most recent call last):\n  File "a.py", line 1, in b\n`
  writeFileSync(live, `${stamp} first\n${half}`)
  t.match(await result(site, live), { code: 0, stored: 1, filesOpen: 1 })
  writeFileSync(live, `${stamp} first\n${half}    c()\nValueError: boom\nno newline yet`)
  const past = new Date(Date.now() - 120_000)
  utimesSync(live, past, past)
  t.match(await result(site, live), { code: 0, stored: 1, filesOpen: 1 })
  t.match(readEmbedded(site.store)[1], { error: { type: 'ValueError' } }, 'whole')
})

t.test('two at once are refused; while nothing is taken it waits, and says so once', async t => {
  const server = await startFakeElasticsearch()
  const port = Number(new URL(server.url).port)
  await server.close()
  const directory = t.testdir()
  const { files, events } = makeOldLogs(directory)
  const site = makeAgentSite(directory, { elasticsearch: { nodes: [server.url] } })
  const run = start(t, site, ...files)
  await until(() => /MLS_OUTPUT_UNREACHABLE/.test(run.said()), run.said)
  const second = await backfill(site, ...files)
  t.equal(second.code, 3)
  t.match(second.stderr, /MLS_STATE_LOCKED/)
  const again = await startFakeElasticsearch({ port })
  t.teardown(() => again.close())
  t.equal(await run.exit(), 0)
  t.equal(again.stored.size, events)
  t.equal(run.said().match(/MLS_OUTPUT/g)!.length, 1)
  t.match(run.said(), /Events are taken again, after /)
})

t.test('a progress bar on a terminal', async t => {
  const directory = t.testdir()
  const site = makeAgentSite(directory)
  const files = makeLongLogs(directory, 10_000)
  const command = [process.execPath, program, 'backfill', '--config', site.configFile, ...files].join(' ')
  const env = programEnvironment()
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let shown = ''
  child.stdout.on('data', (text: Buffer) => {
    shown += text
  })
  await once(child, 'close')
  t.equal(child.exitCode, 0)
  t.match(shown, /\r\x1b\[Kbackfill \[#+\.*\] \d+ % {2}[\d.]+ of [\d.]+ MB/)
  t.match(shown, /\r\x1b\[K2 files read in .*10,000 events stored/s)
})

t.test('Elasticsearch, over rollovers: .gz of what the agent shipped add nothing; older files do, once', async t => {
  const directory = t.testdir()
  const { client, elasticsearch, site } = await startSite(t, directory, { allowLookup: true })
  const { namespace } = site.config
  const agentSite = makeAgentSite(directory, { elasticsearch })
  const writer = new MailmanWriter(agentSite.logs)
  writer.append(2_000)
  writer.reopen()
  t.equal((await runProgram(['run', '--once', '--config', agentSite.configFile])).code, 0)
  const ids = async (): Promise<string[]> => (await readCluster(client, namespace)).map(({ event }) => event.id)
  const shipped = await ids()
  t.equal(shipped.length, 2_000)

  const rollOver = async (): Promise<void> => {
    const { data_streams } = await client.indices.resolveIndex({ name: `logs-mailman.*-${namespace}` })
    for (const { name } of data_streams) await client.indices.rollover({ alias: name })
  }
  await rollOver()

  const archive = join(directory, 'archive')
  cpSync(agentSite.logs, archive, { recursive: true })
  const files = readdirSync(archive).map(name => {
    const path = join(archive, `${name}.1.gz`)
    writeFileSync(path, gzipSync(readFileSync(join(archive, name))))
    return path
  })
  t.match(await result(agentSite, ...files), { code: 0, stored: 0, duplicates: 2_000 })
  const older = makeOldLogs(directory)
  t.match(await result(agentSite, ...older.files), { code: 0, stored: older.events, duplicates: 0 })
  await rollOver()
  await rollOver()
  t.match(await result(agentSite, '--again', ...files, ...older.files), { code: 0, stored: 0, duplicates: 2_350 })
  const after = await ids()
  t.equal(after.length, 2_350)
  t.equal(new Set(after).size, 2_350)
})

t.test('beside the unit on a real host, as README.md shows it', { skip: whyNoSystemdHost() ?? false }, async t => {
  const host = await startSystemdHost()
  t.teardown(() => host.stop())
  await installProject(host)
  const mailman = new HostMailman(host)
  await mailman.install()
  await mailman.write(50)
  await host.sh(`systemctl enable --now ${unit}`)
  await new HostAgent(host).stored(50)
  await host.sh(`
    install -d /etc/mailman-shipper; (umask 077; echo key >/etc/mailman-shipper/api-key)
    gzip -c /var/log/mailman/post >/var/log/mailman/post.2.gz`)
  const asRoot = await host.run('mailman-shipper', ['backfill', '/var/log/mailman/post'])
  t.equal(asRoot.code, 3)
  t.match(asRoot.stderr, /is user \d+’s; README\.md/)
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const [command] = /^systemd-run --pty(?:.*\\\n)+.*backfill.*$/m.exec(readme)!
  writeFileSync(host.path('/opt/backfill'), command)
  const shown = await host.sh('script -qefc "sh /opt/backfill" /dev/null')
  t.match(shown, /2 files read in .*: 0 events stored, 100 known before/)
  t.equal(await host.sh('stat -c "%U %a" /var/lib/mailman-shipper/backfill'), 'mailman-shipper 700\n')
  t.equal((await host.sh(`systemctl is-active ${unit}`)).trim(), 'active')
})

t.test('usage', async (t: Test) => {
  const { code, stdout } = await runProgram(['backfill', '--help'])
  t.equal(code, 0)
  t.match(stdout, /Examples:/)
  t.equal((await runProgram(['backfill'])).code, 2)
  t.equal((await runProgram(['backfill', '--log', '', 'x'])).code, 2)
})
