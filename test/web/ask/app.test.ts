/** Who is let in, how often, and what the log says of it: without a browser. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createLog } from '../../../src/diagnostics/log.js'
import { ShipperError } from '../../../src/errors.js'
import { openSqliteStore } from '../../../src/store/sqlite-query.js'
import { Store } from '../../../src/store/store.js'
import { type AskSurroundings, makeAskApp } from '../../../src/web/ask/app.js'
import { Limits } from '../../../src/web/ask/limits.js'
import { Signer } from '../../../src/web/ask/link.js'
import { type OneList, readDomains } from '../../../src/web/ask/list.js'
import { LinkRequests } from '../../../src/web/ask/requests.js'
import { askDocuments, domains, hostile, secret } from '../../support/ask-site.js'
import { batchOf } from '../../support/documents.js'

const file = join(t.testdir(), 'events.db')
const writer = new Store({ file, keepDays: 36_500 })
writer.write(batchOf(askDocuments), 0)
writer.close()
const store = openSqliteStore(file)
t.teardown(() => store.close())
const publicUrl = 'https://lists.example.org/ask/'
const startMs = Date.UTC(2024, 2, 2)

function openDesk(changes: Partial<AskSurroundings> = {}) {
  const clock = { nowMs: startMs }
  const lines: string[] = []
  const links: { list: OneList; link: string }[] = []
  const now = () => clock.nowMs
  const desk = {
    log: createLog({ level: 'info', destination: { write: line => lines.push(line) } }),
    limits: new Limits(now),
    signer: new Signer('k'.repeat(40)),
    domains: readDomains(domains),
    publicUrl,
    send: async (list: OneList, link: string) => void links.push({ list, link }),
    now,
    ask: work => work(store),
    ...changes,
  } satisfies Partial<AskSurroundings>
  const requests = new LinkRequests(desk)
  const app = makeAskApp({
    ...desk,
    requests,
    zone: 'UTC',
    version: '1',
    assets: new Map(),
    names: [],
    trustProxy: changes.trustProxy ?? false,
    formsOf: address => [address],
  })
  const request = (path: string, { headers = {}, body, from = '192.0.2.1' }: Asked = {}) =>
    app.request(
      `http://127.0.0.1:8026${path}`,
      {
        method: body === undefined ? 'GET' : 'POST',
        headers: { host: '127.0.0.1:8026', ...(body === undefined ? {} : { 'sec-fetch-site': 'same-origin' }), ...headers },
        ...(body === undefined ? {} : { body: new URLSearchParams(body) }),
      },
      { incoming: { socket: { remoteAddress: from, remotePort: 1, remoteFamily: 'IPv4' } } },
    )
  /** A link as it came by mail. */
  const linkTo = async (list: string): Promise<string> => {
    await request('/', { body: { list } })
    await requests.idle()
    return links.at(-1)?.link.split('#')[1] ?? ''
  }
  const open = async (code: string): Promise<string | undefined> => {
    const answer = await request('/open', { body: { code } })
    return answer.status === 303 ? answer.headers.get('set-cookie')?.split(';')[0] : undefined
  }
  const told = () => lines.map(line => JSON.parse(line) as Record<string, unknown>)
  return { clock, lines, links, requests, app, request, linkTo, open, told }
}

interface Asked {
  readonly headers?: Record<string, string>
  readonly body?: Record<string, string>
  readonly from?: string
}

