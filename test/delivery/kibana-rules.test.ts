// The alert rules of setup, against a Kibana that takes what the real one takes; and what an account may do there, as Elasticsearch says.
import { readFileSync } from 'node:fs'
import type { Client } from '@elastic/elasticsearch'
import t, { type Test } from 'tap'
import { connect } from '../../src/delivery/client.js'
import { planKibana, type RulesWish } from '../../src/delivery/kibana.js'
import { readKibanaUrl } from '../../src/delivery/kibana-connection.js'
import { readObjects } from '../../src/delivery/kibana-objects.js'
import { readRules, removeRules } from '../../src/delivery/kibana-rules.js'
import { findMissingInKibana, type KibanaRight } from '../../src/delivery/privileges.js'
import { type Step, takeStep } from '../../src/delivery/step.js'
import { makeConfig } from '../support/batch.js'
import { type FakeKibanaOptions, startFakeKibana } from '../support/fake-kibana.js'
import { startNamespace } from '../support/templates.js'

t.setTimeout(180_000)
const read = (name: string): string => readFileSync(new URL(`../../deploy/kibana/${name}`, import.meta.url), 'utf8')
const objects = readObjects(read('mailman.ndjson'))
const rules = readRules(read('rules.json'))

async function begin(t: Test, options: FakeKibanaOptions = {}) {
  const fake = await startFakeKibana(options)
  t.teardown(() => fake.close())
  const kibana = { url: readKibanaUrl(fake.url), username: 'elastic', password: 'password', authority: undefined }
  return {
    fake,
    kibana,
    /** Takes the steps. @returns those of connector and rules */
    async setup(wish: Partial<RulesWish> = {}, lacks: (right: KibanaRight) => readonly string[] = () => []): Promise<Step[]> {
      const steps: Step[] = []
      for (const plan of planKibana(kibana, objects, 'default', [], { rules, ...wish }, lacks)) steps.push(await takeStep(plan))
      return steps.slice(4)
    },
  }
}

t.test('made, then unchanged, then brought up to date', async t => {
  const { fake, setup } = await begin(t)
  t.match(await setup(), [
    {
      name: 'Kibana alert rules',
      status: 'done',
      needed: false,
      detail: `${rules.length} made in the space mailman; they show as alerts`,
    },
  ])
  t.equal(fake.alerting.rules.size, rules.length)
  const rule = fake.alerting.rules.get(rules[0]!.id)!
  t.match(rule, { name: 'Mailman: most messages are held', enabled: true, consumer: 'stackAlerts', actions: [] })
  t.match(await setup(), [{ status: 'unchanged', detail: '' }])

  // Somebody tuned and switched it off, and added what tells him; then a new version comes.
  fake.alerting.connectors.set('theirs', { space: 'mailman', connector_type_id: '.slack' })
  const theirs = { id: 'theirs', group: 'query matched', params: { message: 'x' }, uuid: 'u', connector_type_id: '.slack' }
  fake.alerting.rules.set(rules[0]!.id, { ...rule, schedule: { interval: '9m' }, enabled: false, actions: [theirs] })
  t.match(await setup(), [{ status: 'unchanged' }], 'what is tuned stays')
  const tags = ['mailman', 'mailman-shipper 000000000000', 'mine']
  fake.alerting.rules.set(rules[0]!.id, { ...fake.alerting.rules.get(rules[0]!.id)!, tags })
  t.match(await setup(), [{ status: 'done', detail: `1 brought up to date, ${rules.length - 1} unchanged in the space mailman` }])
  t.match(fake.alerting.rules.get(rules[0]!.id), {
    enabled: false,
    schedule: { interval: '1m' },
    tags: ['mailman', 'mine', rules[0]!.body.tags[1]],
    actions: [{ id: 'theirs', uuid: 'u', params: { message: 'x' } }],
  })
  t.same(fake.faults, [])
})

