// The steps of setup in Kibana, against one that keeps what it is told and checks what it is asked. The real one cannot run here.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { planKibana } from '../../src/delivery/kibana.js'
import { askKibana, isOpen, type Kibana, readKibanaUrl } from '../../src/delivery/kibana-connection.js'
import { readObjects } from '../../src/delivery/kibana-objects.js'
import { extendRole, featuresOf, type KibanaRole } from '../../src/delivery/kibana-role.js'
import { type Step, takeStep } from '../../src/delivery/step.js'
import { type FakeKibana, type FakeKibanaOptions, type KibanaReply, startFakeKibana } from '../support/fake-kibana.js'
import { makeCertificate, startTlsFront } from '../support/tls-front.js'

const text = readFileSync(new URL('../../deploy/kibana/mailman.ndjson', import.meta.url), 'utf8')
const objects = readObjects(text)

interface Story {
  readonly fake: FakeKibana
  readonly kibana: Kibana
  /** Takes the steps. @returns `done made` and so on */
  setup(missing?: readonly string[], kibana?: Kibana): Promise<Step[]>
}

async function begin(t: Test, options: FakeKibanaOptions = {}): Promise<Story> {
  const fake = await startFakeKibana(options)
  t.teardown(() => fake.close())
  const kibana = { url: readKibanaUrl(fake.url), username: 'elastic', password: 'password', authority: undefined }
  return {
    fake,
    kibana,
    async setup(missing = [], to = kibana) {
      const steps: Step[] = []
      for (const plan of planKibana(to, objects, 'default', missing)) steps.push(await takeStep(plan))
      return steps
    },
  }
}

const statuses = (steps: readonly Step[]): string => steps.map(({ status }) => status).join(' ')
const refusal = (message: string): KibanaReply => ({ status: 403, body: { statusCode: 403, error: 'Forbidden', message } })

t.test('from nothing, then unchanged', async t => {
  const { fake, setup } = await begin(t)
  const first = await setup()
  t.equal(statuses(first), 'unchanged done done done', JSON.stringify(first))
  t.match(first[0], { name: 'Kibana', detail: 'version 9.1.2 answers', needed: false })
  t.match(first[3]!.detail, `${objects.ids.length} in the space mailman`)
  t.same([...fake.objects.values()].map(line => `${line}\n`).join(''), text, 'the file came whole')
  t.match(fake.spaces.get('mailman'), { id: 'mailman', name: 'Mailman' })
  t.match(fake.roles.get('mailman-admins'), {
    elasticsearch: {
      cluster: [],
      indices: [{ names: [/^logs-mailman/, /^metrics-/], privileges: ['read', 'view_index_metadata'] }],
    },
    kibana: [
      {
        spaces: ['mailman'],
        base: [],
        feature: { discover_v2: ['read'], dashboard_v2: ['read'], visualize_v2: ['read'], stackAlerts: ['read'] },
      },
    ],
  })
  const changes = (): string[] => fake.asked.map(({ what }) => what).filter(what => !/^GET|_export$/.test(what))
  t.same(changes(), [
    'POST /api/spaces/space',
    'PUT /api/security/role/mailman-admins',
    'POST /s/mailman/api/saved_objects/_import?overwrite=true',
  ])
  t.equal(statuses(await setup()), 'unchanged unchanged unchanged unchanged')
  t.equal(changes().length, 3, 'nothing was sent again')
  t.same(fake.faults, [])
})

t.test('an older version’s objects are replaced, as a whole', async t => {
  const { fake, setup } = await begin(t)
  await setup()
  const old = fake.objects.get('mailman-overview')!
  fake.objects.set('mailman-overview', old.replace(/assets [\da-f]{12}/, 'assets 000000000000'))
  const again = await setup()
  t.equal(statuses(again), 'unchanged unchanged unchanged done')
  t.match(again[3]!.detail, 'replaced')
  t.equal(fake.objects.get('mailman-overview'), old)
  fake.objects.delete('mailman-held')
  t.equal((await setup())[3]!.status, 'done', 'one is missing')
})

t.test('Kibana 8 below a path, its features by their older names', async t => {
  const { fake, setup } = await begin(t, { version: '8.9.0', features: ['discover', 'dashboard', 'visualize'], below: '/kibana' })
  t.equal(statuses(await setup()), 'unchanged done done done')
  t.match(fake.roles.get('mailman-admins'), {
    kibana: [{ feature: { discover: ['read'], dashboard: ['read'], visualize: ['read'] } }],
  })
  t.same(fake.faults, [])
})

