// Setup on real servers: from nothing, repeated, with too few rights; then everything the writer and the reader may and may not.
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { Client } from '@elastic/elasticsearch'
import t, { type Test } from 'tap'
import { type Connection, connect } from '../../src/delivery/client.js'
import { errors } from '../../src/delivery/elastic.js'
import { createElasticsearchOutput } from '../../src/delivery/elasticsearch.js'
import { perform, type Request } from '../../src/delivery/request.js'
import { type JsonObject, managedBy } from '../../src/delivery/template.js'
import { makeBatch, writeSecret } from '../support/batch.js'
import { startElasticsearch, type TestElasticsearch } from '../support/elasticsearch.js'
import { makeSite, type Site } from '../support/setup.js'
import { keeps, removes } from './setup-remove.js'
import { removesData } from './setup-remove-data.js'
import { retains } from './setup-retention.js'

t.setTimeout(900_000)
t.jobs = 2 // the versions; what is asked of one is asked in order

/** `ok`, or the status and type of the refusal. */
async function ask(client: Client, method: Request['method'], path: string, body?: unknown): Promise<string> {
  try {
    await perform(client, body === undefined ? { method, path } : { method, path, body: body as JsonObject })
    return 'ok'
  } catch (error) {
    if (!(error instanceof errors.ResponseError)) throw error
    return `${error.statusCode} ${error.body?.error?.type ?? error.body?.error}`
  }
}

/** This server makes a stream with its first document, and cannot tell a stream's retention. */
const nothingToDo = [...Array(4).fill('unchanged'), 'skipped', 'unchanged', 'skipped', 'unchanged', 'unchanged']
const statuses = (lines: readonly string[]): string[] => lines.slice(1, -1).map(line => line.split(' ')[0]!)

async function makeUser(admin: Client, name: string, role: object): Promise<{ username: string; password: string }> {
  const password = `password-of-${name}`
  await perform(admin, { method: 'PUT', path: `/_security/role/${name}`, body: role as JsonObject })
  await perform(admin, { method: 'PUT', path: `/_security/user/${name}`, body: { password, roles: [name] } })
  return { username: name, password }
}

for (const version of ['9.5.0', '8.19.0'] as const) {
  t.test(`Elasticsearch ${version}`, async t => {
    const server = await startElasticsearch({ version, apart: true })
    t.teardown(() => server.stop())
    const site = makeSite(server, t.testdir({}))
    const admin = await site.admin()
    t.teardown(() => admin.close())
    await t.test('before setup nothing is written', t => before(t, site))
    await t.test('from nothing, then unchanged', t => repeats(t, site, version))
    await t.test('--keep-days', t => retains(t, site, admin))
    await t.test('--remove, and setup again', t => removes(t, site, admin))
    await t.test('the writer key', t => writer(t, site, server))
    await t.test('the reader role', t => reader(t, site, admin))
    await t.test('a key that does not do is replaced', t => replaces(t, site, admin))
    await t.test('an account that lacks rights', t => lacking(t, server, admin))
    await t.test('streams of an older version get new fields', t => updates(t, site, admin))
    await t.test('Elastic’s component templates do not change our fields', t => composes(t, site, admin))
    await t.test('what others made is left alone', t => foreign(t, site, admin))
    await t.test('--remove leaves what others need', t => keeps(t, site, admin))
    await t.test('--remove --with-data', t => removesData(t, server, admin))
  })
}

async function before(t: Test, site: Site): Promise<void> {
  const config = { ...site.config, apiKeyFile: undefined, username: 'elastic', passwordFile: site.adminFile }
  const output = createElasticsearchOutput(config, { warn: message => t.fail(message) })
  const answer = await output.write(makeBatch(output, [{ id: 'a' }]), new AbortController().signal)
  t.match(answer, { holdUp: { code: 'MLS_OUTPUT_TEMPLATE' } })
  await output.close()
}

