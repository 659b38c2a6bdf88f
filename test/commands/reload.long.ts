/** `run` is told to reload (SIGHUP): each line is stored once and in order, whatever the configuration becomes, and whenever it comes. */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { lockStateDirectory } from '../../src/checkpoint/lock.js'
import { errors } from '../../src/errors.js'
import { program, programEnvironment, runProgram } from '../support/agent-process.js'
import { writeSecret } from '../support/batch.js'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { numberedLine } from '../support/log-story.js'
import { numberOf } from '../support/mailman-writer.js'
import { ReloadStory } from '../support/reload-story.js'
import { until } from '../support/until.js'

const numbersIn = (file: string): number[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(line => numberOf(JSON.parse(line).message))
const refusals = (story: ReloadStory) => story.agent.log.filter(({ msg }) => /is refused/.test(`${msg}`))
const nobody = { ndjson: undefined, elasticsearch: { nodes: ['http://127.0.0.1:9'], compression: 'none' } } // «discard»

t.test('lines are written all the time, to a directory more each time', async t => {
  const story = new ReloadStory(t)
  story.write(100)
  story.start()
  await story.isReady()
  const directories = [story.logs]
  for (const name of ['second', 'third']) {
    const directory = join(story.directory, name)
    mkdirSync(directory)
    directories.push(directory)
    story.change({ logs: { directories, timezone: 'UTC' } })
    const before = story.readies
    story.hangUp()
    await until(
      () => {
        story.write(7)
        return story.readies > before
      },
      () => JSON.stringify(story.agent.log),
    )
    await story.shipsExactly()
    writeFileSync(join(directory, 'post'), numberedLine(story.next++))
    await story.shipsExactly(`${name}: its lines too`)
  }
  t.equal(story.starts, 3)
  await story.stop()
  await story.shipsExactly()
  t.same(story.troubles, [])
  t.match(story.told, [/^--ready/, /^RELOADING=1 MONOTONIC_USEC=\d+ /, /^--ready/, /^RELOADING=1/, /^--ready/, 'STOPPING=1'])
})

t.test('what cannot be used is refused with what to do, and the old goes on', async t => {
  const story = new ReloadStory(t)
  story.start()
  await story.isReady()
  const good = readFileSync(story.configFile, 'utf8')
  const { logs, state } = JSON.parse(good)
  const open = writeSecret(story.directory, 'open', 'k'.repeat(30))
  chmodSync(open, 0o644)
  const refused = [
    ['MLS_CONFIG_INVALID', { logz: logs }, /did you mean logs\?/],
    ['MLS_CONFIG_SECRET', { ndjson: undefined, elasticsearch: { apiKeyFile: open } }, /open to group or others/],
    ['MLS_OUTPUT_TLS', { ndjson: undefined, elasticsearch: { caFile: 'no.crt' } }, /no\.crt: ENOENT/],
    ['MLS_PRIVACY_KEY', { privacy: { addresses: 'hash' } }, /keyFile names none/],
    ['MLS_STATE_MOVED', { state: { directory: `${state.directory}2` } }, /state2 instead of /],
  ] as const
  for (const [code, options, text] of refused) {
    writeFileSync(story.configFile, good)
    story.change(options)
    await story.reload()
    t.match(refusals(story).at(-1), { code, level: 'error', remedy: errors[code].remedy, text })
    t.match(story.told.at(-1), /^--ready --status=Following the logs; the new configuration is refused/)
    story.write(5)
    await story.shipsExactly()
  }
  t.equal(story.starts, 1, 'the same agent')
  t.notOk(existsSync(`${state.directory}2`))
  writeFileSync(story.configFile, good)
  await story.reload()
  t.equal(story.starts, 2)
  t.equal(story.told.at(-1), '--ready --status=Following the logs')
  await story.stop()
})

t.test('another output each time: each line in one of them, once', async t => {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  const story = new ReloadStory(t, { ndjson: undefined })
  const stored = async (): Promise<number[]> => {
    const { stdout } = await runProgram(['search', '--json', '--limit', '1000', '--config', join(story.directory, 'local.yaml')])
    return stdout
      .split('\n')
      .slice(0, -1)
      .map(line => numberOf(JSON.parse(line).message))
  }
  const sent = () => [...server.stored.values()].map(document => numberOf(JSON.parse(document).message))
  writeFileSync(join(story.directory, 'local.yaml'), readFileSync(story.configFile))
  story.write(50)
  story.start()
  await story.isReady()
  story.write(50)
  story.change({ elasticsearch: { nodes: [server.url] } })
  await story.reload()
  story.write(50)
  await until(
    () => sent().includes(149),
    () => `the new lines come; there are ${sent()}`,
  )
  story.change({ elasticsearch: undefined, ndjson: { file: join(story.directory, 'shipped') } })
  await story.reload()
  story.write(50)
  await until(
    () => story.shipped.includes(199),
    () => 'the new lines come',
  )
  await story.stop()
  const [first, second, third] = [(await stored()).sort((a, b) => a - b), sent().sort((a, b) => a - b), story.shipped]
  t.ok(first.length >= 50 && second.length > 0 && third.length > 0)
  t.same(
    [...first, ...second, ...third],
    Array.from({ length: 200 }, (_, number) => number),
  )
})

t.test('asked again while it reloads', async t => {
  const story = new ReloadStory(t)
  story.write(2_000)
  story.start()
  await story.isReady()
  story.hangUp()
  await until(
    () => story.told.some(words => words.startsWith('RELOADING')),
    () => story.told.join('; '),
  )
  const shipped = join(story.directory, 'elsewhere')
  story.change({ ndjson: { file: shipped } }) // the file may have been read before
  story.hangUp()
  story.hangUp()
  await until(
    () => existsSync(shipped) && story.starts >= 3,
    () => story.told.join('; '),
  )
  await story.stop()
  t.same(
    [...story.shipped, ...numbersIn(shipped)],
    Array.from({ length: 2_000 }, (_, number) => number),
  )
})

t.test('in an outage: what is on the way is given up after a while, and goes to the new output', async t => {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  const story = new ReloadStory(t, nobody)
  story.write(3_000)
  story.start()
  await story.isReady()
  t.ok(story.status()?.holdUp ?? (await story.says(/MLS_OUTPUT_UNREACHABLE/)), 'ready, as it is tried again')
  story.change({ elasticsearch: { nodes: [server.url] } })
  await story.reload()
  story.write(10)
  await until(
    () => server.stored.size >= story.next,
    () => `${server.stored.size} lines`,
  )
  const numbers = [...server.stored.values()].map(document => numberOf(JSON.parse(document).message))
  t.same(
    numbers.sort((a, b) => a - b),
    Array.from({ length: story.next }, (_, number) => number),
  )
  await story.stop()
})

t.test('SIGTERM while a reload waits for an outage: it stops, and the next start has the lines', async t => {
  const story = new ReloadStory(t, nobody)
  story.write(3_000)
  story.start()
  await story.isReady()
  story.hangUp()
  await story.says(/read anew/)
  await story.stop()
  t.equal(story.starts, 1)
  t.equal(story.told.at(-1), 'STOPPING=1')
  story.change({ ndjson: { file: join(story.directory, 'shipped') }, elasticsearch: undefined })
  story.start()
  await story.shipsExactly()
  await story.stop()
})

t.test('many times: nothing is left over, nobody slips in, the metrics and the watchdog go on', async t => {
  const story = new ReloadStory(t, { metrics: { listen: '127.0.0.1:0' }, ndjson: undefined }, { WATCHDOG_USEC: '100000' })
  const port = () => story.agent.log.findLast(({ msg }) => `${msg}`.startsWith('serving'))?.port
  story.write(100)
  story.start()
  await story.isReady()
  story.change({ metrics: { listen: `127.0.0.1:${port()}` } })
  let isOver = false
  const intruder = until(
    async () => {
      await t.rejects(lockStateDirectory(story.state), { code: 'MLS_STATE_LOCKED' })
      return isOver
    },
    () => 'the reloads end',
    300_000,
  )
  const usage = () => {
    const status = readFileSync(`/proc/${story.agent.pid}/status`, 'utf8')
    const count = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1])
    return { files: readdirSync(`/proc/${story.agent.pid}/fd`).length, threads: count('Threads'), memoryKb: count('VmRSS') }
  }
  const reload = async (times: number) => {
    for (let time = 0; time < times; time++) {
      story.write(1)
      await story.reload()
    }
    const { status } = await fetch(`http://127.0.0.1:${port()}/healthz`)
    t.equal(status, 200)
    return usage()
  }
  const before = await reload(10)
  const pings = story.heard.length - story.told.length
  const after = await reload(25)
  isOver = true
  // A child that is telling the watchdog has some open.
  await until(
    () => usage().files <= before.files && usage().threads <= before.threads,
    () => `open files and threads as before: ${JSON.stringify([before, usage()])}`,
  )
  await intruder
  // An agent that stays, with its thread, is some 10 MB each time.
  t.ok(after.memoryKb < before.memoryKb + 80_000, `memory: ${before.memoryKb} kB, then ${after.memoryKb} kB`)
  t.ok(story.heard.length - story.told.length > pings, 'the watchdog is told')
  t.same(story.troubles, [])
  await story.stop()
})