t.test('a connector of the site', async t => {
  const { fake, setup } = await begin(t)
  const kinds: [string, Partial<RulesWish>, object][] = [
    ['.server-log', {}, { level: 'error', message: /^Mailman: most messages are held: More than half.*What to do/ }],
    ['.index', {}, { documents: [{ '@timestamp': '{{date}}', message: /What to do/ }] }],
    ['.email', { to: 'team@example.org' }, { to: ['team@example.org'], subject: /^Mailman/, message: /What to do/ }],
    ['.slack', {}, { message: /^\*Mailman/ }],
    ['.teams', {}, { message: /^\*\*Mailman/ }],
    ['.webhook', {}, { body: /^\{"rule":"Mailman: most.*\}$/s }],
  ]
  for (const [type, wish, params] of kinds) {
    const id = `the ${type}`
    fake.alerting.connectors.set(id, { space: 'mailman', connector_type_id: type })
    fake.alerting.licensed.add(type)
    fake.alerting.rules.clear()
    const steps = await setup({ connector: id, ...wish })
    t.match(
      steps,
      [
        { name: `Kibana connector ${id}`, status: 'unchanged' },
        { status: 'done', detail: /made in the space mailman$/ },
      ],
      type,
    )
    t.match(fake.alerting.rules.get(rules[0]!.id)!.actions, [
      { id, group: 'query matched', params, frequency: { notify_when: 'onActionGroupChange', summary: false } },
      { id, group: 'recovered' },
    ])
    t.match(await setup({ connector: id, ...wish }), [{ status: 'unchanged' }, { status: 'unchanged' }], `${type}, again`)
  }
  const webhook = fake.alerting.rules.get(rules[0]!.id)!.actions as { params: { body: string } }[]
  t.match(JSON.parse(webhook[0]!.params.body), { over: false })
  t.equal((fake.alerting.rules.get(rules.at(-2)!.id)!.actions as { group: string }[])[0]!.group, 'threshold met')
  t.match(await setup(), [{ status: 'unchanged' }], 'without it, what is there stays')
  const other = await setup({ connector: 'the .slack' })
  t.match(other[1], { status: 'done', detail: `${rules.length} brought up to date in the space mailman` })
  t.equal((fake.alerting.rules.get(rules[0]!.id)!.actions as object[]).length, 4, 'beside the other')
  t.same(fake.faults, [])
})

t.test('a connector that cannot be used holds up no rule', async t => {
  const { fake, setup } = await begin(t)
  const connectors: [string, object, RegExp][] = [
    ['none', {}, /the space mailman has no connector of this id.*make it there/],
    ['elsewhere', { space: 'default', connector_type_id: '.index' }, /the space mailman has no connector of this id/],
    ['jira', { connector_type_id: '.jira' }, /no message for a connector of type \.jira/],
    ['mail', { connector_type_id: '.email' }, /--kibana-alert-to/],
    ['paid', { connector_type_id: '.slack' }, /licence does not allow connectors of type \.slack; the free one has/],
    ['keyless', { connector_type_id: '.webhook', is_missing_secrets: true }, /password or key is missing/],
    ['strange', { connector_type_id: '\u001b[2J' }, /does not tell its type/],
  ]
  for (const [connector, made, sentence] of connectors) {
    if (connector !== 'none')
      fake.alerting.connectors.set(connector, { space: 'mailman', ...(made as { connector_type_id: string }) })
    fake.alerting.rules.clear()
    const [first, second] = await setup({ connector })
    t.match(first, { status: 'failed', code: 'MLS_SETUP_FAILED', detail: sentence }, connector)
    t.match(second, { status: 'done', detail: /made.*tell nobody/ })
  }
  t.same(fake.faults, [])
})

t.test('what is in the way of the rules is in the way of nothing else', async t => {
  const health = { is_sufficiently_secure: true, has_permanent_encryption_key: true }
  const tries: [string, FakeKibanaOptions, string, object, Partial<Step>][] = [
    [
      'no key',
      {},
      'GET /s/mailman/api/alerting/_health',
      { body: { ...health, has_permanent_encryption_key: false } },
      { status: 'failed', detail: /encryptedSavedObjects\.encryptionKey/ as never },
    ],
    [
      'no TLS',
      {},
      'GET /s/mailman/api/alerting/_health',
      { body: { ...health, is_sufficiently_secure: false } },
      { status: 'failed', detail: /without TLS/ as never },
    ],
    [
      'may not',
      {},
      'GET /s/mailman/api/alerting/_health',
      { status: 403, body: { message: 'no' } },
      { status: 'refused', detail: /Stack Rules \(all\)/ as never },
    ],
    [
      'may not make',
      {},
      'POST /s/mailman/api/alerting/rule',
      { status: 403, body: { message: 'Unauthorized to create' } },
      { status: 'refused', detail: /most messages.*Unauthorized/ as never },
    ],
    [
      'in another space',
      {},
      'POST /s/mailman/api/alerting/rule',
      { status: 409 },
      { status: 'failed', detail: /in another space/ as never },
    ],
    [
      'a bad answer',
      {},
      'GET /s/mailman/api/alerting/rule',
      { status: 500, body: '<html>' },
      { status: 'failed', detail: /status 500/ as never },
    ],
    [
      'too old',
      { version: '8.12.2', features: ['discover', 'dashboard', 'visualize'] },
      'GET /none',
      {},
      { status: 'skipped', detail: /need Kibana 8\.13 or later; this one is 8\.12/ as never },
    ],
  ]
  for (const [name, options, start, reply, expected] of tries) {
    const { fake, setup } = await begin(t, options)
    fake.script.set(start, reply)
    t.match(await setup(), [expected], name)
    t.equal(fake.alerting.rules.size, 0, name)
    t.equal(fake.objects.size, objects.ids.length, `${name}: dashboards are there`)
  }
})

t.test('a privilege that is missing is named, and nothing of that step is sent', async t => {
  const { fake, setup } = await begin(t)
  const [connector, alerts] = await setup({ connector: 'x' }, right => [`right for ${right}`])
  t.match(connector, { status: 'refused', code: 'MLS_SETUP_PRIVILEGE', detail: /lacks right for connectors/ })
  t.match(alerts, { status: 'refused', code: 'MLS_SETUP_PRIVILEGE', detail: /lacks right for rules/ })
  t.same(
    fake.asked.filter(({ what }) => !/^GET|security\/role/.test(what)),
    [],
    'no space, no objects, no rules',
  )
})

t.test('removed', async t => {
  const { fake, kibana, setup } = await begin(t)
  await setup()
  fake.alerting.rules.set('theirs', { space: 'mailman' })
  t.match(await removeRules(kibana, 'mailman', rules), { status: 'done', detail: `${rules.length} deleted` })
  t.same([...fake.alerting.rules.keys()], ['theirs'])
  t.match(await removeRules(kibana, 'mailman', rules), { status: 'unchanged' })
  fake.script.set('DELETE /s/mailman', { status: 403, body: { message: 'no' } })
  t.match(await removeRules(kibana, 'mailman', rules), { status: 'refused' })
})

t.test('a damaged file', async t => {
  for (const text of ['', '[]', '{}', '[{"body":{"tags":[]}}]', '[{}]'])
    t.throws(() => readRules(text), { code: 'MLS_SETUP_FAILED' }, text)
})

t.test('Elasticsearch tells of Kibana’s privileges', async t => {
  const { client, server, namespace } = await startNamespace(t)
  const put = (path: string, body: object) => client.transport.request({ method: 'PUT', path, body })
  // As Kibana registers them when it starts.
  const application = 'kibana-.kibana'
  const stackAlerts = ['login:', 'alerting:.es-query/stackAlerts/rule/create']
  const objects = ['login:', 'saved_object:dashboard/create']
  const actions = ['login:', 'saved_object:action/get']
  const privileges = {
    all: [...stackAlerts, ...objects, ...actions, 'space:manage'],
    space_all: [...stackAlerts, ...objects, ...actions],
    'feature_stackAlerts.all': stackAlerts,
    'feature_savedObjectsManagement.all': objects,
    'feature_actions.read': actions,
  }
  await put('/_security/privilege', {
    [application]: Object.fromEntries(
      Object.entries(privileges).map(([name, actions]) => [name, { application, name, actions, metadata: {} }]),
    ),
  })
  t.teardown(() =>
    client.transport.request({ method: 'DELETE', path: `/_security/privilege/${application}/${Object.keys(privileges)}` }),
  )
  const lackingOf = async (who: Client) => {
    const lacks = await findMissingInKibana(who, 'mailman')
    return (['spaces', 'objects', 'rules', 'connectors'] as const).filter(right => lacks(right).length > 0)
  }
  t.same(await lackingOf(client), [], 'the superuser')
  const tries: [string, { privileges: string[]; resources: string[] }[], string[]][] = [
    ['nothing', [], ['spaces', 'objects', 'rules', 'connectors']],
    ['all of Kibana', [{ privileges: ['all'], resources: ['*'] }], []],
    ['all of the space', [{ privileges: ['space_all'], resources: ['space:mailman'] }], ['spaces']],
    [
      'all of another space',
      [{ privileges: ['space_all'], resources: ['space:hr'] }],
      ['spaces', 'objects', 'rules', 'connectors'],
    ],
    [
      'rules alone',
      [{ privileges: ['feature_stackAlerts.all'], resources: ['space:mailman'] }],
      ['spaces', 'objects', 'connectors'],
    ],
  ]
  for (const [name, grants, lacking] of tries) {
    const user = `${namespace}${tries.findIndex(([one]) => one === name)}`
    const applications = grants.map(grant => ({ application, ...grant }))
    await put(`/_security/role/${user}`, { cluster: [], indices: [], applications })
    await put(`/_security/user/${user}`, { password: 'a password', roles: [user] })
    const config = makeConfig(server.url, { caFile: server.caFile, namespace })
    const { client: theirs, close } = await connect(config, { credentials: { username: user, password: 'a password' } })
    t.teardown(close)
    t.same(await lackingOf(theirs), lacking, name)
    if (name === 'nothing')
      t.same((await findMissingInKibana(theirs, 'mailman'))('rules'), ['Kibana privilege Stack Rules (all) in the space mailman'])
  }
})
