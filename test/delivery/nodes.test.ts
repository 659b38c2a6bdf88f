// F61: one bad node of several. The others take everything at once, the bad one rests, is tried again, and is told of once.
import { type AddressInfo, connect as connectTo, createServer as createPlainServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { connect } from '../../src/delivery/client.js'
import { createElasticsearchOutput, type ElasticsearchOutput } from '../../src/delivery/elasticsearch.js'
import { Nodes } from '../../src/delivery/nodes.js'
import { makeBatch, makeConfig } from '../support/batch.js'
import { type BulkScript, type FakeElasticsearch, startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { until } from '../support/until.js'

const REST_MS = 60
const TIMEOUT_MS = 1_000
const never = new AbortController().signal
const portOf = (url: string): number => Number(new URL(url).port)

interface Story {
  readonly fakes: FakeElasticsearch[]
  readonly output: ElasticsearchOutput
  readonly said: string[]
  /** Writes as many batches of one document, each with a new id; none is held up. @returns the longest time one took, milliseconds */
  takes(count?: number): Promise<number>
  /** Writes until this is so. */
  until(look: () => boolean, what: string): Promise<void>
}

async function begin(
  t: Test,
  count = 3,
  front: (fake: FakeElasticsearch, index: number) => string = fake => fake.url,
): Promise<Story> {
  const fakes = await Promise.all(Array.from({ length: count }, () => startFakeElasticsearch()))
  const said: string[] = []
  const say = (level: string) => (message: string) => void said.push(`${level}: ${message}`)
  const output = createElasticsearchOutput(makeConfig(fakes.map(front)), {
    warn: say('warn'),
    info: say('info'),
    restMs: REST_MS,
    timeoutMs: TIMEOUT_MS,
  })
  t.teardown(async () => {
    await output.close()
    for (const fake of fakes) await fake.close()
  })
  let next = 0
  const takes = async (times = 12): Promise<number> => {
    let longest = 0
    for (let i = 0; i < times; i++) {
      const begun = performance.now()
      const answer = await output.write(makeBatch(output, [{ id: `${next++}` }]), never)
      longest = Math.max(longest, performance.now() - begun)
      if (!('outcomes' in answer) || answer.outcomes[0]!.status !== 'stored') throw new Error(JSON.stringify(answer))
    }
    return longest
  }
  return {
    fakes,
    output,
    said,
    takes,
    until: (look, what) =>
      until(
        async () => {
          await takes(1)
          return look()
        },
        () => `${what}; said: ${JSON.stringify(said)}`,
      ).then(() => {}),
  }
}

const always = (script: BulkScript): readonly BulkScript[] => Array<BulkScript>(1_000).fill(script)

t.test('a node goes, and comes back', async t => {
  const { fakes, said, takes, until } = await begin(t)
  await takes()
  t.ok(
    fakes.every(({ requests }) => requests.length === 4),
    'each in its turn',
  )
  const [first] = fakes as [FakeElasticsearch]
  await first.close()
  t.ok((await takes()) < TIMEOUT_MS / 2, 'another takes it at once')
  // A busy machine may take longer to refuse than the test waits for an answer.
  t.match(
    said,
    [/^warn: 127.0.0.1:\d+ is left out, the other nodes are used: (127.0.0.1:\d+ .*\(E[A-Z]+\)|does not answer)$/],
    'told once',
  )
  await takes(60)
  t.equal(said.length, 1)
  fakes[0] = await startFakeElasticsearch({ port: portOf(first.url) })
  await until(() => fakes[0]!.requests.length > 3, 'it gets requests again')
  await until(() => said.length === 2, 'and is told of')
  t.match(said[1], `info: ${new URL(first.url).host} is used again`)
})

t.test('a node that is down at the start', async t => {
  const gone = await startFakeElasticsearch()
  await gone.close()
  const { fakes, said, takes } = await begin(t, 3, ({ url }, index) => (index === 0 ? gone.url : url))
  t.ok((await takes()) < TIMEOUT_MS / 2)
  t.same(
    fakes.map(({ requests }) => requests.length),
    [0, 6, 6],
  )
  t.match(said, [/^warn: .* is left out, .*\(ECONNREFUSED\)/])
})

/** A way to a node that can stop, as the node itself does by SIGSTOP: it takes connections and bytes, and says nothing. */
async function startWay(t: Test, port: number): Promise<{ url: string; isDeaf: boolean }> {
  const way = { url: '', isDeaf: false }
  const open = new Set<Socket>()
  const server = createPlainServer(near => {
    const far = connectTo(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from)
      from.on('data', bytes => way.isDeaf || to.write(bytes)).on('close', () => to.destroy())
      from.on('error', () => {})
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  way.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return way
}

t.test('a node hangs: one request waits for it, once', async t => {
  const behind = await startFakeElasticsearch()
  t.teardown(() => behind.close())
  const way = await startWay(t, portOf(behind.url))
  const { said, takes, until } = await begin(t, 3, ({ url }, index) => (index === 0 ? way.url : url))
  await takes(3)
  t.equal(behind.requests.length, 1)
  way.isDeaf = true
  const longest = await takes(3)
  t.ok(longest >= TIMEOUT_MS - 50 && longest < 2 * TIMEOUT_MS, `the time limit of one request: ${longest} ms`)
  t.match(said, [/^warn: .* is left out, .*: no whole answer within 1000 ms/])
  let slowest = 0
  const end = performance.now() + 20 * REST_MS
  while (performance.now() < end) slowest = Math.max(slowest, await takes(1))
  t.ok(slowest < TIMEOUT_MS / 2, `then none waits, though it is asked again and again: ${slowest} ms`)
  way.isDeaf = false
  await until(() => behind.requests.length > 2 && said.length === 2, 'it is used again, and told of')
})

t.test('a node that hangs at the start', async t => {
  const behind = await startFakeElasticsearch()
  t.teardown(() => behind.close())
  const way = await startWay(t, portOf(behind.url))
  way.isDeaf = true
  const nodes = [way.url, (await begin(t, 1)).fakes[0]!.url]
  const connection = await connect(makeConfig(nodes))
  for (let i = 0; i < 4; i++) t.match(await connection.client.info(), { version: { number: '9.5.0' } })
  await connection.close()
})

t.test('nodes that answer, and take nothing', async t => {
  const refusals: [name: string, script: BulkScript, why: RegExp][] = [
    ['503', () => ({ status: 503, body: { error: { type: 'master_not_discovered_exception' } } }), /status 503/],
    ['500', () => ({ status: 500, body: { error: { type: 'null_pointer_exception' } } }), /status 500/],
    ['429', () => ({ status: 429, body: { error: { type: 'circuit_breaking_exception' } } }), /status 429/],
    ['406, of an older version', () => ({ status: 406, body: { error: { type: 'media_type_header_exception' } } }), /status 406/],
    ['a proxy of its own', () => ({ status: 502, body: 'Bad gateway', headers: { 'x-elastic-product': '' } }), /status 502/],
    ['a login page', () => ({ body: '<html>', headers: { 'x-elastic-product': 'x' } }), /product header/],
    ['cut JSON', () => ({ body: '{"errors":', headers: { 'content-type': 'application/json' } }), /no JSON/],
    ['nothing', () => ({ body: {} }), /is not that of a bulk request/],
    ['resets', () => 'reset', /ECONNRESET|closed/],
  ]
  for (const [name, script, why] of refusals) {
    const { fakes, said, takes } = await begin(t)
    fakes[0]!.next(...always(script))
    await takes(3)
    t.equal(fakes[0]!.requests.length, 1, `${name}: asked once`)
    const end = performance.now() + 10 * REST_MS
    while (performance.now() < end) await takes(1)
    // Rests of 1, 2, 4, 8 times REST_MS: each ends with a question that it answers, and a request that it does not take.
    t.ok(fakes[0]!.requests.length <= 5, `${name}: then now and then, and less and less: ${fakes[0]!.requests.length}`)
    t.match(said, [why], name)
    t.equal(said.length, 1, `${name}: told once`)
  }
})

t.test('a node that takes every other request', async t => {
  const { fakes, said, takes } = await begin(t)
  fakes[0]!.next(
    ...Array.from({ length: 500 }, (_, i): BulkScript => (i % 2 === 0 ? (_, store) => ({ body: store() }) : () => 'reset')),
  )
  const end = performance.now() + 30 * REST_MS
  while (performance.now() < end) await takes(1)
  t.ok(fakes[0]!.requests.length > 4, 'it is tried')
  t.ok(said.length <= 3, `and hardly told of: ${said.length}`)
})

t.test('an answer that was lost is looked for at the other node', async t => {
  const { fakes, output, takes } = await begin(t, 2)
  await takes(2)
  let isLost = false
  for (const fake of fakes)
    fake.next((_, store) => {
      const body = store()
      if (isLost) return { body }
      isLost = true
      return 'reset'
    })
  const asked = (): string => fakes.flatMap(fake => fake.asked).join()
  t.notMatch(asked(), '/_security')
  t.match(await output.write(makeBatch(output, [{ id: 'x' }]), never), { outcomes: [{ status: 'stored' }] })
  t.match(asked(), '/_security/user/_has_privileges', 'which begins with whether it may look')
})

t.test('all nodes are down: a hold-up, and no word of single ones', async t => {
  const { fakes, output, said, takes, until } = await begin(t)
  await takes(3)
  for (const fake of fakes) await fake.close()
  const batch = makeBatch(output, [{ id: 'x' }])
  for (let i = 0; i < 10; i++) t.match(await output.write(batch, never), { holdUp: { code: 'MLS_OUTPUT_UNREACHABLE' } })
  for (const [index, { url }] of fakes.entries()) fakes[index] = await startFakeElasticsearch({ port: portOf(url) })
  await takes(1)
  await until(() => fakes.every(({ requests }) => requests.length > 1), 'all are used again')
  t.same(said, [])
})

t.test('a cluster in the middle of an upgrade: what the oldest node understands', async t => {
  const { fakes } = await begin(t)
  for (const [index, number] of ['9.5.0', '8.19.2', '9.5.0'].entries()) fakes[index]!.root = { body: { version: { number } } }
  const connection = await connect(makeConfig(fakes.map(({ url }) => url)))
  t.match(connection, { version: '8.19.2', compatibility: 8 })
  await connection.close()
})

t.test('one node is asked as ever', t => {
  const url = new URL('http://127.0.0.1:1')
  const nodes = new Nodes([url.href])
  nodes.failed(url, 'x')
  t.notOk(nodes.isAnyWell)
  t.equal(nodes.choose([{ url }])?.url, url)
  t.end()
})
