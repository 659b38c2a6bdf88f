// Killed with -9 before a message goes out, and after it was taken: none is lost, and what comes twice has the same id.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { programEnvironment } from '../support/agent-process.js'
import { startMailServer } from '../support/mail-server.js'
import { until } from '../support/until.js'

const script = fileURLToPath(new URL('../support/announcing-process.ts', import.meta.url))

async function startHook(t: Test) {
  const received: { readonly id: string; readonly moment: string }[] = []
  const server = createServer((request, response) => {
    json(request).then(body => {
      received.push(body as { id: string; moment: string })
      response.end('{}')
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => new Promise(resolve => server.close(resolve)))
  return { port: (server.address() as AddressInfo).port, received }
}

t.test('mail and webhook through kill -9', async t => {
  const directory = join(t.testdir(), 'state')
  mkdirSync(directory, { mode: 0o700 })
  const mail = await startMailServer(t)
  const hook = await startHook(t)
  const children: ChildProcess[] = []
  t.teardown(() => children.map(child => child.kill('SIGKILL')))

  let run = 0
  async function start(hold: string, isDone: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    const lines: string[] = []
    // As tap has started us: this one is TypeScript too.
    const child = spawn(process.execPath, [...process.execArgv, script, directory, `${mail.port}`, `${hook.port}`, hold], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...programEnvironment(), RUN: `${run++}` },
    })
    children.push(child)
    createInterface({ input: child.stdout }).on('line', line => void lines.push(line))
    await until(
      () => isDone(lines),
      () => `${hold}: ${lines.join('; ')}`,
      60_000,
    )
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return lines
  }
  const areHeld = (lines: readonly string[]): boolean => lines.includes('held mail') && lines.includes('held hook')

  await start('before', areHeld)
  t.same([mail.received.length, hook.received.length], [0, 0])
  await start('after', areHeld)
  t.same([mail.received.length, hook.received.length], [1, 1], 'what was only recorded is sent')
  t.match(await start('no', lines => lines.length > 0), ['told mail hook'])
  t.same([mail.received.length, hook.received.length], [2, 2], 'what was sent and not recorded is sent again')
  const ids = mail.received.map(({ mail }) => mail.messageId)
  t.equal(ids[0], ids[1])
  t.ok(ids[0])
  t.equal(hook.received[0]!.id, hook.received[1]!.id)
  t.match(hook.received[0], { moment: 'raised' })
  t.equal(mail.received[0]!.raw, mail.received[1]!.raw, 'the same in every byte')
})
