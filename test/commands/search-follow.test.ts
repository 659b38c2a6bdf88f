/** `search --follow`: what arrives is shown once, in whatever order it arrives; the same on both stores. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runSearch, type SearchArguments } from '../../src/commands/search.js'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { Store } from '../../src/store/store.js'
import { walk } from '../../src/store/walk.js'
import { program, programEnvironment } from '../support/agent-process.js'
import { startChaosProxy } from '../support/chaos-proxy.js'
import { batchOf, documentOf } from '../support/documents.js'
import { startNamespace } from '../support/templates.js'
import { until } from '../support/until.js'

const NOON = Date.parse('2024-03-01T12:00:00Z')
let stored = 0

/** @param second after noon */
const event = (second: number, message: string, list = 'announce') =>
  documentOf({
    id: `event-${stored++}`,
    at: new Date(NOON + second * 1000).toISOString(),
    offset: stored,
    list,
    action: 'message-held',
    message,
  })

/** A configuration of the embedded store, and a way into it. */
function makeSite(t: Test) {
  const directory = t.testdir()
  const config = join(directory, 'config.yaml')
  writeFileSync(config, 'logs: { directories: [logs], timezone: UTC }\nstate: { directory: state }\nlocal: { file: events.db }\n')
  mkdirSync(join(directory, 'state'), { mode: 0o700 })
  const file = join(directory, 'events.db')
  const store = new Store({ file, keepDays: 90 })
  t.teardown(() => store.close())
  const put = (...documents: Record<string, unknown>[]) => void store.write(batchOf(documents), 0)
  return { config, file, put }
}

/** Follows until the test ends it. */
function startFollowing(t: Test, given: SearchArguments) {
  const out: string[] = []
  const err: string[] = []
  const end = new AbortController()
  const screen = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    columns: undefined,
    isColoured: false,
    now: () => NOON + 3_600_000,
  }
  const done = runSearch({ ...given, follow: true }, screen, end.signal)
  t.teardown(() => end.abort())
  const texts = () => out.map(line => (given.json ? JSON.parse(line).message : line.split('  ').at(-1)))
  const shows = async (...expected: string[]) => {
    await until(
      () => texts().length >= expected.length,
      () => `${expected}; shown are ${texts()}; ${err}`,
    )
    t.same(texts(), expected)
  }
  const stop = async () => {
    end.abort()
    await done
  }
  return { out, err, shows, stop, done }
}

t.test('the newest, then each that arrives once: of the same moment, late by less than a minute, not of other lists', async t => {
  const { config, put } = makeSite(t)
  put(event(0, 'one'), event(1, 'two'), event(2, 'three'), event(3, 'other', 'devel'))
  const following = startFollowing(t, { config, list: 'announce', limit: 2 })
  await following.shows('text', 'two', 'three')
  put(event(2, 'same moment'), event(-50, 'late'), event(4, 'elsewhere', 'devel'))
  await following.shows('text', 'two', 'three', 'late', 'same moment')
  put(event(100, 'four'))
  await following.shows('text', 'two', 'three', 'late', 'same moment', 'four')
  // Of a clock that is ahead: nothing of the others is late for that.
  put(event(36_000, 'ahead'))
  await following.shows('text', 'two', 'three', 'late', 'same moment', 'four', 'ahead')
  put(event(3600, 'now'))
  await following.shows('text', 'two', 'three', 'late', 'same moment', 'four', 'ahead', 'now')
  put(event(3600 - 59, 'late again'), event(3600 - 61, 'too late'), event(3601, 'last'))
  await following.shows('text', 'two', 'three', 'late', 'same moment', 'four', 'ahead', 'now', 'late again', 'last')
  await following.stop()
  t.equal(following.out.filter(line => line.startsWith('time')).length, 1, 'one head')
  t.same(following.err, [])
})

t.test('JSON, and a store without anything that fits yet', async t => {
  const { config, put } = makeSite(t)
  put(event(0, 'of another list', 'devel'))
  const following = startFollowing(t, { config, list: 'announce', json: true })
  put(event(-30, '\x1b[2J'))
  await following.shows('\x1b[2J')
  t.notMatch(following.out.join(''), /\x1b/)
  await following.stop()
})

t.test('--until has no meaning with it; no store, no waiting', async t => {
  const { config } = makeSite(t)
  await t.rejects(startFollowing(t, { config, until: '2024-03-01' }).done, { code: 'MLS_USAGE_INVALID' })
  await t.rejects(startFollowing(t, { config }).done, { code: 'MLS_STORE_MISSING' })
})

t.test('Ctrl-C ends it with 0', async t => {
  const { config, put } = makeSite(t)
  put(event(0, 'one'))
  const child = spawn(process.execPath, [program, 'search', '--follow', '--config', config], { env: programEnvironment() })
  t.teardown(() => child.kill('SIGKILL'))
  let out = ''
  child.stdout.on('data', text => {
    out += text
  })
  await until(
    () => out.includes('one'),
    () => `the first event is shown: ${out}`,
  )
  child.kill('SIGINT')
  t.same(await once(child, 'exit'), [0, null])
})

t.test('walk: all, page after page, none twice, also where a page ends within a moment', async t => {
  const { file, put } = makeSite(t)
  const all = [0, 0, 1, 1, 1, 2, 3, 3, 4].map((second, i) => event(second, `${i}`))
  put(...all)
  const store = openSqliteStore(file)
  t.teardown(() => store.close())
  for (const limit of [4, 5, 100]) {
    const found: unknown[] = []
    for await (const page of walk(store, {}, limit)) found.push(...page.map(({ document }) => document.message))
    t.same(
      found,
      all.map(({ message }) => message),
      `${limit} each`,
    )
  }
})

t.test('Elasticsearch, which goes away for a while', async t => {
  const { server, namespace, client } = await startNamespace(t)
  const directory = t.testdir({})
  let proxy = await startChaosProxy(server)
  t.teardown(() => proxy.close())
  const put = (...documents: Record<string, unknown>[]) =>
    client.bulk({
      operations: documents.flatMap(document => [{ create: { _index: `logs-mailman.vette-${namespace}` } }, document]),
      refresh: 'wait_for',
    })
  writeFileSync(join(directory, 'password'), server.password, { mode: 0o600 })
  const config = join(directory, 'config.yaml')
  const fields = `nodes: ["${proxy.url}"], username: ${server.user}, passwordFile: password, namespace: ${namespace}`
  writeFileSync(config, `logs: { timezone: UTC }\nelasticsearch: { ${fields} }\n`)
  await put(event(0, 'one'), event(1, 'two'))
  const following = startFollowing(t, { config, limit: 1, json: true })
  await following.shows('two')
  await put(event(1, 'same moment'), event(-20, 'late'))
  await until(
    () => following.out.length === 3,
    () => `both are shown: ${following.out}`,
  )
  const { port } = proxy
  await proxy.close()
  await until(
    () => following.err.length === 1,
    () => 'it says that it waits',
  )
  await put(event(2, 'meanwhile'))
  proxy = await startChaosProxy(server, { port })
  await until(
    () => following.out.length === 4,
    () => `it goes on: ${following.err}`,
  )
  t.match(following.err, [/cannot be reached: .*Asking again/, 'The store answers again.'])
  await following.stop()
  const shown = following.out.map(line => JSON.parse(line).message)
  t.same([shown[0], new Set(shown.slice(1, 3)), shown[3]], ['two', new Set(['same moment', 'late']), 'meanwhile'])
})
