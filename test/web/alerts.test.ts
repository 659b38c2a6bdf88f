/** Alerts on the page, in the real Chromium: what is open is seen at once, acknowledged by a button, and leads to its events. */
import { chmodSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { Store } from '../../src/store/store.js'
import { alertDocuments, alertOf, alertSite, monthOfAlerts } from '../support/alerts.js'
import { startBrowser } from '../support/browser.js'
import { batchOf, documentOf } from '../support/documents.js'
import { makeAgentSite } from '../support/site-config.js'
import { serveConfig, visit } from '../support/web-page.js'

const nowMs = Date.now()
const [outage, ...others] = monthOfAlerts(nowMs) as [ReturnType<typeof alertOf>]
const hostile = '<img src=x onerror=alert(1)>\u202egnp.exe'
const odd = alertOf({
  list: hostile,
  severity: 'critical',
  sinceMs: nowMs - 60_000,
  raisedMs: nowMs - 50_000,
  words: hostile,
  reasons: [hostile],
  examples: [`"><script>alert(2)</script>`],
  before: [{ atMs: nowMs - 70_000, what: 'setting', text: hostile }],
})
const held = documentOf({
  id: 'held',
  at: new Date(outage.sinceMs).toISOString(),
  action: 'message-held',
  list: 'devel',
  message: 'a post that is held',
})

const { configFile, store: file, state } = makeAgentSite(t.testdir(), { timezone: 'Europe/London' })
const store = new Store({ file, keepDays: 36_500 })
store.write(batchOf([held, ...alertDocuments([outage, ...others])]), 0)
store.write(batchOf(alertDocuments([odd], { ...alertSite, hostName: 'lists2.example.org' })), 0)
store.close()
const site = await serveConfig(t, configFile)
const browser = await startBrowser()
t.teardown(() => browser.close())

t.test('what is open stands above the search, and a message’s link opens it', async t => {
  const { page, trouble, go, settled } = await visit(t, browser, site.url)
  await go('/')
  await page.waitForSelector('.band.critical')
  t.strictSame(await page.locator('.band .tag').allTextContents(), ['critical', 'critical', 'warning'])
  t.match(await page.textContent('.band'), /usually go through.*12 min.*after: Mailman was restarted/)

  await page.goto('about:blank')
  await page.goto(`${site.url}/#alert=${outage.key}`)
  await page.waitForSelector('.details')
  t.equal(new URL(page.url()).pathname, '/alerts')
  t.match(await page.textContent('.details'), /5 held on 4 lists.*7 s before: Mailman was restarted.*runbook\.md#holds-spike/)
  t.equal(await page.textContent('#summary'), 'Open: 2 critical, 1 warning.')
  t.equal(await page.locator('#over-rows > li').count(), 6)
  t.strictSame(await page.locator('.strip').evaluateAll(strips => strips.map(({ children }) => children.length)), [3, 3, 3])

  await page.getByText('Show the events of that time').click()
  await settled()
  await page.locator('#rows .text', { hasText: 'a post that is held' }).waitFor()
  await page.goBack()
  await page.waitForSelector('.details')
  // By the keyboard: closed, another one opened.
  await page.focus(`[data-key="${outage.key}"]`)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.details', { state: 'detached' })
  t.equal(await page.getAttribute(':focus', 'data-key'), outage.key)
  await page.click('#over-rows .alert')
  t.match(await page.textContent('.details'), /over.*after 6 h.*listdevel/)
  t.strictSame(trouble, [])
})

t.test('it is acknowledged, or what to type is said', async t => {
  const { page, trouble, go } = await visit(t, browser, site.url)
  chmodSync(state, 0o777)
  await go(`/alerts#alert=${outage.key}`)
  await page.click('text=Acknowledge')
  await page.getByText('It cannot be acknowledged from here').waitFor()
  t.match(await page.textContent('.acknowledge code'), `mailman-shipper alerts ack ${outage.key}`)
  chmodSync(state, 0o700)
  t.match(trouble.splice(0), [/403/], 'the browser’s own line about it')

  await page.click('text=Acknowledge')
  await page.waitForSelector('.acknowledge', { state: 'detached' })
  t.match(await page.textContent(`[data-key="${outage.key}"]`), 'acknowledged')
  t.match(JSON.parse(readFileSync(join(state, 'answers.json'), 'utf8')).acknowledged, [{ key: outage.key, by: 'the page' }])
  t.strictSame(trouble, [])
})

t.test('what a log holds is text; another host’s alert is acknowledged there', async t => {
  const { page, trouble, go } = await visit(t, browser, site.url)
  await go(`/alerts#alert=${odd.key}`)
  const shown = await page.textContent('#open')
  t.equal(shown?.split('<img src=x onerror=alert(1)>\\u202egnp.exe').length, 7)
  t.equal(await page.locator('main img, main script').count(), 0)
  await page.click('text=Acknowledge')
  await page.getByText(`mailman-shipper alerts ack ${odd.key}`).waitFor()
  t.match(await page.textContent('.acknowledge'), 'It was not raised on lists1.example.org')
  t.match(trouble.splice(0), [/404/])
  await go('/')
  await page.waitForSelector('.band')
  t.equal(await page.locator('.band img').count(), 0)
  t.strictSame(trouble, [])
})

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
for (const colorScheme of ['light', 'dark'] as const) {
  t.test(`for everybody, ${colorScheme}; on a phone nothing is wider than the screen`, async t => {
    const look = { colorScheme, bypassCSP: true, viewport: { width: 360, height: 740 } }
    const { page, go } = await visit(t, browser, site.url, look)
    for (const [path, selector] of [
      ['/', '.band'],
      [`/alerts#alert=${odd.key}`, '.details'],
    ] as const) {
      await go(path)
      await page.waitForSelector(selector)
      t.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, path)
      await page.evaluate(axe)
      const found = await page.evaluate(
        'axe.run().then(({ violations }) => violations.map(v => [v.id, ...v.nodes.map(n => n.html)]))',
      )
      t.strictSame(found, [], path)
    }
  })
}