t.test('a link becomes a cookie, for that list, until its end', async t => {
  const { clock, links, request, linkTo, told } = openDesk()
  const code = await linkTo('Announce@lists.example.org')
  t.match(links, [
    { list: { name: 'announce', domain: 'lists.example.org' }, link: /^https:\/\/lists\.example\.org\/ask\/open#1\./ },
  ])
  const answer = await request('/open', { body: { code } })
  t.equal(answer.status, 303)
  t.equal(answer.headers.get('location'), 'list', 'relative: below whatever path a proxy has')
  const [cookie = '', ...attributes] = (answer.headers.get('set-cookie') ?? '').split('; ')
  t.match(cookie, /^__Secure-list=1\./)
  t.strictSame(attributes.sort(), ['HttpOnly', 'Max-Age=86400', 'Path=/ask/', 'SameSite=Strict', 'Secure'])
  const page = async (path: string) => {
    const answer = await request(path, { headers: { cookie } })
    return [answer.status, await answer.text()] as const
  }
  const [status, text] = await page('/list')
  t.equal(status, 200)
  t.match(text, 'announce@lists.example.org')
  t.match((await request('/list', { headers: { cookie } })).headers.get('cache-control'), 'no-store')
  clock.nowMs += 24 * 3_600_000 - 1
  t.equal((await page('/events'))[0], 200)
  clock.nowMs += 1
  for (const path of ['/list', '/events', '/message']) t.equal((await page(path))[0], 403, path)
  t.match(told(), [{ outcome: 'sent' }, { outcome: 'opened', list: 'announce@lists.example.org' }, { page: 'list' }])
})

t.test('what is no link, or none of ours, or of another key', async t => {
  const { clock, open, request, linkTo, told, lines } = openDesk()
  const code = await linkTo('announce')
  const other = new Signer('o'.repeat(40))
  const grant = { list: 'devel', domain: 'lists.example.org', endsS: startMs / 1000 + 60 }
  const ours = new Signer('k'.repeat(40))
  const bad = ['', hostile, other.sign('mail', grant), ours.sign('cookie', grant), `${code.slice(0, -1)}_`]
  for (const text of bad) t.equal(await open(text), undefined)
  t.equal(await open(ours.sign('mail', { ...grant, domain: 'evil.example' })), undefined, 'a domain that is no longer ours')
  t.equal(await open(ours.sign('mail', { ...grant, list: 'team' })), undefined, 'it is named with its domain now')
  const withCookie = async (value: string) => (await request('/list', { headers: { cookie: `__Secure-list=${value}` } })).status
  for (const text of [code, other.sign('cookie', grant), encodeURIComponent(hostile)]) t.equal(await withCookie(text), 403)
  t.equal(await withCookie(ours.sign('cookie', { ...grant, list: 'announce' })), 200)
  const cookie = (await open(code)) ?? ''
  t.equal((await openDesk({ signer: other }).request('/list', { headers: { cookie } })).status, 403, 'after another key')
  clock.nowMs += 24 * 3_600_000
  t.equal(await open(code), undefined, 'over')
  t.equal(told().filter(({ outcome }) => outcome === 'no valid link').length, 8)
  for (let i = 0; i < 100; i++) await open('x')
  t.equal(told().filter(({ outcome }) => outcome === 'no valid link').length, 7 + 60, 'in an hour: nobody fills the log')
  t.notMatch(lines.join(''), new RegExp(`script|devel|${code.slice(-43)}|192\\.0`))
})

t.test('always the same answer, whatever comes of it', async t => {
  const answerOf = async (desk: ReturnType<typeof openDesk>, list: string) => {
    const answer = await desk.request('/', { body: { list } })
    return [answer.status, [...answer.headers], await answer.text()]
  }
  const expected = await answerOf(openDesk(), 'announce')
  for (const list of ['', 'nobody', hostile, 'a'.repeat(3000)]) t.strictSame(await answerOf(openDesk(), list), expected)
  const refusing = openDesk({
    send: async () => {
      throw Object.assign(new Error('550 announce-owner@lists.example.org unknown'), { code: 'EENVELOPE', responseCode: 550 })
    },
  })
  t.strictSame(await answerOf(refusing, 'announce'), expected)
  await refusing.requests.idle()
  t.match(refusing.told(), [{ level: 'warn', outcome: 'the mail server did not take it', code: 'EENVELOPE', status: 550 }])
  t.notMatch(refusing.lines[0], /owner@/)
  const broken = openDesk({ ask: () => Promise.reject(new ShipperError('MLS_STORE_MISSING', '/a/path')) })
  t.strictSame(await answerOf(broken, 'announce'), expected)
  await broken.requests.idle()
  t.match(broken.told(), [{ outcome: 'the store cannot be asked', code: 'MLS_STORE_MISSING' }])
  // The answer does not wait for anything that is looked up.
  const silent = openDesk({ ask: () => new Promise(() => {}) })
  t.strictSame(await answerOf(silent, 'announce'), expected)
  const limited = openDesk()
  for (let i = 0; i < 20; i++) t.strictSame(await answerOf(limited, 'announce'), expected)
  await limited.requests.idle()
  t.equal(limited.links.length, 3, 'of one list')
  t.equal(limited.told().filter(({ outcome }) => outcome === 'too many').length, 2, 'the list once, the address once')
})

t.test('limits: of an address, and in all', async t => {
  const { request, requests, links, clock } = openDesk()
  const ask = async (list: string, from: string) => {
    await request('/', { body: { list }, from })
    await requests.idle()
  }
  for (let i = 0; i < 12; i++) await ask('nobody', '192.0.2.1')
  await ask('announce', '192.0.2.1')
  t.equal(links.length, 0)
  await ask('announce', '192.0.2.2')
  t.equal(links.length, 1)
  for (let i = 0; i < 150; i++) await ask('nobody', `198.51.100.${i}`)
  await ask('devel', '192.0.2.3')
  t.equal(links.length, 1)
  clock.nowMs += 3_600_000
  await ask('devel', '192.0.2.3')
  t.equal(links.length, 2)
})

t.test('whose request it is: the socket says, or a proxy that is believed', async t => {
  const sent = async (trustProxy: boolean, header: (i: number) => string) => {
    const { request, requests, links } = openDesk({ trustProxy })
    for (let i = 0; i < 10; i++) await request('/', { body: { list: 'nobody' }, headers: { 'x-forwarded-for': header(i) } })
    await request('/', { body: { list: 'announce' }, headers: { 'x-forwarded-for': header(10) } })
    await requests.idle()
    return links.length
  }
  t.equal(await sent(false, i => `198.51.100.${i}`), 0, 'what a client writes counts for nothing')
  t.equal(await sent(true, i => `203.0.113.9, 198.51.100.${i}`), 1)
  t.equal(await sent(true, i => `198.51.100.${i}, 203.0.113.9`), 0, 'only the last one is the proxy’s')
  t.equal(await sent(true, i => `198.51.100.${i}, x`), 0)
})

t.test('nothing is posted by other sites, and nothing but what there is', async t => {
  const { request, requests, links, app } = openDesk()
  const status = async (headers: Record<string, string>, path = '/') =>
    (await request(path, { body: { list: 'announce', code: 'x' }, headers })).status
  for (const path of ['/', '/open', '/close']) {
    for (const site of ['cross-site', 'same-site', 'none']) t.equal(await status({ 'sec-fetch-site': site }, path), 403, site)
    t.equal(await status({ 'sec-fetch-site': '', origin: 'https://evil.example' }, path), 403)
  }
  const post = (headers: Record<string, string>) =>
    app.request(
      'http://127.0.0.1:8026/',
      { method: 'POST', headers: { host: 'lists.example.org', ...headers }, body: 'list=announce' },
      {
        incoming: { socket: { remoteAddress: '192.0.2.1', remotePort: 1, remoteFamily: 'IPv4' } },
      },
    )
  t.equal((await post({})).status, 403, 'neither is said')
  t.equal((await post({ origin: 'null' })).status, 403)
  t.equal((await post({ origin: 'https://lists.example.org.evil.example' })).status, 403)
  await requests.idle()
  t.equal(links.length, 0)
  t.equal((await post({ origin: 'https://lists.example.org' })).status, 303, 'a browser that does not know Sec-Fetch-Site')
  t.equal((await post({ origin: 'https://lists.example.org', host: 'evil.example' })).status, 421)
  t.equal(await status({}, '/list'), 405)
  t.equal((await request('/open', { body: { code: 'a'.repeat(5000) } })).status, 413)
  for (const path of ['/api/events', '/api/site', '/search.js', '/reasons', '/ask'])
    t.equal((await request(path)).status, 404, path)
  for (const path of ['/', '/asked', '/open', '/list', '/no']) {
    const { headers } = await request(path)
    t.match(headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/)
    t.equal(headers.get('cache-control'), 'no-store')
    t.equal(headers.get('referrer-policy'), 'same-origin')
  }
})

t.test('trouble is not for strangers', async t => {
  let isBroken = false
  const desk = openDesk({
    ask: work => (isBroken ? Promise.reject(new ShipperError('MLS_STORE_UNREADABLE', '/var/lib/secret')) : work(store)),
  })
  const cookie = (await desk.open(await desk.linkTo('announce'))) ?? ''
  const get = async (t: Test, path: string, status: number) => {
    const answer = await desk.request(path, { headers: { cookie } })
    t.equal(answer.status, status, path)
    return answer.text()
  }
  t.match(await get(t, '/events?limit=x&q=a&q=b', 400), 'q is given twice')
  t.match(await get(t, '/events?evil=1', 400), 'can be asked')
  t.match(await get(t, '/events?since=2024-03-01T12:02&until=2024-03-01T12:04', 200), '2 events')
  t.match(await get(t, '/events?list=devel', 200), '7 events')
  t.match(await get(t, `/message?id=${encodeURIComponent('"><script>alert(3)</script>@x')}`, 200), '&lt;script&gt;alert(2)')
  t.notMatch(await get(t, '/events', 200), /<script|<img|\u202e|\x1b/)
  isBroken = true
  t.notMatch(await get(t, '/list', 503), /secret|MLS_/)
  t.match(desk.told().at(-1), { code: 'MLS_STORE_UNREADABLE' })
  t.notMatch(desk.lines.join(''), secret)
})
