import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { runCheckUnit, type UnitOptions } from '../../src/commands/check-unit.js'
import { whatLacks } from '../../src/commands/check-unit-force.js'

const shipped = fileURLToPath(new URL('../../deploy/systemd/mailman-shipper.service', import.meta.url))
const names = new Map([
  ['es.example.org', ['2001:db8::7', '203.0.113.7', '10.1.2.3']],
  ['inside.example.org', ['192.168.3.4']],
  ['hooks.example.com', ['198.51.100.1', '198.51.100.2']],
  ['secret-name.example.com', ['198.51.100.9']],
])

const needsRoot = { skip: process.getuid?.() === 0 ? false : 'needs root: files of other groups are made' }

/** A host with one log of group `list` (38) and a configuration of these lines. */
class Host {
  readonly directory: string
  readonly dropIn: string
  constructor(t: Test, configuration: string, { resolver = '10.0.0.53', unit = '' } = {}) {
    this.directory = t.testdir({
      logs: { vette: 'x', 'vette.1': 'x' },
      data: { private: {} },
      passwd: 'root:x:0:0::/:\nmailman-shipper:x:990:990::/:\n',
      group: 'root:x:0:\ndisk:x:6:\nlist:x:38:\nmailman:x:41:\nmailman-shipper:x:990:\nextra:x:50:other,mailman-shipper\n',
      'resolv.conf': `# nameserver 192.0.2.1\nnameserver ${resolver}\nnameserver fe80::1%eth0\n`,
      'config.yaml': `logs: { directories: [logs] }\n${configuration}`,
      unit: readFileSync(shipped, 'utf8').replace('[Install]', `${unit}\n[Install]`),
    })
    this.dropIn = join(this.directory, 'system/mailman-shipper.service.d/50-site.conf')
    for (const name of ['logs', 'logs/vette', 'logs/vette.1']) this.own(name, 38, name === 'logs' ? 0o750 : 0o640)
  }

  own(name: string, group: number, mode: number): void {
    chownSync(join(this.directory, name), 0, group)
    chmodSync(join(this.directory, name), mode)
  }

  async run({ asRoot = true, ...options }: Partial<UnitOptions> & { asRoot?: boolean } = {}) {
    const at = (name: string) => join(this.directory, name)
    const out: string[] = []
    const err: string[] = []
    const places = {
      unitFiles: [at('nowhere'), at('unit')],
      passwd: at('passwd'),
      group: at('group'),
      resolvConf: at('resolv.conf'),
      dropIn: this.dropIn,
      addressesOf: async (name: string) => names.get(name) ?? [],
    }
    const common = { json: false, write: false, places, isRoot: asRoot }
    const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line) }
    const code = await runCheckUnit(at('config.yaml'), { ...common, ...options }, io)
    const text = out.join('\n')
    return { code, text, err: err.join('\n'), settings: text.split('\n').filter(line => /^[A-Z]/.test(line)) }
  }
}

