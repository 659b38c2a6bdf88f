import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { runCheck } from '../../src/commands/check.js'
import { startElasticsearch } from '../support/elasticsearch.js'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { makeSite } from '../support/setup.js'

/** A runtime that nothing is to be said of. */
const supported = { version: 'v24.1.0', nowMs: Date.parse('2026-11-23T00:00:00Z') }

async function check(path: string, json = false): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const code = await runCheck(path, { json, ...supported }, { out: line => lines.push(line) })
  return { code, text: lines.join('\n') }
}

/** A host with one log and a configuration of these lines. */
function makeHost(t: Test, options = '', log = 'vette'): string {
  const directory = t.testdir({ logs: { [log]: 'x'.repeat(1500), 'vette.1': '', other: '' } })
  const file = join(directory, 'config.yaml')
  mkdirSync(join(directory, 'state'), { mode: 0o700 })
  const common = `host: { name: lists1 }\nlogs: { directories: [logs], timezone: UTC }\nstate: { directory: state }\n`
  writeFileSync(file, common + options)
  return directory
}

t.test('a host that is ready', async t => {
  const directory = makeHost(t)
  const { code, text } = await check(join(directory, 'config.yaml'))
  t.equal(
    text,
    `ok       configuration: ${directory}/config.yaml; host lists1, instance main
ok       logs: ${directory}/logs: 2 files, 1.5 kB (vette)
ok       logs: their stamps are in UTC
ok       state directory: ${directory}/state, mode 700
ok       alerts: they are only events; nobody is told (alerts.mail, webhooks, command, journal)
ok       embedded store: ${directory}/state/events.db will be made
The agent can run.`,
  )
  t.equal(code, 0)
})

t.test('a configuration that is refused: every mistake, and nothing else is tried', async t => {
  const directory = makeHost(t, 'locl: {}\nndjson: { fil: x }\n')
  const { code, text } = await check(join(directory, 'config.yaml'))
  t.equal(
    text,
    `problem  configuration: ${directory}/config.yaml (MLS_CONFIG_INVALID)
         line 4: locl: unknown; did you mean local?
         line 5: ndjson.fil: unknown; did you mean ndjson.file?
         Correct these lines.
1 problem.`,
  )
  t.equal(code, 2)
})

t.test('JSON says the same to machines', async t => {
  const directory = makeHost(t)
  chmodSync(join(directory, 'state'), 0o770)
  const { code, text } = await check(join(directory, 'config.yaml'), true)
  t.equal(code, 3)
  const { findings, ...rest } = JSON.parse(text) as { findings: object[] }
  t.same(rest, { ok: false, code: 'MLS_STATE_UNSAFE' })
  t.has(findings, [{}, {}, {}, { status: 'problem', subject: 'state directory', code: 'MLS_STATE_UNSAFE' }])
})

t.test('the state directory: what is safe and what is not', async t => {
  const directory = makeHost(t)
  const state = join(directory, 'state')
  const sayState = async () => {
    const { code, text } = await check(join(directory, 'config.yaml'))
    return [code, /state directory: (.*)/u.exec(text)?.[1]]
  }
  chmodSync(state, 0o755)
  t.same(await sayState(), [0, `${state}, mode 755`])
  chmodSync(state, 0o772)
  t.same(await sayState(), [3, `${state} can be written by group or others (MLS_STATE_UNSAFE)`])
  rmSync(state, { recursive: true })
  t.same(await sayState(), [0, `${state} will be made`])
  symlinkSync('logs', state)
  t.same(await sayState(), [3, `${state} is a symbolic link (MLS_STATE_UNSAFE)`])
  rmSync(state)
  writeFileSync(state, '')
  t.same(await sayState(), [3, `${state} is not a directory (MLS_STATE_UNSAFE)`])
})

t.test('no log at all is a problem; a directory that is missing beside others is not', async t => {
  const directory = makeHost(t, '', 'unknown')
  rmSync(join(directory, 'logs/vette.1'))
  const none = await check(join(directory, 'config.yaml'))
  t.equal(none.code, 1)
  t.match(none.text, /^problem {2}logs: no log in .*logs \(MLS_FILES_NONE\)$/m)

  writeFileSync(join(directory, 'more.yaml'), 'logs: { directories: [logs, later] }\nstate: { directory: state }\n')
  writeFileSync(join(directory, 'logs/smtp-failure'), '')
  const some = await check(join(directory, 'more.yaml'))
  t.equal(some.code, 0)
  t.match(some.text, /^warning {2}logs: .*later does not exist$/m)
})

t.test('NDJSON: standard output, or a file that can be made', async t => {
  const directory = makeHost(t, 'ndjson: { file: state }\n')
  const { code, text } = await check(join(directory, 'config.yaml'))
  t.equal(code, 4)
  t.match(text, /^problem {2}ndjson: .*state is a directory \(MLS_NDJSON_UNWRITABLE\)$/m)
  writeFileSync(join(directory, 'out.yaml'), 'logs: { directories: [logs] }\nstate: { directory: state }\nndjson: {}\n')
  t.match((await check(join(directory, 'out.yaml'))).text, /^ok {7}ndjson: to standard output$/m)
})

