// The way of the agent's own documents: one try, a short time, and what is said where it fails; on real servers and on one that hangs.
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { ElasticsearchConfig } from '../../src/config/options.js'
import { type AgentStream, openAgentStream } from '../../src/delivery/agent-stream.js'
import { makeConfig, writeSecret } from '../support/batch.js'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { startSite } from '../support/setup.js'

t.setTimeout(300_000)
const never = new AbortController().signal
const document = { '@timestamp': '2026-01-02T03:04:05.678Z', host: { name: 'lists1' }, secret: 'of nobody' }

function open(t: Test, config: ElasticsearchConfig, timeoutMs?: number): AgentStream {
  const stream = openAgentStream(config, timeoutMs === undefined ? {} : { timeoutMs })
  t.teardown(() => stream.close())
  return stream
}

for (const version of ['9.5.0', '8.19.0'] as const)
  t.test(`Elasticsearch ${version}`, async t => {
    const directory = t.testdir({})
    const { site, client } = await startSite(t, directory, { version })
    const stream = open(t, site.config)
    t.equal(await stream.write(document, never), undefined)
    t.equal(await stream.write(document, never), undefined, 'the same again is another one')
    const index = `metrics-mailman.agent-${site.config.namespace}`
    await client.indices.refresh({ index })
    const { hits } = await client.search({ index })
    t.same(
      hits.hits.map(({ _source }) => _source),
      [document, document],
    )
    const backing = Object.keys(await client.indices.getMapping({ index }))
    t.match(backing, [/^\.ds-metrics-mailman\.agent-/], 'a data stream')
    t.match(await stream.write({ '@timestamp': 'mary@example.org' }, never), /^status 400, document_parsing_exception$/)

    const apiKeyFile = writeSecret(
      directory,
      'key',
      Buffer.from('AAAAAAAAAAAAAAAAAAAA:BBBBBBBBBBBBBBBBBBBBBB').toString('base64'),
    )
    const renewed = open(t, { ...site.config, apiKeyFile })
    t.match(await renewed.write(document, never), /^status 401/)
    writeSecret(directory, 'key', readFileSync(site.keyFile, 'utf8').trim())
    t.equal(await renewed.write(document, never), undefined, 'the key is read again')
    const elsewhere = open(t, { ...site.config, namespace: `other${site.config.namespace}` })
    t.match(await elsewhere.write(document, never), /^status 403, security_exception$/)
  })

t.test('the template is missing, then it is there; a server that fails, hangs, is gone', async t => {
  const fake = await startFakeElasticsearch()
  t.teardown(() => fake.close())
  const ours = fake.figuresTemplate
  fake.figuresTemplate = { status: 404, body: {} }
  const stream = open(t, makeConfig(fake.url), 1_000)
  t.equal(await stream.write(document, never), 'the index template metrics-mailman.agent is missing')
  t.same(fake.figures, [], 'nothing is written before it is there')
  fake.figuresTemplate = ours
  t.equal(await stream.write(document, never), undefined)
  t.same(
    fake.figures.map(text => JSON.parse(text)),
    [document],
  )
  fake.figuresScript = { status: 503, body: 'secret' }
  t.equal(await stream.write(document, never), 'status 503')
  fake.figuresScript = 'hang'
  t.equal(await stream.write(document, never), 'no whole answer within 1000 ms')
  const given = new AbortController()
  const writing = stream.write(document, given.signal)
  given.abort()
  t.type(await writing, 'string', 'given up')
  fake.figuresScript = undefined
  t.equal(await stream.write(document, never), undefined, 'and well again')
  t.equal(fake.figures.length, 2)
  await fake.close()
  t.match(await stream.write(document, never), /^127\.0\.0\.1:\d+ (?:refuses the connection|closed the connection)/)
})
