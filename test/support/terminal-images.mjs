// `npm run images`: docs/images/terminal-*.png, what the built commands print on a terminal of 100 columns, over the real samples
// and a replay of the outage of 2015; of a report, the first lines. Needs script(1) and Chromium.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { writeLogs } from './traffic/files.mjs'
import { generate } from './traffic/generate.mjs'

const COLUMNS = 100
const root = fileURLToPath(new URL('../..', import.meta.url))
const program = join(root, 'dist/src/main.js')
const images = join(root, 'docs/images')
const directory = mkdtempSync(join(tmpdir(), 'terminal-images-'))

function makeSite(name, directories, timezone) {
  const config = join(directory, `${name}.json`)
  const state = join(directory, name)
  mkdirSync(state, { mode: 0o700 })
  const local = { file: join(state, 'events.db'), keepDays: 36_500 }
  const host = { name: 'lists1.example.org' }
  writeFileSync(config, JSON.stringify({ host, logs: { directories, timezone }, state: { directory: state }, local }))
  execFileSync(process.execPath, [program, 'run', '--once', '--config', config], { stdio: 'ignore' })
  return config
}

/** What a terminal gets. */
function show(args, config) {
  const quoted = [process.execPath, program, ...args, '--config', config].map(arg => `'${arg.replaceAll("'", `'\\''`)}'`)
  const env = { ...process.env, TERM: 'xterm', LANG: 'C.UTF-8' }
  const command = `stty cols ${COLUMNS} rows 50; ${quoted.join(' ')}`
  const { stdout, status } = spawnSync('script', ['-qec', command, '/dev/null'], { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stdout}`)
  return stdout.replaceAll('\r', '')
}

const colours = { 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow' }
const escaped = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** SGR numbers as these commands print them: one at a time, ended by 0. */
const toHtml = text => {
  const end = String.fromCharCode(27)
  return escaped(text)
    .replaceAll(`${end}[0m`, '</span>')
    .replace(new RegExp(`${end}\\[(\\d+)m`, 'g'), (_, sgr) => `<span class="${colours[sgr]}">`)
}

const page = (command, text) => `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #1c1f26; width: max-content }
pre { margin: 0; padding: 14px 18px; width: ${COLUMNS}ch; white-space: pre-wrap; word-break: break-all; color: #d7dae0;
  font: 14px/1.35 "DejaVu Sans Mono", monospace }
.dim { opacity: .6 } .red { color: #ff7b72 } .green { color: #7ee787 } .yellow { color: #e3b341 } .prompt { color: #79c0ff }
</style><pre><span class="prompt">$ </span>${escaped(command)}\n${toHtml(text)}</pre>`

const samples = makeSite(
  'samples',
  ['mailman-2.1', 'mailman-3'].map(name => join(root, 'test/samples', name)),
  'Europe/Berlin',
)
const logs = join(directory, 'logs')
mkdirSync(logs)
writeLogs(logs, generate({ lists: 700, incident: '2015', events: 150_000 }))
const replay = makeSite('replay', [logs], 'Etc/UTC')

/** Files as Mailman 2.1 has them for the newest holds of the samples. */
function makeData() {
  const data = join(directory, 'data')
  mkdirSync(data)
  const args = [program, 'search', '--action', 'message-held', '--limit', '3000', '--json', '--config', samples]
  const holds = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 26 })
    .trim()
    .split('\n')
  const of2 = holds.map(line => JSON.parse(line)).filter(({ event }) => event.provider === 'mailman2')
  for (const [i, { '@timestamp': at, mailman }] of of2.slice(-14).entries()) {
    const file = join(data, `heldmsg-${mailman.list.name}-${140 + i}.pck`)
    const time = new Date(Date.parse(at) + 300)
    writeFileSync(file, '')
    utimesSync(file, time, time)
  }
  return data
}

const pictures = [
  { name: 'trace', args: ['trace', '20261122172305.2.18@example.org'], config: samples },
  { name: 'why', args: ['why', '20261122172322.2.529@example.org'], config: samples },
  { name: 'why-list', args: ['why', 'announce'], config: samples },
  {
    name: 'held',
    args: ['held', '--data-directory', makeData()],
    shown: 'held --data-directory /var/lib/mailman/data',
    config: samples,
  },
  { name: 'report', args: ['report', '--from', '2015-05-19T12:00', '--to', '2015-05-19T23:00'], lines: 34, config: replay },
]
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const browser = await chromium.launch({ executablePath, args: process.getuid() === 0 ? ['--no-sandbox'] : [] })
for (const {
  name,
  args,
  shown = args.map(arg => (arg.includes('@') ? `'<${arg}>'` : arg)).join(' '),
  lines,
  config,
} of pictures) {
  const text = show(args, config)
  const tab = await browser.newPage({ viewport: { width: 1000, height: 600 } })
  await tab.setContent(page(`mailman-shipper ${shown}`, text.split('\n').slice(0, lines).join('\n').trimEnd()))
  const path = join(images, `terminal-${name}.png`)
  await tab.locator('pre').screenshot({ path })
  // A third of the size; it is not everywhere.
  spawnSync('pngquant', ['--force', '--output', path, '32', path])
  await tab.close()
}
await browser.close()
rmSync(directory, { recursive: true })