t.test(
  'without rights: which group would help',
  { skip: process.getuid?.() !== 0 && 'only root can give up rights' },
  async t => {
    const directory = mkdtempSync(join(tmpdir(), 'check-'))
    t.teardown(() => rmSync(directory, { recursive: true }))
    chmodSync(directory, 0o755)
    for (const [name, mode] of [
      ['vette', 0o640],
      ['error', 0o600],
      ['post', 0o644],
    ] as const) {
      writeFileSync(join(directory, name), '')
      chmodSync(join(directory, name), mode)
      chownSync(join(directory, name), 0, 0)
    }
    const file = join(directory, 'config.yaml')
    writeFileSync(file, `logs: { directories: ["${directory}"], timezone: UTC }\nstate: { directory: state }\n`)
    const script = fileURLToPath(new URL('../support/check-as-nobody.ts', import.meta.url))
    const { stdout, status, stderr } = spawnSync(process.execPath, [...process.execArgv, script, file], { encoding: 'utf8' })
    t.equal(status, 1, stderr)
    t.match(stdout, /^ok {7}logs: .*: 1 files, 0 bytes \(post\)$/m)
    t.match(stdout, /vette cannot be read \(EACCES\) \(MLS_FILE_UNREADABLE\)\n {9}Give the agent the group root: /)
    t.match(
      stdout,
      /error cannot be read \(EACCES\) \(MLS_FILE_UNREADABLE\)\n {9}Not even its group \(root\) may read it: chmod g\+r /,
    )
    t.match(stdout, /state does not exist, and this user may not make it in .* \(MLS_STATE_UNSAFE\)$/m)
    t.match(stdout, /^problem {2}embedded store: .* cannot be written \(EACCES\) \(MLS_STORE_UNWRITABLE\)$/m)
  },
)

t.test('nobody listens', async t => {
  const directory = makeHost(t, 'elasticsearch: { nodes: ["http://127.0.0.1:1"] }\n')
  const { code, text } = await check(join(directory, 'config.yaml'))
  t.equal(code, 4)
  t.match(text, /^problem {2}elasticsearch: http:\/\/127\.0\.0\.1:1: .* refuses the connection.*\(MLS_OUTPUT_UNREACHABLE\)$/m)
})

t.test('the index template: missing, and another’s', async t => {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  const directory = makeHost(t, `elasticsearch: { nodes: ["${server.url}"] }\n`)
  server.template = { status: 404, body: {} }
  const missing = await check(join(directory, 'config.yaml'))
  t.equal(missing.code, 4)
  t.match(
    missing.text,
    /^problem {2}elasticsearch: .*logs-mailman is missing \(MLS_OUTPUT_TEMPLATE\)\n {9}Run `mailman-shipper setup`/m,
  )
  t.match(missing.text, /^warning {2}elasticsearch: security is off/m)
  server.template = { body: { index_templates: [{ name: 'logs-mailman', index_template: {} }] } }
  server.figuresTemplate = { status: 404, body: {} }
  const foreign = await check(join(directory, 'config.yaml'))
  t.equal(foreign.code, 0)
  t.match(foreign.text, /^warning {2}elasticsearch: index template logs-mailman is not ours$/m)
  t.match(
    foreign.text,
    /^warning {2}elasticsearch: index template metrics-mailman\.agent is missing\n {9}.*run `mailman-shipper setup` again/m,
  )
})

t.test('a real cluster: before setup, after it, and with a key that is refused', async t => {
  const server = await startElasticsearch()
  t.teardown(() => server.stop())
  const directory = makeHost(t)
  const site = makeSite(server, directory)
  const file = join(directory, 'config.yaml')
  const { nodes, apiKeyFile, caFile, namespace } = site.config
  // JSON is YAML.
  const configure = (credentials: object) =>
    writeFileSync(
      file,
      JSON.stringify({
        logs: { directories: ['logs'] },
        state: { directory: 'state' },
        elasticsearch: { nodes, caFile, namespace, ...credentials },
      }),
    )

  configure({ apiKeyFile })
  const before = await check(file)
  t.equal(before.code, 2)
  t.match(
    before.text,
    /^problem {2}elasticsearch: .*there is no such file; the agent’s is made by `mailman-shipper setup` \(MLS_CONFIG_SECRET\)$/m,
  )

  t.equal((await site.setup()).code, 0)
  const after = await check(file)
  t.equal(after.code, 0, after.text)
  t.match(after.text, /^ok {7}elasticsearch: https:.*: Elasticsearch 9\.5\.0, spoken to as version 9, TLS verified$/m)
  t.match(after.text, /^ok {7}elasticsearch: index template logs-mailman is there$/m)
  t.match(after.text, /^ok {7}elasticsearch: index template metrics-mailman\.agent is there$/m)
  t.match(after.text, new RegExp(`^ok {7}elasticsearch: the key may write logs-mailman\\.\\*-${namespace}$`, 'm'))
  t.match(after.text, /^ok {7}elasticsearch: the key may not look up what is stored: .*`setup --allow-lookup`/m)
  t.equal((await site.setup({ allowLookup: true })).code, 0)
  t.match((await check(file)).text, /^ok {7}elasticsearch: the key may look up what is stored: nothing is stored twice/m)

  writeFileSync(apiKeyFile!, Buffer.from('wrong:wrongwrongwrongwrong').toString('base64'))
  const refused = await check(file)
  t.equal(refused.code, 4)
  t.match(refused.text, /\(MLS_OUTPUT_AUTH\)$/m)

  configure({ username: server.user, passwordFile: site.adminFile })
  t.equal((await check(file)).code, 0, 'a user with a password will do')
})
