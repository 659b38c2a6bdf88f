/** `alerts test`, and what `check` says of the same configuration: through a real mail server, a real web server, a real program. */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { stringify } from 'yaml'
import { runTest, type TestArguments } from '../../src/commands/alerts-test.js'
import { checkAlerts } from '../../src/commands/check-alerts.js'
import { loadConfig } from '../../src/config/load.js'
import { createLog } from '../../src/diagnostics/log.js'
import { startMailServer } from '../support/mail-server.js'

/** A configuration with this section. @param files their texts, closed to group and others */
function makeSite(t: Test, alerts: object, files: Readonly<Record<string, string>> = {}): string {
  const directory = t.testdir(files)
  for (const name of Object.keys(files)) chmodSync(join(directory, name), 0o600)
  const config = join(directory, 'config.yaml')
  writeFileSync(config, stringify({ host: { name: 'lists1' }, logs: { timezone: 'UTC' }, state: { directory: 'state' }, alerts }))
  return config
}

async function tryThem(config: string, given: TestArguments = {}) {
  const lines: string[] = []
  const logged: string[] = []
  const log = createLog({ level: 'info', destination: { write: line => logged.push(line) } })
  const code = await runTest({ config, ...given }, line => lines.push(line), Date.parse('2026-05-01T12:00:00Z'), log)
  return { code, lines, logged }
}

const checked = async (config: string) =>
  (await checkAlerts(await loadConfig(config))).map(({ status, detail, code }) => `${status} ${detail}${code ? ` ${code}` : ''}`)

const mail = { from: 'shipper@lists1.example.org', to: ['ann@example.org'] }

t.test('nobody is configured', async t => {
  const config = makeSite(t, {})
  const { code, lines } = await tryThem(config)
  t.equal(code, 1)
  t.match(lines[0], /^No notifier is configured: alerts are events in the store/)
  t.same(await checked(config), ['ok they are only events; nobody is told (alerts.mail, webhooks, command, journal)'])
  t.same(await checked(makeSite(t, { enabled: false })), ['ok off; nothing is weighed'])
})

t.test('each way, and what became of it', async t => {
  const smtp = await startMailServer(t)
  const asked: string[] = []
  const web = createServer((request, response) => {
    asked.push(`${request.headers.authorization} ${request.headers['idempotency-key']}`)
    response.writeHead(request.url === '/gone' ? 404 : 200).end()
  })
  await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve))
  t.teardown(() => web.close())
  const base = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
  const config = makeSite(
    t,
    {
      mail: { ...mail, servers: [`smtp://127.0.0.1:${smtp.port}`], least: 'critical' },
      webhooks: [
        { urlFile: 'hook', keyFile: 'key' },
        { url: `${base}/gone`, name: 'gone' },
        { urlFile: 'absent', shape: 'slack' },
      ],
      command: { run: ['/bin/false'] },
      journal: {},
    },
    { hook: `${base}/secret\n`, key: 'token\n' },
  )
  const { code, lines, logged } = await tryThem(config)
  t.equal(code, 1)
  t.match(lines, [
    'sent    mail',
    'sent    json-1',
    'failed  gone: answer 404 (there is nothing at this URL)',
    /^failed {2}slack-3: .*absent: there is no such file$/,
    /^ {8}It must be readable by this user/,
    'failed  command: exit code 1',
    'sent    journal',
  ])
  const { mail: received } = await smtp.take(1)
  t.match(received.subject, '[test] mailman on lists1: a test of how alerts are told; nothing is wrong')
  t.match(received.text, 'Whatever mailman-shipper (main) has to tell, from critical on, comes\nthis way.')
  t.match(asked[0], /^Bearer token test-json-1-\d+$/)
  t.match(logged.join(''), /"priority":6,"moment":"test"/)

  const one = await tryThem(config, { notifier: 'json-1', json: true })
  t.equal(one.code, 0)
  t.same(JSON.parse(one.lines.join('')), { notifiers: [{ notifier: 'json-1', sent: true, detail: null, remedy: null }] })
  await t.rejects(tryThem(config, { notifier: 'slack' }), {
    code: 'MLS_USAGE_INVALID',
    detail: '--notifier slack: no notifier has that name; there are mail, json-1, gone, slack-3, command, journal',
  })

  const findings = await checked(config)
  t.match(findings, [
    'ok mail, from critical on',
    'ok json-1, from warning on',
    'ok gone, from warning on',
    /^problem slack-3: .*absent: there is no such file MLS_CONFIG_SECRET$/,
    'ok command, from warning on',
    'ok journal, from info on',
  ])
  t.equal(findings.length, 6, 'there is more than one way')
})

t.test('check: all by this host’s own mail server; another one, or another way', async t => {
  const oneWay = /^warning every notifier goes through this host’s own mail server/
  t.match(await checked(makeSite(t, { mail, journal: {} })), [/^ok mail/, /^ok journal/, oneWay])
  const own = { mail: { ...mail, servers: ['smtp://127.0.0.1:25', 'smtps://lists1'] } }
  t.ok((await checked(makeSite(t, own))).some(line => oneWay.test(line)))
  const second = { mail: { ...mail, servers: ['smtp://127.0.0.1:25', 'smtp://192.0.2.1'] } }
  t.same(await checked(makeSite(t, second)), ['ok mail, from warning on'])
  t.same((await checked(makeSite(t, { mail, command: { run: ['/bin/true'] } }))).length, 2)
})

t.test('check: what cannot be used from here', async t => {
  const config = makeSite(
    t,
    {
      webhooks: [{ urlFile: 'open', name: 'chat' }, { url: 'https://nowhere.invalid/' }],
      command: { run: ['/etc/passwd'] },
      heartbeat: { urlFile: 'missing' },
    },
    { open: 'https://hooks.example.org/' },
  )
  chmodSync(join(config, '..', 'open'), 0o644)
  t.match(await checked(config), [
    /^problem chat: .*open is open to group or others \(mode 644\) MLS_CONFIG_SECRET$/,
    'ok json-2, from warning on',
    'ok command, from warning on',
    /^problem heartbeat: .*missing: there is no such file MLS_CONFIG_SECRET$/,
    'problem command: /etc/passwd cannot be run (EACCES) MLS_ALERT_UNSENT',
    'warning json-2: the name nowhere.invalid is not known here',
  ])
})

t.test('check: as root, whether the agent’s user can read what root can', { skip: process.getuid?.() !== 0 }, async t => {
  const alerts = { webhooks: [{ urlFile: 'hook' }], command: { run: ['/bin/true'] } }
  const config = makeSite(t, alerts, { hook: 'https://127.0.0.1/' })
  const state = join(config, '..', 'state')
  mkdirSync(state)
  chownSync(state, 65534, 65534)
  t.match((await checked(config)).at(-1), /^warning .*hook belongs to user 0; the agent’s is 65534$/)
  chownSync(join(config, '..', 'hook'), 65534, 65534)
  t.same(await checked(config), ['ok json-1, from warning on', 'ok command, from warning on'])
})