t.test('ready when the output has answered, not before; asked to reload meanwhile, it does so then', async t => {
  const held = new Set<Socket>()
  let isHolding = true
  const server = createServer(socket => {
    socket.on('error', () => {})
    if (isHolding) held.add(socket)
    else socket.destroy()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const story = new ReloadStory(t, { ndjson: undefined, elasticsearch: { nodes: [`http://127.0.0.1:${port}`] } })
  story.start()
  await until(
    () => held.size > 0,
    () => 'it asks, though there is nothing to ship',
  )
  story.hangUp()
  story.hangUp()
  t.same(story.told, [])
  isHolding = false
  for (const socket of held) socket.destroy()
  await story.isReady(2)
  t.match(story.told, [/^--ready/, /^RELOADING=1/, /^--ready/])
  t.match(story.troubles, [{ code: /^MLS_OUTPUT/ }, { code: /^MLS_OUTPUT/ }], 'and tells what is wrong')
  await story.stop()
  server.close()
})

t.test('in a terminal that is closed it ends', async t => {
  const story = new ReloadStory(t)
  const command = `exec env -u NODE_OPTIONS '${process.execPath}' '${program}' run --config '${story.configFile}'`
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: 'ignore', env: programEnvironment() })
  story.write(5)
  await story.ships()
  const pid = await until(
    () => story.status()?.pid,
    () => 'a status',
  )
  t.teardown(() => existsSync(`/proc/${pid}`) && process.kill(Number(pid), 'SIGKILL'))
  terminal.kill('SIGKILL')
  await until(
    () => !existsSync(`/proc/${pid}`),
    () => 'it ends',
  )
  await story.shipsExactly()
})
