/** `start` as a process of its own: it reads what there is, serves the page, and both go on with what is written. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { program, programEnvironment } from '../support/agent-process.js'
import { makeAgentSite } from '../support/site-config.js'
import { until } from '../support/until.js'

t.test('the page is there, and shows what is logged later', async t => {
  const { configFile, logs } = makeAgentSite(t.testdir())
  const given = JSON.parse(readFileSync(configFile, 'utf8'))
  writeFileSync(configFile, JSON.stringify({ ...given, web: { listen: '127.0.0.1:0' } }))
  const line = (second: number, reason: string) =>
    `Mar 01 12:00:0${second} 2024 (99) announce post from ann@example.org held, message-id=<${second}@example.org>: ${reason}\n`
  const vette = join(logs, 'vette')
  writeFileSync(vette, line(1, 'Message has implicit destination'))
  const child = spawn(process.execPath, [program, 'start', '--config', configFile], {
    env: programEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', chunk => {
    said += chunk
  })
  const url = await until(
    () => /browser: (http:\S+)\/\n/.exec(said)?.[1] ?? '',
    () => said,
    60_000,
  )
  const find = async (text: string) => (await (await fetch(`${url}/api/events?q=${text}`)).json()) as { total: number }
  t.match(await (await fetch(url)).text(), /<html/)
  t.match(await find('implicit'), { total: 1, rows: [{ list: 'announce', action: 'message-held' }] })
  appendFileSync(vette, line(2, 'Too many recipients to the message'))
  // The last record of a log is sent when the next begins, or after a quiet time.
  await until(
    async () => (await find('recipients')).total === 1,
    () => said,
    60_000,
  )
  child.kill('SIGTERM')
  t.strictSame(await ended, [0, null])
  await t.rejects(fetch(url), 'the page ends with it')
})
