import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../src/config/load.js'
import { lookAround, type Surroundings } from '../../src/config/surroundings.js'
import { noAlerts } from '../support/no-alerts.js'

/** A host of its own: nothing of the real one can be found. */
function surround(directory: string, more: Partial<Surroundings> = {}): Surroundings {
  return {
    env: {},
    hostname: 'lists1',
    isRoot: true,
    home: join(directory, 'home'),
    timezone: 'Europe/London',
    systemFile: join(directory, 'etc/config.yaml'),
    usualDirectories: [],
    ...more,
  }
}

t.test('without any file everything has its default', async t => {
  const directory = t.testdir()
  t.same(await loadConfig(undefined, { surroundings: surround(directory) }), {
    file: undefined,
    warnings: [],
    host: { name: 'lists1' },
    instance: 'main',
    logs: { directories: [], names: [], mailman: 'auto', timezone: 'Europe/London', formerTimezones: [], keepOriginal: false },
    elasticsearch: undefined,
    local: { file: '/var/lib/mailman-shipper/events.db', keepDays: 90, keepDaysOf: new Map() },
    ndjson: undefined,
    privacy: { addresses: 'keep', names: 'keep', subjects: 'keep', ips: 'keep', keyFile: undefined },
    metrics: undefined,
    web: { listen: '127.0.0.1:8025', askMyList: undefined },
    alerts: { ...noAlerts, enabled: true },
    state: { directory: '/var/lib/mailman-shipper' },
  })
})

t.test('every option is taken; paths are relative to the file', async t => {
  const directory = t.testdir({
    'all.yaml': `
host: { name: lists1.example.org }
instance: second
logs:
  directories: [logs, /var/log/other]
  names: [archive]
  mailman: 2.1
  timezone: America/New_York
  formerTimezones: ["UTC until 2024-05-01T09:00:00Z"]
  keepOriginal: true
elasticsearch:
  nodes: ["https://a.example:9200", "https://b.example:9200/es"]
  apiKeyFile: api-key
  caFile: ca.crt
  compression: none
  namespace: lists
  agentMetrics: false
local: { file: events.db, keepDays: 7, keepDaysOf: { subscribe: 365, smtp-failure: 30, archive: 1, mailman: 8 } }
privacy: { addresses: hash, names: drop, keyFile: privacy-key }
metrics: { listen: "[::1]:9826" }
state: { directory: state }
web: { listen: "127.0.0.1:8026" }
`,
    'ndjson.yaml': 'ndjson: { file: out.ndjson }\n',
    'stdout.yaml': 'ndjson: { file: "-" }\nlogs: { mailman: 3 }\nmetrics: {}\n',
    'password.yaml': 'elasticsearch: { username: u, passwordFile: p }\n',
  })
  const surroundings = surround(directory)
  t.same(await loadConfig(join(directory, 'all.yaml'), { surroundings }), {
    file: join(directory, 'all.yaml'),
    warnings: ['local: not written, since events go to elasticsearch; only searched.'],
    host: { name: 'lists1.example.org' },
    instance: 'second',
    logs: {
      directories: [join(directory, 'logs'), '/var/log/other'],
      names: ['archive'],
      mailman: '2.1',
      timezone: 'America/New_York',
      formerTimezones: [{ timezone: 'UTC', untilMs: Date.parse('2024-05-01T09:00:00Z') }],
      keepOriginal: true,
    },
    elasticsearch: {
      nodes: ['https://a.example:9200', 'https://b.example:9200/es'],
      apiKeyFile: join(directory, 'api-key'),
      username: undefined,
      passwordFile: undefined,
      caFile: join(directory, 'ca.crt'),
      compression: 'none',
      namespace: 'lists',
      agentMetrics: false,
    },
    local: {
      file: join(directory, 'events.db'),
      keepDays: 7,
      keepDaysOf: new Map([
        ['mailman.subscribe', 365],
        ['mailman.smtp_failure', 30],
        ['mailman.archive', 1],
        ['mailman.core', 8],
      ]),
    },
    ndjson: undefined,
    privacy: { addresses: 'hash', names: 'drop', subjects: 'keep', ips: 'keep', keyFile: join(directory, 'privacy-key') },
    metrics: { listen: '[::1]:9826' },
    web: { listen: '127.0.0.1:8026', askMyList: undefined },
    alerts: { ...noAlerts, enabled: true },
    state: { directory: join(directory, 'state') },
  })
  t.same((await loadConfig(join(directory, 'ndjson.yaml'), { surroundings })).ndjson, { file: join(directory, 'out.ndjson') })
  const stdout = await loadConfig(join(directory, 'stdout.yaml'), { surroundings })
  t.same(stdout.ndjson, { file: '-' })
  t.equal(stdout.logs.mailman, '3')
  t.same(stdout.metrics, { listen: '127.0.0.1:9825' })
  t.same((await loadConfig(join(directory, 'password.yaml'), { surroundings })).elasticsearch, {
    nodes: ['https://localhost:9200'],
    apiKeyFile: undefined,
    username: 'u',
    passwordFile: join(directory, 'p'),
    caFile: undefined,
    compression: 'gzip',
    namespace: 'default',
    agentMetrics: true,
  })
})