t.test('what stops all: no step is tried', async t => {
  const tries: [string, FakeKibanaOptions, (fake: FakeKibana) => unknown, string, RegExp][] = [
    ['too old', { version: '8.8.2' }, () => {}, 'MLS_KIBANA_VERSION', /8\.8\.2.*8\.9 and later/],
    ['a wrong password', { password: 'other' }, () => {}, 'MLS_KIBANA_ANSWER', /does not let this account in \(status 401\)/],
    [
      'a login page',
      {},
      fake => fake.script.set('GET /api/status', { status: 302, headers: { location: '/login' } }),
      'MLS_KIBANA_ANSWER',
      /status 302/,
    ],
    ['something else', {}, fake => fake.script.set('GET /api/status', { body: '<html>' }), 'MLS_KIBANA_ANSWER', /no version/],
    ['null', {}, fake => fake.script.set('GET /api/status', { body: 'null' }), 'MLS_KIBANA_ANSWER', /no version/],
    [
      'no version',
      {},
      fake => fake.script.set('GET /api/status', { body: { status: { overall: {} } } }),
      'MLS_KIBANA_ANSWER',
      /does not tell/,
    ],
    [
      'not ready',
      {},
      fake => fake.script.set('GET /api/status', { status: 503, body: { version: { number: '9.1.2' } } }),
      'MLS_KIBANA_UNREACHABLE',
      /9\.1\.2 is not ready/,
    ],
    ['cut', {}, fake => fake.script.set('GET /api/status', 'cut'), 'MLS_KIBANA_UNREACHABLE', /ECONNRESET|was cut/],
  ]
  for (const [name, options, change, code, detail] of tries) {
    const { fake, setup } = await begin(t, options)
    change(fake)
    const steps = await setup()
    t.equal(statuses(steps), 'failed skipped skipped skipped', name)
    t.equal(steps[0]!.code, code, name)
    t.match(steps[0]!.detail, detail, name)
    t.equal(fake.asked.length, 1, `${name}: nothing else was asked`)
    t.notMatch(JSON.stringify(steps), /password"|Basic/, 'no secret')
  }
  const { fake, setup, kibana } = await begin(t)
  await fake.close()
  t.match((await setup([], kibana))[0]!.detail, /Kibana cannot be reached: 127\.0\.0\.1:\d+ \(ECONNREFUSED\)/)
})

t.test('one refusal does not hold up the rest', async t => {
  const { fake, setup } = await begin(t)
  fake.spaces.set('mailman', { id: 'mailman' })
  fake.script.set('GET /api/spaces/space/mailman', refusal('no'))
  fake.script.set('POST /api/spaces/space', refusal('Unauthorized to create spaces\u001b[31m'))
  const steps = await setup(['cluster privilege manage_security'])
  t.equal(statuses(steps), 'unchanged refused refused done')
  t.match(steps[1]!.detail, /may make spaces \(status 403: Unauthorized to create spaces\\x1b\[31m\)/, 'escaped')
  t.match(steps[2], { detail: /lacks cluster privilege manage_security/, code: 'MLS_SETUP_PRIVILEGE' })
  fake.script.set('PUT /api/security/role', refusal('security_exception'))
  fake.script.set('POST /s/mailman/api/saved_objects/_export', refusal('no'))
  fake.script.set('POST /s/mailman/api/saved_objects/_import', refusal('Unable to bulk_create dashboard'))
  const more = await setup()
  t.equal(statuses(more), 'unchanged refused refused refused')
  t.match(more[2]!.detail, /manage_security/)
  t.match(more[3]!.detail, /Saved Objects Management.*Unable to bulk_create dashboard/)
})

t.test('an import that was taken in part', async t => {
  const { fake, setup } = await begin(t)
  const errors = [
    { type: 'dashboard', id: 'mailman-overview', error: { type: 'conflict' } },
    { type: 'dashboard', id: 'x\u001b[2J', error: { type: 'Un<b>known' } },
  ]
  fake.script.set('POST /s/mailman/api/saved_objects/_import', { body: { success: false, successCount: 12, errors } })
  const [, , , last] = await setup()
  t.match(last, {
    status: 'failed',
    detail: `Kibana took 12 of ${objects.ids.length}; not dashboard mailman-overview (conflict), another object (for a reason it did not tell)`,
  })
  const moved = [{ id: 'mailman-overview', destinationId: 'c0ffee' }]
  fake.script.set('POST /s/mailman/api/saved_objects/_import', {
    body: { success: true, successCount: 14, successResults: moved },
  })
  t.match((await setup())[3], { status: 'done', detail: /1 of them under other ids.*another space/ })
  fake.script.set('POST /s/mailman/api/saved_objects/_import', { status: 415, body: { message: 'Unsupported' } })
  t.match((await setup())[3], { status: 'failed', detail: 'status 415: Unsupported' })
  fake.script.set('POST /s/mailman/api/saved_objects/_import', { body: '<html>' })
  t.match((await setup())[3], { status: 'failed' })
})

t.test('a role that people have changed keeps what they gave', async t => {
  const more = { namespace: 'default', space: 'mailman', features: featuresOf(undefined) }
  const stream = {
    names: ['logs-mailman.*-default', 'metrics-mailman.*-default'],
    privileges: ['view_index_metadata', 'read', 'monitor'],
  }
  const own = { names: ['own-*'], privileges: ['read'] }
  const old: KibanaRole = {
    description: 'theirs',
    metadata: { by: 'them' },
    elasticsearch: { cluster: ['monitor'], indices: [own, stream], run_as: ['x'] },
    kibana: [
      { spaces: ['mailman', 'ops'], base: [], feature: { maps: ['all'], discover_v2: ['all'] } },
      { spaces: ['hr'], base: ['read'], feature: {} },
    ],
  }
  t.same(extendRole(old, more), {
    ...old,
    kibana: [
      { spaces: ['ops'], base: [], feature: { maps: ['all'], discover_v2: ['all'] } },
      { spaces: ['hr'], base: ['read'], feature: {} },
      {
        spaces: ['mailman'],
        base: [],
        feature: { maps: ['all'], discover_v2: ['all'], dashboard: ['read'], visualize: ['read'], stackAlerts: ['read'] },
      },
    ],
  })
  for (const spaces of [['*'], ['mailman']]) {
    const whole = { ...old, kibana: [{ spaces, base: ['read'], feature: {} }] }
    t.equal(extendRole(whole, more), undefined, `all of ${spaces} is enough`)
  }
  t.same(
    extendRole({ ...old, elasticsearch: { indices: [own] }, kibana: [{ spaces: ['*'], base: ['all'], feature: {} }] }, more),
    {
      ...old,
      elasticsearch: {
        cluster: [],
        run_as: [],
        indices: [own, { names: stream.names, privileges: ['read', 'view_index_metadata'] }],
      },
      kibana: [{ spaces: ['*'], base: ['all'], feature: {} }],
    },
  )
  t.same(featuresOf(['dashboard_v2', 'discover', 'discover_v10', 'discover_v2', 'dashboards']), ['discover_v10', 'dashboard_v2'])
})

t.test('a role that Kibana cannot read whole is left alone', async t => {
  const { fake, setup } = await begin(t)
  fake.roles.set('mailman-admins', { elasticsearch: {}, kibana: [], _transform_error: [{ reason: 'x' }] })
  t.match((await setup())[2], { status: 'skipped', detail: /would drop them/ })
})

t.test('TLS is verified, whatever the environment says', async t => {
  const { fake, setup, kibana } = await begin(t)
  const directory = t.testdir({})
  mkdirSync(join(directory, 'other'))
  await makeCertificate(directory, 'server')
  await makeCertificate(join(directory, 'other'), 'server')
  const front = await startTlsFront(directory, 'server', fake.port)
  t.teardown(() => front.close())
  const url = readKibanaUrl(front.url)
  const with_ = (authority: string | undefined): Kibana => ({ ...kibana, url, authority })
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  t.teardown(() => {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
  })
  for (const authority of [undefined, readFileSync(join(directory, 'other/ca.crt'), 'utf8')]) {
    const steps = await setup([], with_(authority))
    t.equal(statuses(steps), 'failed skipped skipped skipped')
    t.match(steps[0]!.detail, /from an authority that is not trusted here/)
  }
  t.equal(fake.asked.length, 0, 'no password was sent')
  t.equal(statuses(await setup([], with_(readFileSync(join(directory, 'ca.crt'), 'utf8')))), 'unchanged done done done')
})

t.test('an answer that does not end', async t => {
  const { fake, kibana } = await begin(t)
  fake.script.set('GET /api/status', 'trickle')
  await t.rejects(askKibana(kibana, { method: 'GET', path: '/api/status' }, 50), {
    code: 'MLS_KIBANA_UNREACHABLE',
    message: /no whole answer within 0\.05 seconds/,
  })
})

t.test('without TLS the password is open, but on this host', async t => {
  const { fake, setup, kibana } = await begin(t)
  const [first] = await setup([], { ...kibana, url: readKibanaUrl(`http://0.0.0.0:${fake.port}`) })
  t.match(first, { status: 'unchanged', detail: /without TLS: the password can be read/ })
  const open = ['http://kibana', 'http://127.example.org', 'http://localhost.example.org']
  const closed = ['https://kibana', 'http://localhost:5601', 'http://127.0.0.1', 'http://[::1]:5601']
  t.same(
    [...open, ...closed].filter(url => isOpen({ ...kibana, url: readKibanaUrl(url) })),
    open,
  )
})

t.test('addresses that are none', async t => {
  for (const url of ['kibana', 'ftp://x', 'https://user:secret@x', 'https://x/?a=b', 'https://x/#/view'])
    t.throws(() => readKibanaUrl(url), { code: 'MLS_USAGE_INVALID', message: /^(?!.*secret)/ }, url)
  t.throws(() => readObjects('{}'), { code: 'MLS_SETUP_FAILED' })
})
