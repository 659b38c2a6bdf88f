// The output against real servers: what they take, what they refuse, and what is said of it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ElasticsearchConfig } from '../../src/config/options.js'
import { AnswerBytes, saysAllStored } from '../../src/delivery/answer-bytes.js'
import { bulkHeaders, bulkQuery, connect } from '../../src/delivery/client.js'
import { createElasticsearchOutput, type ElasticsearchOutput } from '../../src/delivery/elasticsearch.js'
import { perform } from '../../src/delivery/request.js'
import type { JsonObject } from '../../src/delivery/template.js'
import type { Answer } from '../../src/model.js'
import { makeBatch, makeConfig, type TestDocument, writeSecret } from '../support/batch.js'
import { startElasticsearch, type TestElasticsearch } from '../support/elasticsearch.js'
import { makeSite, type Site } from '../support/setup.js'
import { makeCertificate } from '../support/tls-front.js'

t.setTimeout(900_000)
const never = new AbortController().signal

function open(t: Test, config: ElasticsearchConfig): ElasticsearchOutput {
  const output = createElasticsearchOutput(config, { warn: message => t.fail(`no warning expected: ${message}`) })
  t.teardown(() => output.close())
  return output
}

const write = (output: ElasticsearchOutput, ...documents: TestDocument[]): Promise<Answer> =>
  output.write(makeBatch(output, documents), never)

for (const version of ['9.5.0', '8.19.0'] as const) {
  t.test(`Elasticsearch ${version}`, async t => {
    const server = await startElasticsearch({ version })
    t.teardown(() => server.stop())
    const site = makeSite(server, t.testdir({}))
    const made = await site.setup()
    t.equal(made.code, 0, made.lines.join('\n'))

    await t.test('stores, and knows what it has stored', t => stores(t, site, version))
    await t.test('says in the words we know that all is stored', t => words(t, site))
    await t.test('sets aside what can never be stored', t => setsAside(t, site))
    await t.test('waits where an index is read-only', t => readOnly(t, site))
    await t.test('waits where the key may not write', t => forbidden(t, site))
    await t.test('a key that is wrong, revoked, and new again', t => keys(t, site))
    await t.test('certificates of others', t => authorities(t, site, server))
  })
}

/** Any other words would be understood too, at twice the cost. */
async function words(t: Test, site: Site): Promise<void> {
  const batch = makeBatch(open(t, site.config), [{ id: 'uFUVFT9EyzHOPtwF-4181-1xgice4' }, { id: 'uFUVFT9EyzHOPtwF-4182-0' }])
  const connection = await connect(site.config)
  t.teardown(() => connection.close())
  const request = { method: 'POST', path: '/_bulk', querystring: bulkQuery, bulkBody: batch.body }
  const answer: unknown = await connection.client.transport.request(request, { headers: bulkHeaders(connection, false) })
  t.ok(answer instanceof AnswerBytes && saysAllStored(answer, batch), JSON.stringify(answer))
}

async function stores(t: Test, site: Site, version: string): Promise<void> {
  for (const compression of ['gzip', 'none'] as const) {
    const output = open(t, { ...site.config, compression })
    const id = (n: number): TestDocument => ({
      id: `${compression}${n}`,
      document: { message: 'Grüße, 世界', 'mailman.list.name': 'test' },
    })
    t.same(await write(output, id(1), id(2)), { outcomes: [{ status: 'stored' }, { status: 'stored' }] })
    t.same(await write(output, id(2), id(3)), { outcomes: [{ status: 'duplicate' }, { status: 'stored' }] })
    t.same(output.server, { version, compatibility: Number(version[0]) })
  }
  const admin = await site.admin()
  t.teardown(() => admin.close())
  const stream = `logs-mailman.vette-${site.config.namespace}`
  await perform(admin.client, { method: 'POST', path: `/${stream}/_refresh` })
  const query = { query: { bool: { filter: [{ term: { 'mailman.list.name': 'test' } }, { match: { message: '世界' } }] } } }
  const found = (await perform(admin.client, {
    method: 'POST',
    path: `/${stream}/_search`,
    body: query as unknown as JsonObject,
  })) as {
    hits: { hits: { _id: string }[] }
  }
  t.same(found.hits.hits.map(hit => hit._id).sort(), ['gzip1', 'gzip2', 'gzip3', 'none1', 'none2', 'none3'])
  const mapping = (await perform(admin.client, { method: 'GET', path: `/${stream}/_mapping` })) as Record<
    string,
    { mappings: { dynamic: string } }
  >
  t.equal(Object.values(mapping)[0]?.mappings.dynamic, 'false', 'the stream has our template')
}

async function setsAside(t: Test, site: Site): Promise<void> {
  const output = open(t, site.config)
  const answer = await write(
    output,
    { id: 'good' },
    { id: 'bad-time', document: '{"@timestamp":"yesterday mary@example.org"}' },
    { id: 'no-time', document: '{"message":"mary@example.org"}' },
    { id: 'no-json', document: '{"mary@example.org' },
    { id: 'object', document: { 'event.action': { mary: 'example.org' } } },
    { id: 'bad-ip', document: { 'source.ip': 'mary', 'process.pid': 'x', unknown: { field: 'is kept' } } },
    {
      id: 'long',
      document: { 'error.type': 'x'.repeat(40_000), 'error.stack_trace': 'y '.repeat(40_000), message: 'z'.repeat(40_000) },
    },
  )
  t.match(answer, {
    outcomes: [
      { status: 'stored' },
      { status: 'set-aside', reason: /^400 document_parsing_exception, field @timestamp$/ },
      { status: 'set-aside', reason: /^400 document_parsing_exception/ },
      { status: 'set-aside', reason: /^400 / },
      { status: 'set-aside', reason: /^400 document_parsing_exception/ },
      { status: 'stored' },
      { status: 'stored' },
    ],
  })
  t.notMatch(JSON.stringify(answer), 'mary', 'no value of a document comes back')
}

