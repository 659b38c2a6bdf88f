// What people wait for, over any store: the page in the real Chromium, and the troubleshooting commands.
// `node test/bench/page.mjs --config FILE [--runs 5] [--list NAME] [--held DATA_DIRECTORY]`, after `npm run build`. It reports and never judges.
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { chromium } from 'playwright-core'

const string = { type: 'string' }
const { values: given } = parseArgs({ options: { config: string, runs: string, list: string, held: string } })
if (given.config === undefined) throw new Error('--config FILE is missing')
const runs = Number(given.runs ?? 5)
const program = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url))
const run = promisify(execFile)

const took = new Map()
const note = (what, ms) => took.set(what, [...(took.get(what) ?? []), ms])
const timed = async (what, work) => {
  const start = performance.now()
  const done = await work()
  note(what, performance.now() - start)
  return done
}

const child = spawn(process.execPath, [program, 'web', '--config', given.config, '--listen', '127.0.0.1:0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
let said = ''
for await (const chunk of child.stdout) {
  said += chunk
  if (/http:\S+\/\n/.test(said)) break
}
const [, url] = /(http:\S+)\/\n/.exec(said) ?? []
const api = async (path, parameters = '') => {
  const answer = await fetch(`${url}/api/${path}?${parameters}`)
  if (!answer.ok) throw new Error(`${path}?${parameters}: ${await answer.text()}`)
  return answer.json()
}

const newest = async parameters => (await api('events', `${parameters}&limit=1`)).rows[0]
const held = await newest('action=message-held')
const list = given.list ?? (await api('facets')).list[0].value
const middle = new Date(held.timestampMs - 12 * 3_600_000)
const hour = `since=${middle.toISOString()}&until=${new Date(middle.getTime() + 3_600_000).toISOString()}`
const searches = [
  '',
  'q=rejected',
  'q=%22suspicious+header%22',
  'q=nosuchword',
  `q=${encodeURIComponent(held.messageId.split('@')[0])}`,
  `list=${list}`,
  'action=message-held',
  `list=${list}&action=message-held`,
  'action=message-held&reason=too-big',
  'action=runner-started',
  `q=held&list=${list}`,
  `q=held&list=${list}&${hour}`,
  hour,
]
for (let i = 0; i < runs; i++)
  for (const asked of searches)
    for (const path of ['events', 'times', 'facets'])
      await timed(`${path} ${asked.replace(held.messageId.split('@')[0], 'ID').replace(hour, 'one hour') || 'everything'}`, () =>
        api(path, asked),
      )
for (let i = 0; i < runs; i++) await timed('message', () => api('message', `id=${encodeURIComponent(held.messageId)}`))

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const browser = await chromium.launch({ executablePath, args: process.getuid() === 0 ? ['--no-sandbox'] : [] })
const settled = page => page.waitForSelector('main:not([aria-busy=true])')
for (let i = 0; i < runs; i++) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  const page = await context.newPage()
  await timed('page: first rows', async () => {
    await page.goto(`${url}/`)
    await page.waitForSelector('#rows > li')
    note(
      'page: bytes',
      (await page.evaluate("performance.getEntriesByType('resource').reduce((n, e) => n + e.transferSize, 0)")) / 1024,
    )
  })
  await context.close()
  const whole = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage()
  await timed('page: first load, all of it', async () => {
    await whole.goto(`${url}/`)
    await whole.waitForSelector('#rows > li')
    await whole.waitForSelector('#facets button')
    await whole.waitForSelector('#events-chart canvas')
    await settled(whole)
  })
  for (const word of ['rejected', 'nosuchword', `"suspicious header"`]) {
    await whole.fill('#q', word)
    await timed(`page: search ${word}, rows`, async () => {
      const answer = whole.waitForResponse(response => response.url().includes('/api/events'))
      await whole.keyboard.press('Enter')
      await (await answer).finished()
      await whole.evaluate('new Promise(done => requestAnimationFrame(done))')
    })
    await settled(whole)
  }
  await whole.context().close()
}
await browser.close()
child.kill('SIGTERM')

const day = new Date(held.timestampMs).toISOString().slice(0, 10)
const commands = [
  ['--version'],
  ['search', 'rejected'],
  ['trace', held.messageId],
  ['why', held.messageId],
  ['why', '--list', list],
  ['report', '--from', day, '--to', day],
  ...(given.held === undefined ? [] : [['held', '--data-directory', given.held]]),
]
for (let i = 0; i < runs; i++)
  for (const command of commands)
    await timed(`$ ${command.join(' ').replace(held.messageId, 'ID').replace(list, 'LIST')}`, () =>
      run(process.execPath, [program, ...command, '--config', given.config], { maxBuffer: 1 << 24 }),
    )

for (const [what, times] of took) {
  const sorted = times.toSorted((a, b) => a - b)
  const ms = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map(time => time.toFixed(0))
  process.stdout.write(`| ${what.replace(/%22|"/g, "'").replace(/\+/g, ' ')} | ${ms[0]} | ${ms[1]} | ${ms[2]} |\n`)
}