async function updates(t: Test, site: Site, admin: Connection): Promise<void> {
  const { namespace } = site.config
  const body = {
    template: { mappings: { dynamic: false, properties: { message: { type: 'text', norms: false } } } },
    _meta: { managed_by: managedBy },
  }
  rmSync(site.keyFile, { force: true })
  t.equal((await site.setup()).code, 0)
  await perform(admin.client, { method: 'PUT', path: '/_component_template/mailman@mappings', body })
  const stream = `logs-mailman.digest-${namespace}`
  await perform(admin.client, { method: 'PUT', path: `/${stream}/_create/old`, body: { '@timestamp': '2026-01-02T03:04:05Z' } })
  const again = await site.setup()
  t.same(statuses(again.lines), [
    'done',
    ...Array(3).fill('unchanged'),
    'skipped',
    'done',
    'skipped',
    ...Array(2).fill('unchanged'),
  ])
  const mapping = (await perform(admin.client, { method: 'GET', path: `/${stream}/_mapping` })) as Record<
    string,
    { mappings: JsonObject }
  >
  t.match(Object.values(mapping)[0]?.mappings, { properties: { event: { properties: { action: { type: 'keyword' } } } } })
  t.same(statuses((await site.setup()).lines), nothingToDo)
}

async function composes(t: Test, site: Site, admin: Connection): Promise<void> {
  const properties = {
    message: { type: 'keyword' },
    process: { properties: { pid: { type: 'keyword' } } },
    theirs: { type: 'keyword' },
  }
  const theirs = { template: { mappings: { properties } } }
  await perform(admin.client, { method: 'PUT', path: '/_component_template/ecs@mappings', body: theirs })
  t.teardown(() => ask(admin.client, 'DELETE', '/_component_template/ecs@mappings'))
  const path = `/_index_template/_simulate_index/logs-mailman.post-${site.config.namespace}`
  const { template } = (await perform(admin.client, { method: 'POST', path })) as {
    template: { mappings: JsonObject; settings: JsonObject }
  }
  t.match(template.mappings, {
    dynamic: 'false',
    properties: { message: { type: 'text' }, process: { properties: { pid: { type: 'long' } } }, theirs: { type: 'keyword' } },
  })
  t.match(template.settings, { index: { codec: 'best_compression', mapping: { ignore_malformed: 'true' } } })
}

async function repeats(t: Test, site: Site, version: string): Promise<void> {
  const first = await site.setup()
  t.equal(first.code, 0, first.lines.join('\n'))
  t.match(first.lines[0], `Elasticsearch ${version}, spoken to as version ${version[0]}`)
  t.same(statuses(first.lines), [...Array(4).fill('done'), 'skipped', 'unchanged', 'skipped', 'done', 'done'])
  t.equal(statSync(site.keyFile).mode & 0o777, 0o600)
  const key = readFileSync(site.keyFile, 'utf8')
  t.notMatch(first.lines.join('\n'), key.trim(), 'the key is not shown')

  const second = await site.setup()
  t.equal(second.code, 0)
  t.same(statuses(second.lines), nothingToDo)
  t.equal(readFileSync(site.keyFile, 'utf8'), key)

  const third = await site.setup({ json: true })
  t.match(JSON.parse(third.lines.join('')), {
    ok: true,
    steps: Array.from({ length: 9 }, () => ({ name: String, status: String })),
  })
}

