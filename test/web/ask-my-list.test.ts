/** Ask my list: with a real mail server, in the real Chromium. Somebody asks, gets a link by mail, and tries to see another list. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import { hostile, publicUrl, secret, serveAsk } from '../support/ask-site.js'
import { startBrowser } from '../support/browser.js'
import { startMailServer } from '../support/mail-server.js'
import { until } from '../support/until.js'
import { visit } from '../support/web-page.js'

const mails = await startMailServer(t)
const site = await serveAsk(t, { server: `smtp://127.0.0.1:${mails.port}` })
const url = site.askUrl
const browser = await startBrowser()
t.teardown(() => browser.close())

const linkOf = (text = '') => (/^http\S+$/m.exec(text)?.[0] ?? '').replace(publicUrl, `${url}/`)
let link = ''

t.test('a name is typed, a link comes by mail, and opens the list', async t => {
  const { page, trouble } = await visit(t, browser, url)
  await page.goto(`${url}/`)
  await page.getByLabel('List, by its name').fill(' Announce ')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()

  const { to, mail, raw } = await mails.take(1)
  t.strictSame(to, ['announce-owner@lists.example.org'])
  t.equal(mail.subject, 'What the logs say of the list announce@lists.example.org')
  t.match(raw, /^Auto-Submitted: auto-generated\r$/m)
  t.equal(mail.html, undefined)
  link = linkOf(mail.text)
  t.match(link, /\/open#1\.\d+\.[\w-]+\.[\w-]{43}$/)

  await page.goto(link)
  await page.getByRole('heading', { name: 'announce@lists.example.org' }).waitFor()
  t.equal(page.url(), `${url}/list`)
  t.match(await page.textContent('#waits'), '1 post waits for a moderator')
  t.equal(await page.locator('#waits ~ ul bdi').first().textContent(), 'ann@example.org')
  t.match(await page.textContent('main'), /too big: 1.*max_message_size/s)
  t.match(await page.textContent('main'), /announce: carl@example\.org bounce score/)
  const [cookie] = await page.context().cookies()
  t.match(cookie, { name: 'list', path: '/', httpOnly: true, sameSite: 'Strict' })

  await page.getByText('Held@x').click()
  await page.getByText('held: waits for a moderator').waitFor()
  await page.getByLabel('Message id').fill('<Way@x>')
  await page.keyboard.press('Enter')
  await page.getByText('handed to the mail server').first().waitFor()
  t.strictSame(await page.locator('.steps h2').allTextContents(), ['message held', 'message approved', 'message posted'])

  await page.getByRole('link', { name: 'Search' }).click()
  await page.getByText('7 events, the newest first').waitFor()
  await page.getByLabel('Words').fill('onerror')
  await page.keyboard.press('Enter')
  await page.getByText('1 event, the newest first').waitFor()
  await page.locator('summary').click()
  const shown = hostile.replace('\u202e', '\\u202e').replace('\x1b', '\\x1b')
  t.equal(await page.textContent('.details pre'), shown)
  t.equal(await page.locator('img, main script').count(), 0)
  await page.getByRole('link', { name: 'The way of this message' }).click()
  await page.locator('.steps li').waitFor()

  // The code is nowhere a browser keeps addresses.
  const code = link.slice(link.indexOf('#') + 1)
  const seen = await page.evaluate('[location.href, document.referrer, document.cookie, history.length]')
  t.notMatch(JSON.stringify(seen), code)
  for (let i = 0; i < 12 && (await page.goBack().catch(() => null)) !== null; i++) t.notMatch(page.url(), /#/)
  t.strictSame(trouble, [])
})

t.test('no address of it shows another list', async t => {
  const { page } = await visit(t, browser, url)
  await page.goto(link)
  await page.waitForURL(`${url}/list`)
  const others = [
    'devel',
    'DEVEL',
    'devel@lists.example.org',
    'team@lists.example.net',
    '*',
    'announce devel',
    '%64evel',
    'ⅾevel',
  ]
  const queries = [
    ...others.flatMap(list => [
      `list=${encodeURIComponent(list)}`,
      `q=${encodeURIComponent(list)}`,
      `address=${encodeURIComponent(list)}`,
    ]),
    `q=${secret}`,
    `address=${secret}@example.org`,
    'list=announce&list=devel',
    'id=Devel@x',
    `id=Held-${secret}@x`,
    'id=Cross@x',
    'id=d-post',
    'id=%3CCross@x%3E',
    'until=2024-03-01T12:10:00.000Z',
    'log=error',
    'reason=dmarc',
  ]
  const paths = [
    ...['list', 'events', 'message'].flatMap(path => ['', ...queries].map(query => `${path}?${query}`)),
    ...others.map(list => `list/${encodeURIComponent(list)}`),
    ...['events', 'site', 'times', 'facets', 'reasons', 'message?id=Devel@x', 'event?id=d-post'].map(path => `api/${path}`),
    'list/../devel',
    'list%2f..%2fdevel',
    'reasons',
    'search.js',
    'answers.js',
  ]
  for (const path of paths) {
    const answer = await page.request.get(`${url}/${path}`)
    // What was asked for stands in the form again.
    const shown = (await answer.text()).replace(/ value="[^"]*"/g, '').replace(/href="events\?[^"]*"/g, '')
    t.notMatch(shown, new RegExp(`${secret}|HOLD|devel\\b`), path)
    t.ok([200, 400, 404].includes(answer.status()), `${path}: ${answer.status()}`)
  }
  t.match(await (await page.request.get(`${url}/message?id=Cross@x`)).text(), 'post to announce too')
  t.match(await (await page.request.get(`${url}/message?id=Devel@x`)).text(), 'No event of this list names this message')
})

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`for everybody, ${colorScheme}, and on a phone`, async t => {
    const { page } = await visit(t, browser, url, { colorScheme, bypassCSP: true, viewport: { width: 360, height: 740 } })
    const check = async (path: string) => {
      await page.evaluate(axe)
      const found = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(v => [v.id, ...v.nodes.map(n => n.html)]))',
      )
      t.strictSame(found, [], path)
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, path)
    }
    for (const path of ['', 'asked', 'open', 'list']) {
      await page.goto(`${url}/${path}`)
      await check(path)
    }
    await page.goto(link)
    await page.waitForURL(`${url}/list`)
    for (const path of ['list', 'events', 'message?id=Way@x']) {
      await page.goto(`${url}/${path}`)
      const summary = page.locator('summary').first()
      if ((await summary.count()) > 0) await summary.click()
      await check(path)
    }
  })
}

t.test('without JavaScript: the code is pasted; and who leaves is out', async t => {
  const { page } = await visit(t, browser, url, { javaScriptEnabled: false })
  await page.goto(link)
  await page.getByLabel('What stands behind').fill(link.slice(link.indexOf('#') + 1))
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'announce@lists.example.org' }).waitFor()
  await page.getByRole('button', { name: 'Leave' }).click()
  await page.getByRole('heading', { name: 'What do the logs say' }).waitFor()
  t.equal((await page.goto(`${url}/list`))?.status(), 403)
})

t.test('the same answer for every name, and mail for lists alone', async t => {
  const before = mails.received.length
  const typed = [
    'team@LISTS.example.net',
    'nobody',
    hostile,
    'x\r\nbcc: eve@example.org',
    'never',
    'far@evil.example',
    '',
    'ⅾevel',
    'a'.repeat(300),
  ]
  const answers = await Promise.all(
    typed.map(async list => {
      const answer = await fetch(`${url}/`, {
        method: 'POST',
        body: new URLSearchParams({ list }),
        headers: { 'sec-fetch-site': 'same-origin' },
        redirect: 'manual',
      })
      return [answer.status, [...answer.headers].filter(([name]) => name !== 'date'), await answer.text()]
    }),
  )
  for (const answer of answers) t.strictSame(answer, answers[0])
  t.equal(answers[0]?.[0], 303)
  // One comes after the other, so this one is the last.
  await until(
    () => site.log().split('"a link was asked for"').length > typed.length,
    () => site.log(),
  )
  const { to, mail } = await mails.take(before + 1)
  t.strictSame(to, ['team-owner@lists.example.net'])
  t.equal(mails.received.length, before + 1)

  const { page } = await visit(t, browser, url)
  await page.goto(linkOf(mail.text))
  await page.getByRole('heading', { name: 'team@lists.example.net' }).waitFor()
  t.match(await page.textContent('#waits'), 'Nothing waits', 'its release names the message alone')
})

t.test('its log: lists, outcomes, and nothing of strangers', async t => {
  const lines = site
    .log()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  t.match(lines[0], { level: 'info', list: 'announce@lists.example.org', outcome: 'sent', msg: 'a link was asked for' })
  t.ok(lines.some(({ outcome, list }) => outcome === 'opened' && list === 'announce@lists.example.org'))
  t.ok(lines.some(({ page }) => page === 'events'))
  t.notMatch(site.log(), /owner@|ann@|127\.0\.0\.1|script|bcc|nobody|"1\.\d/)
  t.notMatch(site.log(), link.slice(-43))
})

t.test('it ends when asked to', async t => {
  t.same(await site.end(), [0, null])
})
