// Answers that a healthy server does not give: proxies, overload, cuts (F48–F61), and certificates (F56).
import { rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { ElasticsearchConfig } from '../../src/config/options.js'
import { createElasticsearchOutput, type ElasticsearchOutput } from '../../src/delivery/elasticsearch.js'
import type { Answer } from '../../src/model.js'
import { makeBatch, makeConfig, type TestDocument } from '../support/batch.js'
import { type BulkScript, type FakeElasticsearch, type Reply, startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { makeCertificate, startTlsFront } from '../support/tls-front.js'

const never = new AbortController().signal

async function start(
  t: Test,
  more: Partial<ElasticsearchConfig> = {},
  timeoutMs = 5000,
): Promise<{ fake: FakeElasticsearch; output: ElasticsearchOutput; warnings: string[] }> {
  const fake = await startFakeElasticsearch()
  t.teardown(() => fake.close())
  const warnings: string[] = []
  const output = createElasticsearchOutput(makeConfig(fake.url, more), { warn: message => warnings.push(message), timeoutMs })
  t.teardown(() => output.close())
  return { fake, output, warnings }
}

const write = (output: ElasticsearchOutput, ...documents: TestDocument[]): Promise<Answer> =>
  output.write(makeBatch(output, documents), never)
const a = { id: 'a' }
const b = { id: 'b' }
const both: BulkScript = (_, store) => ({ body: store() })

t.test('whole answers that are none, or refusals', async t => {
  const { fake, output } = await start(t)
  const html = '<html><title>Sign in</title></html>'
  const error = (status: number, type: string): Reply => ({ status, body: { error: { type, reason: 'x' }, status } })
  const replies: [name: string, reply: Reply, code: string][] = [
    ['F51 a login page', { body: html }, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    [
      'F51 a login page without the header',
      { body: html, headers: { 'x-elastic-product': 'Other' } },
      'MLS_OUTPUT_NOT_ELASTICSEARCH',
    ],
    ['F51 nothing', { body: '' }, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    [
      'F51 cut JSON',
      { body: '{"errors":false,"items":[{"create"', headers: { 'content-type': 'application/json' } },
      'MLS_OUTPUT_NOT_ELASTICSEARCH',
    ],
    ['F51 no items', { body: { errors: false } }, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    ['F51 too few items', { body: { errors: false, items: [{ create: { status: 201 } }] } }, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    [
      'F51 too many items',
      { body: { errors: false, items: Array(3).fill({ create: { status: 201 } }) } },
      'MLS_OUTPUT_NOT_ELASTICSEARCH',
    ],
    [
      'F51 other items',
      { body: { errors: false, items: Array(2).fill({ index: { status: 201 } }) } },
      'MLS_OUTPUT_NOT_ELASTICSEARCH',
    ],
    ['F51 items of nothing', { body: { errors: true, items: [null, null] } }, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    ['F51 no `errors`', { body: { items: Array(2).fill({ create: { status: 201 } }) } }, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    ['F51 a lie', { body: { errors: false, items: Array(2).fill({ create: { status: 429 } }) } }, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    ['F51 a JSON string', { body: '"ok"', headers: { 'content-type': 'application/json' } }, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    [
      'F51 a redirect',
      { status: 302, headers: { location: '/login', 'x-elastic-product': '' }, body: html },
      'MLS_OUTPUT_NOT_ELASTICSEARCH',
    ],
    ['F51 502', { status: 502, body: html, headers: { 'x-elastic-product': '' } }, 'MLS_OUTPUT_UNREACHABLE'],
    ['F51 503', { status: 503, body: html, headers: { 'x-elastic-product': '' } }, 'MLS_OUTPUT_SERVER'],
    ['F51 504', { status: 504, body: '' }, 'MLS_OUTPUT_UNREACHABLE'],
    ['F50 429', error(429, 'es_rejected_execution_exception'), 'MLS_OUTPUT_BUSY'],
    ['F50 429 for want of memory', error(429, 'circuit_breaking_exception'), 'MLS_OUTPUT_BUSY'],
    ['F55 413 by a proxy', { status: 413, body: html, headers: { 'x-elastic-product': '' } }, 'MLS_OUTPUT_TOO_LARGE'],
    ['F55 413', { status: 413, body: '' }, 'MLS_OUTPUT_TOO_LARGE'],
    ['F57 401', error(401, 'security_exception'), 'MLS_OUTPUT_AUTH'],
    ['F57 403', error(403, 'security_exception'), 'MLS_OUTPUT_FORBIDDEN'],
    ['F58 403 block', error(403, 'cluster_block_exception'), 'MLS_OUTPUT_READONLY'],
    ['F58 429 block', error(429, 'cluster_block_exception'), 'MLS_OUTPUT_READONLY'],
    ['F61 406', error(406, 'media_type_header_exception'), 'MLS_OUTPUT_SERVER'],
    ['500', error(500, 'null_pointer_exception'), 'MLS_OUTPUT_SERVER'],
  ]
  for (const [name, reply, code] of replies) {
    fake.next(() => reply)
    const before = fake.requests.length
    const answer = await write(output, a, b)
    t.match(answer, { holdUp: { code } }, name)
    t.notMatch(JSON.stringify(answer), /html|Sign in/, `${name}: nothing of the answer is shown`)
    t.equal(fake.requests.length, before + 1, `${name}: sent once (F46)`)
    t.equal(fake.stored.size, 0, name)
  }
  t.match(await write(output, a, b), { outcomes: [{ status: 'stored' }, { status: 'stored' }] }, 'and then all is well')
})

t.test('F51 items that name their documents have to name the right ones', async t => {
  const { fake, output } = await start(t)
  const item = (_id: unknown, status = 201): object => ({ create: { _id, status } })
  const refused = { create: { _id: 'a', status: 400, error: { type: 'document_parsing_exception', reason: 'x' } } }
  const strange = { holdUp: { code: 'MLS_OUTPUT_NOT_ELASTICSEARCH', detail: 'an item is not recognised' } }
  for (const [name, body] of [
    ['in another order, all stored', { errors: false, items: [item('b'), item('a')] }],
    ['in another order, one refused', { errors: true, items: [item('b'), refused] }],
    ['of another request', { errors: false, items: [item('a'), item('c')] }],
    ['the end of an id', { errors: false, items: [item(''), item('b')] }],
    ['no string', { errors: false, items: [item(1), item('b')] }],
  ] as const) {
    fake.next(() => ({ body }))
    t.match(await write(output, a, b), strange, name)
  }
  fake.next(() => ({ body: { errors: true, items: [refused, item('b')] } }))
  t.match(await write(output, a, b), { outcomes: [{ status: 'set-aside' }, { status: 'stored' }] }, 'in theirs')
  fake.next(() => ({ body: { errors: false, items: [{ create: { status: 201 } }, item('b')] } }))
  t.match(await write(output, a, b), { outcomes: [{ status: 'stored' }, { status: 'stored' }] }, 'a status is enough')
})

t.test('F52 each item for itself', async t => {
  const { fake, output } = await start(t)
  const item = (status: number, type: string): object => ({ create: { status, error: { type, reason: 'x' } } })
  const items = [
    { create: { status: 201 } },
    item(429, 'es_rejected_execution_exception'),
    item(400, 'document_parsing_exception'),
    item(409, 'version_conflict_engine_exception'),
    item(403, 'cluster_block_exception'),
    item(418, 'teapot_exception'),
    { create: {} },
  ]
  fake.next(() => ({ body: { errors: true, items } }))
  t.match(await write(output, ...items.map((_, i) => ({ id: `${i}` }))), {
    outcomes: [
      { status: 'stored' },
      { status: 'retry', reason: '429 es_rejected_execution_exception' },
      { status: 'set-aside', reason: '400 document_parsing_exception' },
      { status: 'duplicate' },
      { status: 'retry', reason: '403 cluster_block_exception' },
      { status: 'retry', reason: '418 teapot_exception' },
      { status: 'retry', reason: 'an item without a status' },
    ],
  })
  fake.next(() => ({ body: { errors: true, items: [items[1], items[1]] } }))
  t.match(await write(output, a, b), { holdUp: { code: 'MLS_OUTPUT_BUSY' } }, 'all for one cause is a hold-up')
  fake.next(() => ({ body: { errors: true, items: [items[1], items[4]] } }))
  t.match(await write(output, a, b), { outcomes: [{ status: 'retry' }, { status: 'retry' }] }, 'different causes stay apart')
})

t.test('F49 a cut in the middle of the answer is an unknown; the same again finds duplicates', async t => {
  const { fake, output } = await start(t)
  fake.next((_, store) => {
    store()
    return 'reset'
  })
  t.match(await write(output, a, b), { holdUp: { code: 'MLS_OUTPUT_UNREACHABLE' } })
  t.equal(fake.stored.size, 2)
  t.match(await write(output, a, b), { outcomes: [{ status: 'duplicate' }, { status: 'duplicate' }] })
  fake.next(() => 'reset')
  t.match(await write(output, { id: 'c' }), { holdUp: { code: 'MLS_OUTPUT_UNREACHABLE' } })
  t.equal(fake.requests.length, 3, 'nothing was sent behind our back (F46)')
})

t.test('F48 no answer', async t => {
  const { fake, output } = await start(t, {}, 300)
  fake.next(() => 'hang', both)
  t.match(await write(output, a), { holdUp: { code: 'MLS_OUTPUT_TIMEOUT', detail: /300 ms/ } })
  t.match(await write(output, a), { outcomes: [{ status: 'stored' }] })
  const stop = new AbortController()
  fake.next(() => {
    stop.abort()
    return 'hang'
  })
  t.match(await output.write(makeBatch(output, [b]), stop.signal), {
    holdUp: { code: 'MLS_OUTPUT_TIMEOUT', detail: /abandoned/ },
  })
})

t.test('F47 nobody there', async t => {
  const fake = await startFakeElasticsearch()
  await fake.close()
  const warn = (message: string): void => void t.fail(message)
  const output = createElasticsearchOutput(makeConfig(fake.url), { warn })
  t.match(await write(output, a), {
    holdUp: { code: 'MLS_OUTPUT_UNREACHABLE', detail: /nothing listens there \(ECONNREFUSED\)/ },
  })
  const both = createElasticsearchOutput(makeConfig(fake.url.replace('127.0.0.1', 'localhost')), { warn })
  t.match(await write(both, a), { holdUp: { code: 'MLS_OUTPUT_UNREACHABLE', detail: /nothing listens there \(ECONNREFUSED\)/ } })
  const unknown = createElasticsearchOutput(makeConfig('https://no-such-host.invalid:9200'), { warn })
  t.match(await write(unknown, a), { holdUp: { code: 'MLS_OUTPUT_UNREACHABLE', detail: /DNS/ } })
  const again = await startFakeElasticsearch({ port: Number(new URL(fake.url).port) })
  t.match(await write(output, a), { outcomes: [{ status: 'stored' }] }, 'it is found when it comes')
  for (const each of [output, both, unknown]) await each.close()
  await again.close()
})

t.test('F61 one bad node of two', async t => {
  const gone = await startFakeElasticsearch()
  await gone.close()
  const fake = await startFakeElasticsearch()
  t.teardown(() => fake.close())
  const output = createElasticsearchOutput(makeConfig([gone.url, fake.url]), { warn: () => {} })
  t.teardown(() => output.close())
  const answers: Answer[] = []
  while (answers.filter(answer => 'outcomes' in answer).length < 3 && answers.length < 20)
    answers.push(await write(output, { id: `${answers.length}` }))
  t.ok(answers.filter(answer => 'outcomes' in answer).length === 3, `the good one is used: ${JSON.stringify(answers)}`)
})

t.test('F61 one node of two with a wrong certificate', async t => {
  const directory = t.testdir({})
  const fake = await startFakeElasticsearch()
  const port = Number(new URL(fake.url).port)
  await makeCertificate(directory, 'good')
  await makeCertificate(directory, 'name', 'DNS:es.example.org')
  const bad = await startTlsFront(directory, 'name', port)
  const good = await startTlsFront(directory, 'good', port)
  const config = makeConfig([bad.url, good.url], { caFile: join(directory, 'ca.crt') })
  const output = createElasticsearchOutput(config, { warn: () => {} })
  t.teardown(() => Promise.all([output.close(), bad.close(), good.close(), fake.close()]))
  let stored = 0
  for (let i = 0; i < 12; i++) stored += 'outcomes' in (await write(output, { id: `${i}` })) ? 1 : 0
  t.ok(stored >= 3, `${stored} of 12 came through the good one`)
})

t.test('F59 the template', async t => {
  const { fake, output, warnings } = await start(t)
  fake.template = { status: 404, body: { error: { type: 'resource_not_found_exception', reason: 'x' }, status: 404 } }
  t.match(await write(output, a), { holdUp: { code: 'MLS_OUTPUT_TEMPLATE' } })
  t.equal(fake.requests.length, 0, 'nothing is sent')
  fake.template = { body: { index_templates: [{ name: 'logs-mailman', index_template: { index_patterns: ['logs-*'] } }] } }
  t.match(await write(output, a), { outcomes: [{ status: 'stored' }] })
  t.match(warnings, [/not ours/])
  await write(output, b)
  t.equal(warnings.length, 1, 'said once')
  const item = { create: { status: 404, error: { type: 'index_not_found_exception', reason: 'no such index' } } }
  fake.next(() => ({ body: { errors: true, items: [item] } }))
  fake.template = { status: 404, body: { error: { type: 'resource_not_found_exception' }, status: 404 } }
  t.match(await write(output, { id: 'c' }), { holdUp: { code: 'MLS_OUTPUT_TEMPLATE' } })
  t.match(await write(output, { id: 'c' }), { holdUp: { code: 'MLS_OUTPUT_TEMPLATE' } }, 'it was looked for again')
  t.equal(fake.requests.length, 3)
  fake.template = { status: 403, body: { error: { type: 'security_exception' }, status: 403 } }
  t.match(await write(output, { id: 'c' }), { outcomes: [{ status: 'stored' }] })
  t.match(warnings[1], /lacks `monitor`/)
})

t.test('what GET / may say', async t => {
  const roots: [Reply, object | undefined, string?][] = [
    [{ body: { version: { number: '8.19.3' } } }, { version: '8.19.3', compatibility: 8 }],
    [{ body: { version: { number: '9.6.0-SNAPSHOT' } } }, { version: '9.6.0-SNAPSHOT', compatibility: 9 }],
    [{ body: { version: { number: '10.0.0' } } }, { version: '10.0.0', compatibility: 9 }],
    [
      { status: 403, body: { error: { type: 'security_exception' } } },
      { version: undefined, compatibility: 8 },
    ],
    [
      { status: 400, body: { error: 'no handler found for uri [/] and method [GET]' } },
      { version: undefined, compatibility: 8 },
    ],
    [{ body: { version: { number: '7.17.29' } } }, undefined, 'MLS_OUTPUT_VERSION'],
    [{ body: { tagline: 'hello' } }, undefined, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    [
      { body: { version: { number: '2.19.1', distribution: 'opensearch' } }, headers: { 'x-elastic-product': '' } },
      undefined,
      'MLS_OUTPUT_NOT_ELASTICSEARCH',
    ],
    [{ status: 404, body: '<html>', headers: { 'x-elastic-product': '' } }, undefined, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
    [{ body: '<html>' }, undefined, 'MLS_OUTPUT_NOT_ELASTICSEARCH'],
  ]
  for (const [root, server, code] of roots) {
    const { fake, output } = await start(t)
    fake.root = root
    const answer = await write(output, a)
    if (code === undefined) t.match(answer, { outcomes: [{ status: 'stored' }] }, JSON.stringify(root))
    else t.match(answer, { holdUp: { code } }, JSON.stringify(root))
    t.same(output.server, server, JSON.stringify(root))
  }
})

t.test('a failure store is a warning', async t => {
  const { fake, output, warnings } = await start(t)
  fake.next(() => ({ body: { errors: false, items: [{ create: { status: 201, failure_store: 'used' } }] } }))
  t.match(await write(output, a), { outcomes: [{ status: 'stored' }] })
  t.match(warnings, [/failure store/])
})

t.test('F56 certificates', async t => {
  const directory = t.testdir({})
  const fake = await startFakeElasticsearch()
  t.teardown(() => fake.close())
  const port = Number(new URL(fake.url).port)
  await makeCertificate(directory, 'good')
  await makeCertificate(directory, 'old', undefined, { notBefore: '20200101000000Z', notAfter: '20210203000000Z' })
  await makeCertificate(directory, 'early', undefined, { notBefore: '20990101000000Z', notAfter: '20990203000000Z' })
  await makeCertificate(directory, 'name', 'DNS:es.example.org')
  const caFile = join(directory, 'ca.crt')
  for (const [name, detail] of [
    ['old', /"old", or of its issuer, has expired .*2021-02-03/],
    ['early', /"early", or of its issuer, is not valid yet .*2099-01-01/],
    ['name', /is for "DNS:es\.example\.org", not for localhost/],
  ] as const) {
    const front = await startTlsFront(directory, name, port)
    const output = createElasticsearchOutput(makeConfig(front.url, { caFile }), { warn: () => {} })
    t.match(await write(output, a), { holdUp: { code: 'MLS_OUTPUT_TLS', detail } }, name)
    await output.close()
    await front.close()
  }
  t.equal(fake.requests.length, 0, 'nothing was sent')

  const front = await startTlsFront(directory, 'good', port)
  t.teardown(() => front.close())
  const file = join(directory, 'renewed.crt')
  await makeCertificate(join(directory, 'elsewhere'), 'x')
  rmSync(file, { force: true })
  const output = createElasticsearchOutput(makeConfig(front.url, { caFile: file }), { warn: () => {} })
  t.teardown(() => output.close())
  t.match(await write(output, a), { holdUp: { code: 'MLS_OUTPUT_TLS', detail: /ENOENT/ } })
  const { readFileSync } = await import('node:fs')
  writeFileSync(file, readFileSync(join(directory, 'elsewhere/ca.crt')))
  t.match(await write(output, a), { holdUp: { code: 'MLS_OUTPUT_TLS', detail: /not trusted here/ } })
  writeFileSync(file, readFileSync(caFile))
  t.match(await write(output, a), { outcomes: [{ status: 'stored' }] }, 'the authority is read again')
})

t.test('https:// where http:// is spoken', async t => {
  const fake = await startFakeElasticsearch()
  t.teardown(() => fake.close())
  const output = createElasticsearchOutput(makeConfig(fake.url.replace('http:', 'https:')), { warn: () => {} })
  t.teardown(() => output.close())
  t.match(await write(output, a), { holdUp: { code: 'MLS_OUTPUT_TLS', detail: /no TLS is spoken there/ } })
})

t.test('a server that takes the connection and says nothing', async t => {
  const server = createServer(() => {})
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const output = createElasticsearchOutput(makeConfig(`http://127.0.0.1:${port}`), { warn: () => {}, timeoutMs: 300 })
  t.match(await write(output, a), { holdUp: { code: 'MLS_OUTPUT_TIMEOUT' } })
  await output.close()
  server.close()
})
