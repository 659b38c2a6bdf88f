/** The page in the real Chromium: what people do with it, what hostile logs try, and who else must be able to use it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import { startBrowser } from '../support/browser.js'
import { documentOf, ordinaryEvents } from '../support/documents.js'
import { serveDocuments, visit } from '../support/web-page.js'

const hostile = '<img src=x onerror=alert(1)><script>alert(2)</script> \u202egnp.exe \x1b[2J &amp; </pre>'
const day = (n: number, hour = 12) => `2024-03-${String(n).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00.000Z`
const reasons = (...reason: string[]) => ({
  mailman: { list: { name: 'announce' }, log: 'vette', hold: { reason, reason_text: 'a text' } },
})

const documents = [
  // 1,000 s from 2024-03-01 00:00 on, a fifth of them held.
  ...ordinaryEvents(0, 1000),
  documentOf({
    id: 'big',
    at: day(5),
    action: 'message-held',
    message: 'too big a post',
    messageId: 'Way.1@example.org',
    more: reasons('too-big'),
  }),
  documentOf({
    id: 'approved',
    at: day(6),
    action: 'message-approved',
    message: 'let through',
    messageId: 'Way.1@example.org',
    list: 'announce',
  }),
  documentOf({
    id: 'posted',
    at: day(6, 13),
    log: 'post',
    action: 'message-posted',
    message: 'post to announce',
    messageId: 'Way.1@example.org',
  }),
  documentOf({
    id: 'hostile',
    at: day(8),
    log: 'error',
    list: '<b>bold</b>',
    action: '<i>act</i>',
    host: hostile,
    message: hostile,
    messageId: '"><script>alert(3)</script>@x',
  }),
]

const site = await serveDocuments(t, documents)
const browser = await startBrowser()
t.teardown(() => browser.close())

t.test('search, a facet, an event, and back', async t => {
  const { page, trouble, go, settled } = await visit(t, browser, site.url)
  await go('/')
  t.equal(await page.textContent('#total'), '1,004 events, the newest first')
  t.equal(await page.locator('#rows > li').count(), 50)

  await page.fill('#q', 'recipient rejected')
  await page.keyboard.press('Enter')
  await page.getByText('200 events, the newest first').waitFor()
  t.match(page.url(), /\?q=recipient\+rejected$/)

  await page.goBack()
  await page.getByText('1,004 events, the newest first').waitFor()
  t.equal(await page.inputValue('#q'), '')

  await page.click('[data-facet="reason too-big"]')
  await page.getByText('1 event, the newest first').waitFor()
  await settled()
  t.match(page.url(), /action=message-held&reason=too-big/)
  t.match(await page.textContent('#advice'), /larger than the list allows.*max_message_size/)
  t.equal(await page.getAttribute('[data-facet="reason too-big"]', 'aria-pressed'), 'true')

  await page.click('#rows .row')
  await page.waitForSelector('.details pre')
  t.equal(await page.textContent('.details pre'), 'too big a post')
  t.match(page.url(), /event=big/)

  await page.click('.details a')
  await page.waitForSelector('#steps li')
  t.strictSame(await page.locator('#steps h2').allTextContents(), ['message held', 'message approved', 'message posted'])
  t.match(await page.textContent('#fates'), /announce: /)
  t.strictSame(await page.locator('#steps .later').allTextContents(), ['', '+ 1 d', '+ 1 h'])
  await page.goBack()
  await page.waitForSelector('.details pre')
  t.strictSame(trouble, [])
})

t.test('a stretch of the histogram that is dragged over, and a bar that is clicked', async t => {
  const { page, trouble, go, settled } = await visit(t, browser, site.url)
  await go('/')
  const plot = (await page.locator('#events-chart .u-over').boundingBox())!
  const y = plot.y + plot.height / 2
  await page.mouse.move(plot.x + plot.width * 0.4, y)
  await page.mouse.down()
  await page.mouse.move(plot.x + plot.width - 1, y, { steps: 5 })
  await page.mouse.up()
  await page.getByText('4 events, the newest first').waitFor()
  const asked = new URL(page.url()).searchParams
  const [since, until] = [asked.get('since')!, asked.get('until')!]
  t.ok(Date.parse(since) > Date.parse(day(2)) && Date.parse(since) < Date.parse(day(5)), since)
  t.ok(Date.parse(until) > Date.parse(day(8)), until)
  t.equal(await page.inputValue('#since'), since.slice(0, 19).replace(/:00$/, ''), 'winter time in London is UTC')

  await settled()
  const bar = (await page.locator('#events-chart .u-over').boundingBox())!
  await page.mouse.click(bar.x + bar.width - 2, bar.y + bar.height / 2)
  await page.getByText('1 event, the newest first').waitFor()
  await page.goBack()
  await page.getByText('4 events, the newest first').waitFor()
  await page.click('#whole')
  await page.getByText('1,004 events, the newest first').waitFor()
  t.strictSame(trouble, [])
})

t.test('with the keyboard alone, and a link as another person opens it', async t => {
  const { page, trouble, go } = await visit(t, browser, site.url)
  await go('/?since=2024-03-05T00:00:00.000Z&event=big')
  t.equal(await page.textContent('.details pre'), 'too big a post')
  await page.focus('#rows li:first-child .row')
  await page.keyboard.press('Enter')
  await page.getByText('gnp.exe').nth(1).waitFor()
  t.equal(await page.getAttribute(':focus', 'data-id'), 'hostile', 'the focus stays where it was')
  await page.focus('[data-facet="log post"]')
  await page.keyboard.press('Space')
  await page.getByText('1 event, the newest first').waitFor()
  t.strictSame(trouble, [])
})

t.test('what a log holds is text, whatever it looks like', async t => {
  const { page, trouble, go } = await visit(t, browser, site.url)
  await go(`/?event=hostile&q=${encodeURIComponent('<img src=x onerror=alert(1)> onerror')}`)
  await page.waitForSelector('.details pre')
  const shown = '<img src=x onerror=alert(1)><script>alert(2)</script> \\u202egnp.exe \\x1b[2J &amp; </pre>'
  t.equal(await page.textContent('.details pre'), shown)
  t.equal(await page.textContent('#rows .text'), shown)
  t.equal(await page.locator('img, #rows script, #rows b, #facets b, #facets i').count(), 0)
  await page.click('.details a')
  await page.waitForSelector('#steps li')
  t.equal(await page.textContent('#steps pre'), shown)
  t.equal(await page.locator('#steps img, #steps script, #steps i').count(), 0)
  t.strictSame(trouble, [])
})

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const pages = ['/?action=message-held&reason=too-big&event=big', '/reasons', '/message?id=Way.1@example.org']
for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`for everybody, ${colorScheme}`, async t => {
    // The policy is checked above; here it would keep axe itself out.
    const { page, go } = await visit(t, browser, site.url, { colorScheme, bypassCSP: true })
    for (const path of pages) {
      await go(path)
      await page.waitForSelector('.details pre, .reason, #steps li')
      await page.evaluate(axe)
      const found = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(v => [v.id, ...v.nodes.map(n => n.html)]))',
      )
      t.strictSame(found, [], path)
    }
  })
}

t.test('on a phone: nothing is wider than the screen, and a finger narrows the time', async t => {
  const { page, trouble, go } = await visit(t, browser, site.url, {
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
  })
  for (const path of ['/', '/?event=hostile', ...pages]) {
    await go(path)
    await page.waitForSelector('#rows li, .reason, #steps li')
    t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, path)
  }
  await go('/')
  await page.locator('#events-chart .u-over').tap({ position: { x: 2, y: 40 } })
  await page.getByText('1,000 events, the newest first').waitFor()
  t.strictSame(trouble, [])
})

t.test('it ends when asked to', async t => {
  t.same(await site.end(), [0, null])
})