async function readOnly(t: Test, site: Site): Promise<void> {
  const admin = await site.admin()
  t.teardown(() => admin.close())
  const output = open(t, site.config)
  t.match(await write(output, { id: 'before', dataset: 'mailman.error' }), { outcomes: [{ status: 'stored' }] })
  const path = `/logs-mailman.error-${site.config.namespace}/_settings`
  for (const block of ['read_only_allow_delete', 'write']) {
    await perform(admin.client, { method: 'PUT', path, body: { index: { blocks: { [block]: true } } } })
    const all = await write(output, { id: 'a', dataset: 'mailman.error' })
    t.match(all, { holdUp: { code: 'MLS_OUTPUT_READONLY', detail: /cluster_block_exception/ } })
    const some = await write(output, { id: `b${block}` }, { id: 'c', dataset: 'mailman.error' })
    t.match(some, { outcomes: [{ status: 'stored' }, { status: 'retry', reason: /cluster_block_exception/ }] })
    await perform(admin.client, { method: 'PUT', path, body: { index: { blocks: { [block]: false } } } })
  }
  t.match(await write(output, { id: 'a', dataset: 'mailman.error' }), { outcomes: [{ status: 'stored' }] })
}

async function forbidden(t: Test, site: Site): Promise<void> {
  const output = open(t, { ...site.config, namespace: `other${site.config.namespace}` })
  t.match(await write(output, { id: 'a' }), { holdUp: { code: 'MLS_OUTPUT_FORBIDDEN', detail: '403 security_exception' } })
}

async function keys(t: Test, site: Site): Promise<void> {
  const directory = t.testdir({})
  const admin = await site.admin()
  t.teardown(() => admin.close())
  const make = async (): Promise<{ id: string; encoded: string }> => {
    const indices = [{ names: [`logs-mailman.*-${site.config.namespace}`], privileges: ['auto_configure', 'create_doc'] }]
    const body = { name: 'test', role_descriptors: { writer: { cluster: ['monitor'], indices } } }
    return (await perform(admin.client, { method: 'POST', path: '/_security/api_key', body })) as { id: string; encoded: string }
  }
  const apiKeyFile = writeSecret(directory, 'key', Buffer.from('AAAAAAAAAAAAAAAAAAAA:BBBBBBBBBBBBBBBBBBBBBB').toString('base64'))
  const output = open(t, { ...site.config, apiKeyFile })
  t.match(await write(output, { id: 'k1' }), { holdUp: { code: 'MLS_OUTPUT_AUTH' } }, 'a key that never was')
  const first = await make()
  writeSecret(directory, 'key', first.encoded)
  t.match(await write(output, { id: 'k1' }), { outcomes: [{ status: 'stored' }] }, 'the file is read again')
  await perform(admin.client, { method: 'DELETE', path: '/_security/api_key', body: { ids: [first.id] } })
  t.match(await write(output, { id: 'k2' }), { holdUp: { code: 'MLS_OUTPUT_AUTH' } }, 'revoked')
  t.match(await write(output, { id: 'k2' }), { holdUp: { code: 'MLS_OUTPUT_AUTH' } }, 'still revoked')
  const second = await make()
  writeSecret(directory, 'key', Buffer.from(second.encoded, 'base64').toString())
  t.match(await write(output, { id: 'k2' }), { outcomes: [{ status: 'stored' }] }, 'a new one, as id:key')

  const passwordFile = writeSecret(directory, 'wrong', 'wrong')
  const login = open(t, { ...site.config, apiKeyFile: undefined, username: 'elastic', passwordFile })
  t.match(await write(login, { id: 'k3' }), { holdUp: { code: 'MLS_OUTPUT_AUTH' } })
  const admins = open(t, { ...site.config, apiKeyFile: undefined, username: 'elastic', passwordFile: site.adminFile })
  t.match(await write(admins, { id: 'k3' }), { outcomes: [{ status: 'stored' }] })
  const anonymous = open(t, { ...site.config, apiKeyFile: undefined })
  t.match(await write(anonymous, { id: 'k4' }), { holdUp: { code: 'MLS_OUTPUT_AUTH' } }, 'no key at all')
}

async function authorities(t: Test, site: Site, server: TestElasticsearch): Promise<void> {
  const directory = t.testdir({})
  await makeCertificate(directory, 'other')
  const wrong = open(t, { ...site.config, caFile: join(directory, 'ca.crt') })
  t.match(await write(wrong, { id: 'a' }), {
    holdUp: { code: 'MLS_OUTPUT_TLS', detail: /"node" is from an authority that is not trusted here/ },
  })
  const system = open(t, { ...site.config, caFile: undefined })
  t.match(await write(system, { id: 'a' }), { holdUp: { code: 'MLS_OUTPUT_TLS', detail: /not trusted here/ } })
  writeFileSync(join(directory, 'empty'), '')
  const empty = open(t, { ...site.config, caFile: join(directory, 'empty') })
  t.match(await write(empty, { id: 'a' }), { holdUp: { code: 'MLS_OUTPUT_TLS', detail: /holds no PEM certificate/ } })
  const plain = open(t, makeConfig(server.url.replace('https:', 'http:'), { apiKeyFile: site.keyFile }))
  t.match(
    await write(plain, { id: 'a' }),
    { holdUp: { code: /MLS_OUTPUT_(UNREACHABLE|NOT_ELASTICSEARCH)/ } },
    'http:// where https:// is spoken',
  )
}
