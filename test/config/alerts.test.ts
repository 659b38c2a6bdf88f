/** The section `alerts`: what is taken, what contradicts itself, what is suggested. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { loadConfig } from '../../src/config/load.js'
import { lookAround } from '../../src/config/surroundings.js'

const directory = t.testdir({ credentials: { 'alerts-mail-password': 'secret' } })
const file = join(directory, 'config.yaml')
const load = (alerts: object, env = {}) => {
  writeFileSync(file, stringify({ alerts }))
  return loadConfig(file, { surroundings: lookAround(env) })
}
const mail = { from: 'shipper@lists.example.org', to: ['ann@example.org'] }
const url = 'https://hooks.example.org/x'

t.test('nothing is needed; defaults', async t => {
  t.match((await load({})).alerts, {
    enabled: true,
    mail: undefined,
    webhooks: [],
    command: undefined,
    repeatMinutes: 30,
    maintenance: [],
  })
  const { alerts, warnings } = await load({
    mail,
    webhooks: [{ url }, { urlFile: 'hook', shape: 'slack' }, { url, name: 'duty', shape: 'pagerduty', keyFile: 'key' }],
    command: { run: ['/usr/local/bin/tell', '-v'] },
    journal: {},
    heartbeat: { urlFile: 'beat' },
    quietHours: '22:00-07:30',
    maintenance: ['Sun 17:00-19:00', '03:00-03:30'],
    pageUrl: 'https://lists.example.org/logs',
    guards: { queues: { directories: ['qfiles'] } },
  })
  t.match(alerts, {
    mail: { servers: ['smtp://127.0.0.1:25'], least: 'warning', passwordFile: undefined },
    webhooks: [
      { name: 'json-1', shape: 'json', least: 'warning' },
      { name: 'slack-2', urlFile: join(directory, 'hook'), url: undefined },
      { name: 'duty', keyFile: join(directory, 'key') },
    ],
    command: { run: ['/usr/local/bin/tell', '-v'], least: 'warning' },
    journal: { least: 'info' },
    heartbeat: { urlFile: join(directory, 'beat'), everyMinutes: 1 },
    quietHours: { fromMinute: 1320, toMinute: 450 },
    maintenance: [
      { weekday: 7, fromMinute: 1020, toMinute: 1140 },
      { weekday: undefined, fromMinute: 180, toMinute: 210 },
    ],
    pageUrl: 'https://lists.example.org/logs/',
    guards: { queues: { directories: [join(directory, 'qfiles')], afterMinutes: 30 } },
  })
  t.same(warnings, [])
})

t.test('a systemd credential goes before the password’s file', async t => {
  const credentials = join(directory, 'credentials')
  const given = { mail: { ...mail, username: 'u', passwordFile: 'p' } }
  t.equal((await load(given)).alerts.mail?.passwordFile, join(directory, 'p'))
  const taken = await load(given, { CREDENTIALS_DIRECTORY: credentials })
  t.equal(taken.alerts.mail?.passwordFile, join(credentials, 'alerts-mail-password'))
})

t.test('what others on the way can read is warned of; loopback is not', async t => {
  const { warnings } = await load({
    webhooks: [
      { url: 'http://127.0.0.1:9093/', shape: 'alertmanager' },
      { url: 'http://hooks.example.org/?secret', name: 'chat', keyFile: 'k' },
    ],
    heartbeat: { url: 'http://beat.example.org/secret' },
  })
  t.same(warnings, [
    'alerts.webhooks: chat: hooks.example.org is spoken to without TLS; alerts and the key can be read on the way.',
    'alerts.heartbeat.url: beat.example.org is asked without TLS; whoever is on the way can answer in its place.',
  ])
})

const refused: readonly (readonly [object, string])[] = [
  [{ mail: { ...mail, username: 'u' } }, 'alerts.mail.username: needs alerts.mail.passwordFile'],
  [{ mail: { ...mail, passwordFile: 'p' } }, 'alerts.mail.passwordFile: needs alerts.mail.username'],
  [{ mail: { from: mail.from } }, 'alerts.mail.to: must be a list of at least one address'],
  [{ mail: { ...mail, to: ['a@b.example\r\nbcc: c@d.example'] } }, 'alerts.mail.to[0]: must be an address'],
  [{ mail: { ...mail, servers: ['smtp://u:secret@h'] } }, 'alerts.mail.servers[0]: must be a URL such as smtp://'],
  [{ webhooks: [{}] }, 'alerts.webhooks[0]: needs a url, or a urlFile where the URL is a secret'],
  [{ webhooks: [{ url }, { url, urlFile: 'f' }] }, 'alerts.webhooks[1]: has url and urlFile; use one of them'],
  [
    { webhooks: [{ url, shape: 'pagerduty' }] },
    'alerts.webhooks[0]: needs a keyFile: the file that holds PagerDuty’s routing key',
  ],
  [
    {
      webhooks: [
        { url, name: 'a' },
        { url, name: 'a' },
      ],
    },
    'alerts.webhooks[1]: needs a name that no other notifier has',
  ],
  [
    {
      webhooks: [
        { url, name: 'slack-2' },
        { url, shape: 'slack' },
      ],
    },
    'alerts.webhooks[1]: needs a name that no other notifier has',
  ],
  [{ webhooks: [{ url, name: 'mail' }] }, 'alerts.webhooks[0]: needs a name that no other notifier has'],
  [{ webhooks: [{ url: 'https://u:secret@h/' }] }, 'alerts.webhooks[0].url: must be a URL'],
  [{ webhooks: 5 }, 'alerts.webhooks: must be a list of at least one webhook'],
  [{ webhooks: [5] }, 'alerts.webhooks[0]: must be a section'],
  [{ heartbeat: {} }, 'alerts.heartbeat: needs a url, or a urlFile where the URL is a secret'],
  [{ heartbeat: { url, urlFile: 'f' } }, 'alerts.heartbeat: has url and urlFile; use one of them'],
  [{ command: { run: ['tell'] } }, 'alerts.command.run: must begin with a program’s whole path'],
  [{ quietHours: '22-7' }, 'alerts.quietHours: must be hours of a day, such as "22:00-07:00"'],
  [{ maintenance: ['Sunday 17:00-19:00'] }, 'alerts.maintenance[0]: must be hours of a weekday'],
  [{ repeatMinutes: 1 }, 'alerts.repeatMinutes: must be a whole number of minutes, 5 to 1440'],
  [{ webhook: [] }, 'alerts.webhook: unknown; did you mean alerts.webhooks?'],
  [{ webhooks: [{ url, keyfil: 'x' }] }, 'alerts.webhooks[0].keyfil: unknown; did you mean alerts.webhooks[0].keyFile?'],
  [
    { webhooks: [{ url, zzzz: 'x' }] },
    'alerts.webhooks[0].zzzz: unknown; valid here: name, url, urlFile, shape, keyFile, caFile, least',
  ],
  [
    { guards: { queues: { directories: ['/q'], afterMinute: 5 } } },
    'alerts.guards.queues.afterMinute: unknown; did you mean alerts.guards.queues.afterMinutes?',
  ],
  [{ guards: { queue: {} } }, 'alerts.guards.queue: unknown; did you mean alerts.guards.queues?'],
  [{ mail: { ...mail, password: 'secret' } }, 'alerts.mail.password: unknown; did you mean alerts.mail.passwordFile?'],
]

t.test('what is refused', async t => {
  for (const [given, sentence] of refused) {
    const { message } = await load(given).then(
      () => ({ message: 'taken' }),
      (error: unknown) => error as Error,
    )
    t.ok(message.includes(sentence), `${sentence}\n${message}`)
    t.notMatch(message, /secret@|: secret/)
  }
})

t.test('all of it at once, each with its line', async t => {
  writeFileSync(file, 'alerts:\n  webhooks:\n    - url: https://a.example/\n    - shape: slack\n  heartbeat: {}\n')
  await t.rejects(loadConfig(file), {
    message: /line 4: alerts\.webhooks\[1\]: needs a url.*\n {2}line 5: alerts\.heartbeat: needs/s,
  })
})