async function writer(t: Test, site: Site, server: TestElasticsearch): Promise<void> {
  const output = createElasticsearchOutput(site.config, { warn: message => t.fail(message) })
  t.teardown(() => output.close())
  const batch = makeBatch(output, [{ id: 'a' }, { id: 'b', dataset: 'mailman.smtp_failure' }])
  t.same(await output.write(batch, new AbortController().signal), { outcomes: [{ status: 'stored' }, { status: 'stored' }] })
  t.same(await output.write(batch, new AbortController().signal), {
    outcomes: [{ status: 'duplicate' }, { status: 'duplicate' }],
  })
  t.equal(output.server?.version, server.version)
  await output.close()

  const stream = `logs-mailman.vette-${site.config.namespace}`
  const { client, close } = await connect(site.config)
  t.teardown(close)
  const document = { '@timestamp': '2026-01-02T03:04:05Z', message: 'x' }
  const allowed: [Request['method'], string, unknown?][] = [
    ['PUT', `/${stream}/_create/c`, document],
    ['PUT', `/logs-mailman.bounce-${site.config.namespace}/_create/d`, document],
    ['PUT', `/metrics-mailman.agent-${site.config.namespace}/_create/e`, document],
    ['GET', '/_index_template/logs-mailman'],
    ['GET', '/_index_template/metrics-mailman.agent'],
    ['GET', '/_security/_authenticate'],
    ['GET', '/_cluster/health'],
  ]
  for (const [method, path, body] of allowed) t.equal(await ask(client, method, path, body), 'ok', `may ${method} ${path}`)
  const denied: [Request['method'], string, unknown?][] = [
    ['GET', `/${stream}/_search`],
    ['GET', `/${stream}/_doc/c`],
    ['GET', `/${stream}/_mapping`],
    ['POST', `/${stream}/_update/c`, { doc: { message: 'y' } }],
    ['DELETE', `/${stream}/_doc/c`],
    ['DELETE', `/${stream}`],
    ['POST', `/${stream}/_rollover`],
    ['PUT', `/${stream}/_mapping`, { properties: { own: { type: 'keyword' } } }],
    ['PUT', `/${stream}/_settings`, { index: { number_of_replicas: 0 } }],
    ['GET', `/metrics-mailman.agent-${site.config.namespace}/_search`],
    ['DELETE', `/metrics-mailman.agent-${site.config.namespace}/_doc/e`],
    ['PUT', `/logs-mailman.vette-other${site.config.namespace}/_create/c`, document],
    ['PUT', `/metrics-mailman.agent-other${site.config.namespace}/_create/c`, document],
    ['PUT', `/logs-nginx.access-${site.config.namespace}/_create/c`, document],
    ['PUT', '/elsewhere/_create/c', document],
    ['PUT', '/_index_template/logs-mailman', { index_patterns: ['logs-mailman.*-*'], data_stream: {} }],
    ['PUT', '/_component_template/mailman@mappings', { template: {} }],
    ['PUT', '/_cluster/settings', { persistent: { 'action.destructive_requires_name': true } }],
    ['PUT', '/_security/role/own', { cluster: ['all'] }],
    ['PUT', '/_security/user/own', { password: 'password', roles: ['superuser'] }],
    ['POST', '/_security/api_key', { name: 'own' }],
    ['GET', '/_security/user'],
  ]
  for (const [method, path, body] of denied)
    t.match(await ask(client, method, path, body), /^403 security_exception/, `may not ${method} ${path}`)
  t.match(
    await ask(client, 'POST', `/${stream}/_doc`, document),
    /^(ok|403)/,
    'a document with an id of the server’s making is a create too',
  )
  for (const action of ['index', 'update', 'delete']) {
    const body = `${JSON.stringify({ [action]: { _index: stream, _id: 'c' } })}\n${action === 'delete' ? '' : '{"doc":{"message":"y"}}\n'}`
    const headers = { 'content-type': `application/vnd.elasticsearch+x-ndjson; compatible-with=${server.version[0]}` }
    const answer = await client.transport.request({ method: 'POST', path: '/_bulk', bulkBody: body }, { headers })
    const item = (answer as { items: Record<string, { status: number }>[] }).items[0]?.[action]
    t.ok(item !== undefined && [400, 403].includes(item.status), `bulk ${action} is refused: ${JSON.stringify(item)}`)
  }
}

