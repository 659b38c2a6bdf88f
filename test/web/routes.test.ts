/** Who is answered, and what: without a browser. */
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { ShipperError } from '../../src/errors.js'
import { openSqliteStore } from '../../src/store/sqlite-query.js'
import { Store } from '../../src/store/store.js'
import type { Details, Facets, Refusal, Rows, Times } from '../../src/web/answers.js'
import { makeRoutes } from '../../src/web/routes.js'
import { serveWeb } from '../../src/web/server.js'
import { batchOf, documentOf } from '../support/documents.js'

const file = join(t.testdir(), 'events.db')
const writer = new Store({ file, keepDays: 36_500 })
const more = { mailman: { list: { name: 'announce' }, hold: { reason: ['too-big', 'dmarc'] } } }
const documents = [
  documentOf({
    id: 'held',
    at: '2024-03-01T10:30:00.000Z',
    action: 'message-held',
    messageId: 'A@x',
    from: 'ann@example.org',
    more,
  }),
  documentOf({
    id: 'posted',
    at: '2024-03-01T10:40:00.000Z',
    action: 'message-posted',
    list: 'announce',
    log: 'post',
    messageId: 'A@x',
  }),
  documentOf({ id: 'long', at: '2024-03-02T10:00:00.000Z', action: '__proto__', list: 'devel', message: '😀'.repeat(40_000) }),
]
writer.write(batchOf(documents), 0)
writer.close()
const store = openSqliteStore(file)
t.teardown(() => store.close())

const surroundings: Parameters<typeof makeRoutes>[0] = {
  site: { zone: 'Europe/London', store: 'embedded store', version: '1', reasons: [] },
  assets: new Map([['/', { type: 'text/html', body: Buffer.from('<p>'), etag: '"e"' }]]),
  names: ['lists1.example.org'],
  ask: (_kind, _signal, work) => work(store),
  formsOf: address => [address, 'hashed'],
  askUrl: undefined,
  alerts: {
    hostName: 'lists1.example.org',
    instance: 'main',
    runbookUrl: undefined,
    acknowledged: async () => new Map(),
    acknowledge: async () => {},
  },
  origin: undefined,
}
const app = makeRoutes(surroundings)
const get = (path: string, headers = {}, method = 'GET') =>
  app.request(`http://127.0.0.1:8025${path}`, { method, headers: { host: '127.0.0.1:8025', ...headers } })
const answerOf = async <T>(path: string) => (await (await get(path)).json()) as T

t.test('only under its own names, GET only, for no other site', async t => {
  const status = async (headers: Record<string, string>, method?: string) => (await get('/api/site', headers, method)).status
  for (const host of ['127.0.0.1:8025', '[::1]:8025', 'localhost', '192.0.2.7:80', 'LISTS1.example.org:8025'])
    t.equal(await status({ host }), 200, host)
  for (const host of [
    'evil.example',
    'evil.example:8025',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '[evil]',
    '',
    '127.0.0.1:8025@x',
  ])
    t.equal(await status({ host }), 421, host)
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) t.equal(await status({}, method), 405, method)
  t.equal(await status({ 'sec-fetch-site': 'cross-site' }), 403)
  t.equal(await status({ 'sec-fetch-site': 'same-origin' }), 200)
  t.equal((await get(`/?${'a'.repeat(5000)}`)).status, 414)
})

t.test('where people ask for a link to their list', async t => {
  const off = await get('/ask')
  t.equal(off.status, 200)
  t.match(await off.text(), /switched off.*web\.askMyList/s)
  const on = makeRoutes({ ...surroundings, askUrl: 'https://lists.example.org/ask/' })
  const { status, headers } = await on.request('http://127.0.0.1/ask', { headers: { host: '127.0.0.1' } })
  t.strictSame([status, headers.get('location')], [302, 'https://lists.example.org/ask/'])
})

t.test('the policy is on every answer, refusals too', async t => {
  for (const response of [await get('/'), await get('/api/site'), await get('/no'), await get('/', { host: 'evil.example' })]) {
    const policy = response.headers.get('content-security-policy') ?? ''
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
    ])
      t.ok(policy.split('; ').includes(part), part)
    t.notMatch(policy, /unsafe|\*/)
    t.equal(response.headers.get('x-content-type-options'), 'nosniff')
    t.equal(response.headers.get('access-control-allow-origin'), null)
  }
  t.equal((await get('/', { 'if-none-match': '"e"' })).status, 304)
})

t.test('what cannot be asked is refused with a sentence', async t => {
  for (const query of [
    'x=1',
    'q=a&q=b',
    `q=${'a'.repeat(501)}`,
    'limit=501',
    'limit=0',
    'limit=1.5',
    'since=yesterday',
    'until=2024-03-01',
    'since=2024-99-01T00:00Z',
  ]) {
    const response = await get(`/api/events?${query}`)
    t.equal(response.status, 400, query)
    t.match(await response.json(), { message: /^The page cannot be asked so: / }, query)
  }
  t.equal((await get('/api/event?id=nothing')).status, 404)
})