t.test('nothing is needed: it says so, and prints no setting', needsRoot, async t => {
  const host = new Host(
    t,
    'elasticsearch: { nodes: ["https://10.2.3.4:9200", "https://[fd00::1]:9200", "http://localhost:9200"] }\n',
  )
  const { code, text, err, settings } = await host.run()
  t.same(settings, [])
  t.match(text, /^# The configuration \(.*config\.yaml\) needs nothing beyond .*unit\.$/m)
  t.equal(err, '')
  t.equal(code, 0)
})

t.test('addresses: all of each name, the resolvers where a name is asked for, secrets kept', needsRoot, async t => {
  const host = new Host(
    t,
    `elasticsearch: { nodes: ["https://es.example.org:9200", "https://inside.example.org:9200", "https://[2001:db8::1]:9200"] }
alerts:
  mail: { servers: ["smtp://es.example.org"], from: a@example.org, to: [b@example.org] }
  webhooks: [{ name: chat, url: "https://hooks.example.com/token-in-the-path", shape: slack }]
  heartbeat: { urlFile: url }
metrics: { listen: "0.0.0.0:9825" }
`,
    { resolver: '192.0.2.53' },
  )
  writeFileSync(join(host.directory, 'url'), 'https://secret-name.example.com/secret-path\n', { mode: 0o600 })
  const { code, text, err, settings } = await host.run()
  t.same(settings, [
    'IPAddressAllow=2001:db8::7',
    'IPAddressAllow=203.0.113.7',
    'IPAddressAllow=2001:db8::1',
    'IPAddressAllow=198.51.100.1',
    'IPAddressAllow=198.51.100.2',
    'IPAddressAllow=198.51.100.9',
    'IPAddressAllow=192.0.2.53',
    'IPAddressAllow=fe80::1',
  ])
  t.match(text, '# elasticsearch.nodes: es.example.org; alerts.mail.servers: es.example.org\nIPAddressAllow=2001:db8::7')
  t.match(text, '# alerts.webhooks, chat: hooks.example.com\n')
  t.match(text, '# alerts.heartbeat (from its file)\nIPAddressAllow=198.51.100.9')
  t.notMatch(text + err, /secret-|token/)
  t.match(text, /^# Addresses are those of the names now/m)
  t.match(err, /^warning: Addresses are those of the names now/m)
  t.match(err, /^warning: metrics\.listen: who asks from a public address is not let in/m)
  t.equal(code, 0)
})

t.test('a name that is not known: said, and nothing is written', needsRoot, async t => {
  const host = new Host(t, 'elasticsearch: { nodes: ["https://gone.example.org:9200", "https://203.0.113.9:9200"] }\n')
  const { code, text, err, settings } = await host.run()
  t.same(settings, ['IPAddressAllow=203.0.113.9', 'IPAddressAllow=fe80::1'])
  t.match(text, '# Missing: elasticsearch.nodes: gone.example.org: the name is not known here now')
  t.match(err, 'gone.example.org')
  t.equal(code, 1)
  await t.rejects(host.run({ write: true }), { code: 'MLS_UNIT_INCOMPLETE' })
  t.notOk(existsSync(host.dropIn))
})

t.test('what is switched off needs nothing', needsRoot, async t => {
  const host = new Host(
    t,
    'alerts: { enabled: false, heartbeat: { url: "https://203.0.113.1/" }, guards: { held: { directories: [/var/lib/mailman/data] } } }\n',
  )
  t.same((await host.run()).settings, [])
})

t.test('groups: of whom the logs are', needsRoot, async t => {
  const settings = async (change: (host: Host) => void, configuration = '') => {
    const host = new Host(t, configuration)
    change(host)
    return (await host.run()).settings
  }
  const all = (group: number, mode: number) => (host: Host) => {
    for (const name of ['logs', 'logs/vette', 'logs/vette.1']) host.own(name, group, name === 'logs' ? mode | 0o110 : mode)
  }
  t.same(await settings(all(41, 0o640)), ['SupplementaryGroups=', 'SupplementaryGroups=mailman'])
  t.same(await settings(all(4242, 0o640)), ['SupplementaryGroups=', 'SupplementaryGroups=4242'], 'one that has no name')
  t.same(await settings(host => host.own('logs/vette.1', 41, 0o640)), [
    'SupplementaryGroups=',
    'SupplementaryGroups=list mailman',
  ])
  t.same(await settings(all(50, 0o640)), [], 'the user is in it already')
  t.same(await settings(host => host.own('logs/vette', 41, 0o644)), [], 'everybody may read it')
  t.same(
    await settings(host => {
      all(41, 0o644)(host)
      host.own('logs', 41, 0o755)
      writeFileSync(join(host.directory, 'group'), 'root:x:0:\nmailman-shipper:x:990:\n')
    }),
    ['SupplementaryGroups='],
    'a group that is not here would keep the unit from starting',
  )
  t.same(
    await settings(host => {
      all(41, 0o640)(host)
      mkdirSync(join(host.dropIn, '..'), { recursive: true })
      writeFileSync(join(host.dropIn, '../10-logs-group.conf'), '[Service]\nSupplementaryGroups=\nSupplementaryGroups=mailman\n')
      writeFileSync(join(host.dropIn, '../override.conf'), '[Service]\nSupplementaryGroups=list\n')
    }),
    [],
    'the package has seen to it',
  )
  for (const group of [0, 6]) {
    const host = new Host(t, '')
    all(group, 0o640)(host)
    const { err, settings: none } = await host.run()
    t.same(none, [], 'never one that is as good as root')
    t.match(err, /^warning: no group lets the agent read .*logs/m)
  }
})

t.test('guards: the unit’s own list again, but for what they read', needsRoot, async t => {
  const host = new Host(
    t,
    `alerts: { guards: { held: { directories: [/var/lib/mailman/data] }, archives: { directories: [/var/lib/mailman/archives/private] },
  configuration: { files: [LINK, /opt/mailman/mm/var] } } }\n`,
    { unit: 'InaccessiblePaths=-DIRECTORY/data' },
  )
  for (const name of ['unit', 'config.yaml']) {
    const path = join(host.directory, name)
    const text = readFileSync(path, 'utf8').replace('DIRECTORY', host.directory).replace('LINK', `${host.directory}/link`)
    writeFileSync(path, text)
  }
  symlinkSync(join(host.directory, 'data/private'), join(host.directory, 'link'))
  const { text, settings } = await host.run()
  const written = settings.filter(line => line.startsWith('InaccessiblePaths='))
  t.equal(written[0], 'InaccessiblePaths=')
  const paths = (lines: string[]) => lines.flatMap(line => line.replace(/^.*=/, '').split(' ')).filter(path => path !== '')
  const inUnit = paths(
    readFileSync(join(host.directory, 'unit'), 'utf8')
      .split('\n')
      .filter(line => line.startsWith('InaccessiblePaths=')),
  )
  t.same(
    inUnit.filter(path => !paths(written).includes(path)),
    [
      '-/var/lib/mailman/archives',
      '-/var/lib/mailman/data',
      ...['archives', 'cache', 'data', 'etc', 'lists', 'messages', 'queue'].map(name => `-/opt/mailman/mm/var/${name}`),
      `-${host.directory}/data`,
    ],
  )
  t.same(
    paths(written).filter(path => !inUnit.includes(path)),
    [],
  )
  t.match(text, '/var/lib/mailman/data (alerts.guards.held)')
})

t.test('homes, keys and outputs in other places', needsRoot, async t => {
  const host = new Host(
    t,
    `elasticsearch: { nodes: ["https://127.0.0.1:9200"], apiKeyFile: /etc/keys/100% secret, caFile: /root/ca.crt }
privacy: { addresses: hash, keyFile: /etc/mailman-shipper/privacy-key }
alerts: { mail: { from: a@example.org, to: [b@example.org], username: x, passwordFile: "/etc/a\\nb", servers: ["smtps://127.0.0.1"] } }
state: { directory: /srv/state }
`,
  )
  const { code, text, settings } = await host.run()
  t.same(settings, [
    'ProtectHome=read-only',
    'LoadCredential=elasticsearch-api-key:/etc/keys/100%% secret',
    'ReadWritePaths="-/srv/state"',
  ])
  t.match(text, '# Missing: alerts.mail.passwordFile has characters')
  t.equal(code, 1)
  const usual = new Host(t, 'elasticsearch: { nodes: ["https://127.0.0.1:9200"], apiKeyFile: /etc/mailman-shipper/api-key }\n')
  t.same((await usual.run()).settings, [])
})

t.test('--write: whole, only where it is ours, gone when it is not needed', needsRoot, async t => {
  const host = new Host(t, 'elasticsearch: { nodes: ["https://203.0.113.9:9200"] }\n')
  await t.rejects(host.run({ write: true, asRoot: false }), { code: 'MLS_UNIT_UNWRITABLE', remedy: /as root/ })
  t.notOk(existsSync(join(host.directory, 'system')))

  const { text } = await host.run()
  const written = await host.run({ write: true })
  t.same([written.code, written.text], [0, ''])
  t.match(written.err, 'systemctl daemon-reload && systemctl restart mailman-shipper')
  t.equal(readFileSync(host.dropIn, 'utf8'), `${text}\n`, 'what is printed')
  t.equal(statSync(host.dropIn).mode & 0o777, 0o644)
  t.same(readdirSync(join(host.dropIn, '..')), ['50-site.conf'])
  t.match((await host.run({ write: true })).err, 'is up to date')

  const json = await host.run({ json: true, write: true })
  t.has(JSON.parse(json.text), { ok: true, done: 'unchanged', settings: [{ name: 'IPAddressAllow', value: '203.0.113.9' }] })

  writeFileSync(join(host.directory, 'config.yaml'), 'logs: { directories: [logs] }\n')
  t.match((await host.run({ write: true })).err, 'was removed. Now: systemctl daemon-reload')
  t.notOk(existsSync(join(host.dropIn, '..')))
  t.match((await host.run({ write: true })).err, 'No drop-in is needed')

  mkdirSync(join(host.dropIn, '..'))
  writeFileSync(host.dropIn, '[Service]\n')
  await t.rejects(host.run({ write: true }), { code: 'MLS_UNIT_UNWRITABLE', detail: /not written by this command/ })
  t.equal(readFileSync(host.dropIn, 'utf8'), '[Service]\n')
})

t.test('there is no unit', needsRoot, async t => {
  const host = new Host(t, '')
  writeFileSync(join(host.directory, 'unit'), '')
  await t.rejects(host.run(), { code: 'MLS_UNIT_MISSING' })
})

t.test('what the unit in force lacks', async t => {
  const needs = {
    settings: [
      { name: 'IPAddressAllow', value: '203.0.113.7', why: '' },
      { name: 'SupplementaryGroups', value: '', why: '' },
      { name: 'SupplementaryGroups', value: 'mailman', why: '' },
      { name: 'InaccessiblePaths', value: '', why: '' },
      { name: 'ProtectHome', value: 'read-only', why: '' },
      { name: 'ReadWritePaths', value: '"-/srv/100%%"', why: '' },
    ],
    opened: ['/var/lib/mailman/data'],
  }
  const before =
    'IPAddressAllow=127.0.0.0/8\nSupplementaryGroups=list\nInaccessiblePaths=-/etc/mailman -/var/lib/mailman/data\nProtectHome=yes\n'
  t.same(whatLacks(needs, before), [
    'IPAddressAllow=203.0.113.7',
    'SupplementaryGroups=',
    'InaccessiblePaths=',
    'ProtectHome=',
    'ReadWritePaths=',
  ])
  const after =
    'IPAddressAllow=203.0.113.0/24 127.0.0.0/8\nSupplementaryGroups=mailman\nInaccessiblePaths=-/etc/mailman\nProtectHome=read-only\nReadWritePaths=-/srv/100%\n'
  t.same(whatLacks(needs, after), [])
})