async function reader(t: Test, site: Site, admin: Connection): Promise<void> {
  const { namespace } = site.config
  const stream = `logs-mailman.vette-${namespace}`
  const password = 'password-of-reader'
  const name = `reader-${namespace}`
  await perform(admin.client, { method: 'PUT', path: `/_security/user/${name}`, body: { password, roles: ['mailman-admins'] } })
  t.teardown(() => ask(admin.client, 'DELETE', `/_security/user/${name}`))
  await perform(admin.client, { method: 'POST', path: `/logs-mailman.*-${namespace}/_refresh` })
  const { client, close } = await connect(site.config, { credentials: { username: name, password } })
  t.teardown(close)
  const found = (await perform(client, { method: 'GET', path: `/logs-mailman.*-${namespace}/_search` })) as {
    hits: { total: { value: number } }
  }
  t.ok(found.hits.total.value >= 4, 'finds what the writer wrote')
  const metrics = `metrics-mailman.agent-${namespace}`
  for (const path of [
    `/${stream}/_mapping`,
    `/${stream}/_field_caps?fields=*`,
    `/_resolve/index/logs-mailman.*-${namespace}`,
    `/${metrics}/_search`,
    `/${metrics}/_mapping`,
  ]) {
    t.equal(await ask(client, 'GET', path), 'ok', `may GET ${path}`)
  }
  const denied: [Request['method'], string, unknown?][] = [
    ['PUT', `/${stream}/_create/z`, { '@timestamp': '2026-01-02T03:04:05Z' }],
    ['PUT', `/${metrics}/_create/z`, { '@timestamp': '2026-01-02T03:04:05Z' }],
    ['POST', `/${stream}/_doc`, { '@timestamp': '2026-01-02T03:04:05Z' }],
    ['DELETE', `/${stream}`],
    ['GET', `/logs-mailman.vette-other${namespace}/_search`],
    ['GET', '/_cluster/health'],
    ['GET', '/_index_template/logs-mailman'],
    ['GET', '/_security/user'],
    ['PUT', '/_security/role/own', { cluster: ['all'] }],
    ['POST', '/_security/api_key', { name: 'own' }],
  ]
  for (const [method, path, body] of denied)
    t.match(await ask(client, method, path, body), /^403 security_exception/, `may not ${method} ${path}`)
}

async function replaces(t: Test, site: Site, admin: Connection): Promise<void> {
  const before = readFileSync(site.keyFile, 'utf8').trim()
  const wider = await site.setup({ allowLookup: true })
  t.equal(wider.code, 0, wider.lines.join('\n'))
  t.match(wider.lines.join('\n'), /done +writer key: a new key .* is revoked/)
  const after = readFileSync(site.keyFile, 'utf8').trim()
  t.not(after, before)
  await t.rejects(connect(site.config, { credentials: { apiKey: before } }), { code: 'MLS_OUTPUT_AUTH' }, 'the old key is dead')
  const { client, close } = await connect(site.config)
  t.equal(
    await ask(client, 'GET', `/logs-mailman.vette-${site.config.namespace}/_search`),
    'ok',
    'may search with --allow-lookup',
  )
  t.equal(
    await ask(client, 'GET', `/_resolve/index/logs-mailman.*-${site.config.namespace}`),
    'ok',
    'may ask for backing indices',
  )
  const denied: [Request['method'], string, unknown?][] = [
    ['GET', `/metrics-mailman.agent-${site.config.namespace}/_search`],
    ['GET', `/logs-mailman.vette-other${site.config.namespace}/_search`],
    ['DELETE', `/logs-mailman.vette-${site.config.namespace}/_doc/a`],
    ['POST', `/logs-mailman.vette-${site.config.namespace}/_refresh`],
    ['POST', `/logs-mailman.vette-${site.config.namespace}/_rollover`],
  ]
  for (const [method, path, body] of denied) t.match(await ask(client, method, path, body), /^403 /, `may not ${method} ${path}`)
  await close()
  t.match((await site.setup()).lines.join('\n'), /unchanged +writer key/, 'more than is needed is kept')

  const id = Buffer.from(after, 'base64').toString().split(':')[0]!
  await perform(admin.client, { method: 'DELETE', path: '/_security/api_key', body: { ids: [id] } })
  const renewed = await site.setup()
  t.equal(renewed.code, 0)
  t.match(renewed.lines.join('\n'), /done +writer key: a new key/, 'a revoked key is replaced')

  chmodSync(site.keyFile, 0o640)
  const open = await site.setup()
  t.equal(open.code, 2)
  t.match(open.lines.join('\n'), /failed +writer key: .*open to group or others.*chmod 600/s)
  writeFileSync(site.keyFile, 'nonsense\n')
  chmodSync(site.keyFile, 0o600)
  t.match((await site.setup()).lines.join('\n'), /failed +writer key: .*does not hold an API key/)
}