t.test('events, bounded', async t => {
  const { total, rows } = await answerOf<Rows>('/api/events')
  t.equal(total, 3)
  t.strictSame(
    rows.map(({ id, log, list, action }) => [id, log, list, action]),
    [
      ['long', 'vette', 'devel', '__proto__'],
      ['posted', 'post', 'announce', 'message-posted'],
      ['held', 'vette', 'announce', 'message-held'],
    ],
  )
  t.ok(rows[0]!.text.length <= 501 && !/[\ud800-\udbff]…$/.test(rows[0]!.text))
  const details = await answerOf<Details>('/api/event?id=long')
  t.ok(details.isCut && JSON.stringify(details).length < 100_000)
  t.equal(details.action, null, 'a name from a log finds nothing of ours')
  t.match(await answerOf('/api/event?id=held'), {
    isCut: false,
    reasons: [{ reason: 'too-big' }, { reason: 'dmarc' }],
    messageId: 'A@x',
  })
  t.match(await answerOf('/api/message?id=%3CA@x%3E'), { total: 2, rows: [{ id: 'held' }, { id: 'posted' }] })
  t.match(await answerOf('/api/events?address=ann@example.org&limit=1'), { total: 1 })
  t.match(await answerOf('/api/events?reason=dmarc&list=announce&log=vette'), { total: 1, rows: [{ id: 'held' }] })
})

t.test('facets leave their own choice out', async t => {
  const { log, action, list, reason } = await answerOf<Facets>('/api/facets?action=message-held&reason=dmarc')
  t.strictSame(log, [{ value: 'vette', count: 1 }])
  t.equal(action.length, 3)
  t.strictSame(list, [{ value: 'announce', count: 1 }])
  t.strictSame(reason, [
    { value: 'dmarc', count: 1 },
    { value: 'too-big', count: 1 },
  ])
  t.match(await answerOf('/api/reasons?list=announce'), { held: 1, reasons: { 1: { count: 1 }, 2: { count: 0 } } })
})

t.test('times', async t => {
  const asked = 'since=2024-03-01T10:00:00Z&until=2024-03-01T11:00:00Z'
  const { bucketMs, startsMs, counts, held, shares } = await answerOf<Times>(`/api/times?${asked}`)
  t.equal(bucketMs, 60_000)
  t.equal(startsMs.length, 60)
  t.strictSame([counts[30], held[30], shares[30]], [1, 1, 1])
  t.strictSame([counts[40], held[40], shares[40]], [1, 0, 0])
  t.strictSame([counts[0], held[0], shares[0]], [0, 0, null])
  t.strictSame((await answerOf<Times>('/api/times?q=nothing')).startsMs, [])
  t.strictSame((await answerOf<Times>(`/api/times?${asked}&action=message-posted`)).shares[30], 1, 'the share is of all posts')
})

t.test('trouble with the store is a sentence; a bug shows nothing', async t => {
  const refuse = async (error: Error) => {
    const broken = makeRoutes({ ...surroundings, ask: () => Promise.reject(error) })
    const response = await broken.request('http://127.0.0.1/api/events', { headers: { host: '127.0.0.1' } })
    return [response.status, ((await response.json()) as Refusal).message]
  }
  t.strictSame(await refuse(new ShipperError('MLS_OUTPUT_UNREACHABLE')), [503, 'Elasticsearch cannot be reached.'])
  t.strictSame(await refuse(new Error('secret')), [500, 'This is a mistake of the program.'])
})

t.test('a real server: a port that is taken, and what is no HTTP', async t => {
  const server = await serveWeb('127.0.0.1:0', surroundings)
  t.teardown(() => server.close())
  const { host, port } = new URL(server.url)
  await t.rejects(serveWeb(host, surroundings), { code: 'MLS_WEB_UNSERVED', detail: `${host} (EADDRINUSE)` })
  const ask = async (request: string) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.end(request)
    return (await text(socket)).split('\r\n')[0]
  }
  t.equal(await ask('GET /api/site HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'), 'HTTP/1.1 200 OK')
  t.equal(
    await ask('GET /api/site HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n'),
    'HTTP/1.1 421 Misdirected Request',
  )
  t.match(
    await ask('GET http://evil.example/api/site HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'),
    /^HTTP\/1.1 [24]/,
  )
  t.match(await ask('GET /api/events?q=%ff%00 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'), /^HTTP\/1.1 [24]/)
  t.match(await ask('nonsense\r\n\r\n'), /^HTTP\/1.1 400/)
  t.match(await ask(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1.1 431/)
})