t.test('which file: --config, a people’s own for people’s commands, the system’s, none', async t => {
  const directory = t.testdir({
    etc: { 'config.yaml': 'instance: system\n' },
    home: { '.config': { 'mailman-shipper': { 'config.yaml': 'instance: people\n' } } },
    xdg: { 'mailman-shipper': { 'config.yaml': 'instance: xdg\n' } },
    'given.yaml': 'instance: given\n',
  })
  const surroundings = surround(directory)
  const instanceOf = async (path: string | undefined, options: Parameters<typeof loadConfig>[1]) =>
    (await loadConfig(path, options)).instance
  t.equal(await instanceOf(undefined, { surroundings }), 'system')
  t.equal(await instanceOf(undefined, { surroundings, forPeople: true }), 'people')
  t.equal(await instanceOf(join(directory, 'given.yaml'), { surroundings, forPeople: true }), 'given')
  const env = { XDG_CONFIG_HOME: join(directory, 'xdg') }
  t.equal(await instanceOf(undefined, { surroundings: { ...surroundings, env }, forPeople: true }), 'xdg')
  t.equal(await instanceOf(undefined, { surroundings: surround(join(directory, 'none')), forPeople: true }), 'main')
})

t.test('the state directory: systemd’s, else root’s, else below the XDG state directory', async t => {
  const directory = t.testdir()
  const stateWith = async (more: Partial<Surroundings>) =>
    (await loadConfig(undefined, { surroundings: surround(directory, more) })).state.directory
  t.equal(await stateWith({ env: { STATE_DIRECTORY: '/var/lib/a:/var/lib/b' } }), '/var/lib/a')
  t.equal(await stateWith({ isRoot: false, home: '/home/ann' }), '/home/ann/.local/state/mailman-shipper')
  t.equal(await stateWith({ isRoot: false, env: { XDG_STATE_HOME: '/xdg' } }), '/xdg/mailman-shipper')
  t.equal(
    await stateWith({ isRoot: false, home: '/home/ann', env: { XDG_STATE_HOME: 'relative' } }),
    '/home/ann/.local/state/mailman-shipper',
  )
})

t.test('the usual directories that exist, each place once, under its first name', async t => {
  const directory = t.testdir({ a: {}, c: {}, file: '' })
  symlinkSync(join(directory, 'a'), join(directory, 'link'))
  const names = ['a', 'link', 'missing', 'file', 'c'].map(name => join(directory, name))
  const surroundings = surround(directory, { usualDirectories: names })
  t.same((await loadConfig(undefined, { surroundings })).logs.directories, [join(directory, 'a'), join(directory, 'c')])
  t.ok(lookAround().usualDirectories.includes('/var/log/mailman'))
})

t.test('a systemd credential goes before the privacy key’s file, an empty one does not', async t => {
  const directory = t.testdir({
    credentials: { 'privacy-key': 'k'.repeat(64) },
    'key.yaml': 'privacy: { ips: hash, keyFile: /etc/key }\n',
  })
  const credentials = join(directory, 'credentials')
  const surroundings = surround(directory, { env: { CREDENTIALS_DIRECTORY: credentials } })
  const keyFile = async () => (await loadConfig(join(directory, 'key.yaml'), { surroundings })).privacy.keyFile
  t.equal(await keyFile(), join(credentials, 'privacy-key'))
  writeFileSync(join(credentials, 'privacy-key'), '\n')
  t.equal(await keyFile(), '/etc/key')
})

t.test('a systemd credential goes before the API key’s file, not before a password', async t => {
  const directory = t.testdir({
    credentials: { 'elasticsearch-api-key': 'a key' },
    'key.yaml': 'elasticsearch: { apiKeyFile: /etc/key }\n',
    'user.yaml': 'elasticsearch: { username: u, passwordFile: /etc/p }\n',
  })
  const surroundings = surround(directory, { env: { CREDENTIALS_DIRECTORY: join(directory, 'credentials') } })
  const keyOf = async (name: string) => (await loadConfig(join(directory, name), { surroundings })).elasticsearch?.apiKeyFile
  t.equal(await keyOf('key.yaml'), join(directory, 'credentials/elasticsearch-api-key'))
  t.equal(await keyOf('user.yaml'), undefined)
  writeFileSync(join(directory, 'credentials/elasticsearch-api-key'), '\n')
  t.equal(await keyOf('key.yaml'), '/etc/key', 'the unit’s stand-in for a missing file is none')
})

t.test('options that do nothing, and odd ones, are warned about', async t => {
  const directory = t.testdir({
    'odd.yaml': `
web: { listen: "0.0.0.0:8025" }
metrics: { listen: "[::]:9825" }
privacy: { addresses: keep, keyFile: /etc/key }
elasticsearch: { nodes: ["http://es.example.org:9200", "http://127.0.0.1:9200", "http://[::1]:9200", "http://localhost:9200"] }
`,
  })
  chmodSync(join(directory, 'odd.yaml'), 0o666)
  const { file, warnings } = await loadConfig(join(directory, 'odd.yaml'), {
    surroundings: surround(directory, { timezone: undefined }),
  })
  t.same(warnings, [
    `${file}: every user of this host can change it; chmod 644 it.`,
    'privacy.keyFile: nothing is to be hashed, so it has no effect.',
    'elasticsearch.nodes: es.example.org:9200 is spoken to without TLS; events and the key can be read on the way.',
    'metrics.listen: whoever reaches [::]:9825 can read the metrics; there is no password.',
    'web.listen: whoever reaches 0.0.0.0:8025 can read the events; there is no password.',
    'logs.timezone: this host does not tell its time zone; UTC is assumed.',
  ])
})

t.test('a directory named twice is read once', async t => {
  const directory = t.testdir({ 'c.yaml': 'logs: { directories: [logs, ./logs, link, later] }\n' })
  mkdirSync(join(directory, 'logs'))
  symlinkSync('logs', join(directory, 'link'))
  const { logs } = await loadConfig(join(directory, 'c.yaml'), { surroundings: surround(directory) })
  t.same(logs.directories, [join(directory, 'logs'), join(directory, 'later')])
})