async function lacking(t: Test, server: TestElasticsearch, admin: Connection): Promise<void> {
  const other = makeSite(server, t.testdir({}))
  const nobody = await makeUser(admin.client, `nobody-${other.config.namespace}`, { cluster: ['monitor'] })
  const nobodyFile = writeSecret(t.testdirName, 'nobody', nobody.password)
  const refused = await other.setup({ user: nobody.username, passwordFile: nobodyFile })
  t.equal(refused.code, 4)
  const text = refused.lines.join('\n')
  t.match(text, 'refused   index template logs-mailman: the account lacks cluster privilege manage_index_templates')
  t.match(text, 'refused   role mailman-admins: the account lacks cluster privilege manage_security')
  t.match(
    text,
    /refused +writer key: the account lacks index privilege auto_configure on .*create_doc on .*cluster privilege manage_own_api_key/,
  )
  t.match(text, 'MLS_SETUP_PRIVILEGE')

  const rights = { cluster: ['monitor', 'manage_index_templates', 'manage_own_api_key'] }
  const indices = [{ names: ['logs-mailman.*-*', 'metrics-mailman.*-*'], privileges: ['auto_configure', 'create_doc', 'manage'] }]
  const least = await makeUser(admin.client, `least-${other.config.namespace}`, { ...rights, indices })
  const leastFile = writeSecret(t.testdirName, 'least', least.password)
  const enough = await other.setup({ user: least.username, passwordFile: leastFile })
  t.equal(enough.code, 0, 'all that run needs')
  t.match(enough.lines.join('\n'), /refused +role mailman-admins: .*manage_security/)
  t.match(enough.lines.join('\n'), /done +writer key/)
  const output = createElasticsearchOutput(other.config, { warn: message => t.fail(message) })
  t.match(await output.write(makeBatch(output, [{ id: 'a' }]), new AbortController().signal), {
    outcomes: [{ status: 'stored' }],
  })
  await output.close()

  writeSecret(t.testdirName, 'wrong', 'wrong password')
  await t.rejects(other.setup({ passwordFile: `${t.testdirName}/wrong` }), { code: 'MLS_OUTPUT_AUTH' })
  await t.rejects(other.setup({ passwordFile: `${t.testdirName}/none` }), {
    code: 'MLS_CONFIG_SECRET',
    message: /there is no such file/,
  })
  await t.rejects(other.setup({ user: undefined }), { code: 'MLS_USAGE_INVALID', message: /--user and --password-file/ })
}

async function foreign(t: Test, site: Site, admin: Connection): Promise<void> {
  const path = '/_index_template/logs-mailman'
  await perform(admin.client, {
    method: 'PUT',
    path,
    body: { index_patterns: ['logs-mailman.*-*'], data_stream: {}, priority: 260 },
  })
  writeFileSync(site.keyFile, '')
  const { lines } = await site.setup()
  t.match(lines.join('\n'), /skipped +index template logs-mailman: .*not ours/)

  const role = '/_security/role/mailman-admins'
  const own = { cluster: ['monitor'], indices: [{ names: ['own-*'], privileges: ['read'] }], applications: [] }
  await perform(admin.client, { method: 'PUT', path: role, body: own })
  t.match((await site.setup()).lines.join('\n'), /done +role mailman-admins/)
  const now = (await perform(admin.client, { method: 'GET', path: role })) as Record<
    string,
    { cluster: string[]; indices: unknown[] }
  >
  t.match(now['mailman-admins'], {
    cluster: ['monitor'],
    indices: [{ names: ['own-*'] }, { privileges: ['read', 'view_index_metadata'] }],
  })

  const printed = (await site.setup({ print: true, user: undefined, passwordFile: undefined })).lines.join('\n')
  t.match(
    printed,
    /PUT \/_component_template\/mailman@mappings[\s\S]*PUT \/_index_template\/logs-mailman[\s\S]*PUT \/_data_stream\/metrics-mailman\.agent-[\s\S]*POST \/_security\/api_key/,
  )
}
