/** Alerts by a program, really run. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeCommand } from '../../src/notify/command.js'
import { noticeOf, site } from '../support/notices.js'
import { until } from '../support/until.js'

/** A command of the shell; the arguments after it are as they are given. */
const command = (run: readonly [string, ...string[]], patienceMs?: number) =>
  makeCommand({ run, least: 'warning' }, site, patienceMs)

const send = (notifier: ReturnType<typeof command>, signal = new AbortController().signal) => notifier.send(noticeOf(), signal)

const fileOf = (t: Test, name: string) => join(t.testdir({}), name)

t.test('JSON on its input, arguments as they are, hardly an environment', async t => {
  const file = fileOf(t, 'out')
  process.env.SECRET_OF_THE_AGENT = 'x'
  t.teardown(() => delete process.env.SECRET_OF_THE_AGENT)
  await send(command(['/bin/sh', '-c', 'cat >"$0"; echo "$1" >>"$0"; pwd >>"$0"; env >>"$0"', file, '$(id) "; x']))
  const [json = '', argument, directory, ...environment] = readFileSync(file, 'utf8').trimEnd().split('\n')
  t.match(JSON.parse(json), { version: 1, moment: 'raised', alerts: [{ kind: 'holds-spike' }] })
  t.equal(argument, '$(id) "; x')
  t.equal(directory, '/')
  // tap adds variables of its own to what a test starts.
  t.ok(environment.includes('LANG=C.UTF-8'))
  t.notMatch(environment.join('\n'), /SECRET|HOME=/)
})

t.test('one that reads nothing is done when it says so', async t => {
  await t.resolves(send(command(['/bin/true'])))
})

t.test('what went wrong, and nothing of what it wrote', async t => {
  const failed = command(['/bin/sh', '-c', 'echo secret; echo secret >&2; exit 3'])
  await t.rejects(send(failed), { code: 'MLS_ALERT_UNSENT', detail: 'command: exit code 3' })
  await t.rejects(send(command(['/bin/sh', '-c', 'kill -9 $$'])), {
    code: 'MLS_ALERT_UNSENT',
    detail: 'command: ended by SIGKILL',
  })
  await t.rejects(send(command(['/nonexistent/alert'])), { code: 'MLS_ALERT_UNSENT', detail: 'command: ENOENT' })
})

t.test('one that does not end is ended, with all that it started', async t => {
  const file = fileOf(t, 'pid')
  const slow = command(['/bin/sh', '-c', 'sleep 600 & echo $! >"$0"; wait', file], 2000)
  await t.rejects(send(slow), { code: 'MLS_ALERT_UNSENT', detail: 'command: not done within 2 seconds, and ended' })
  const pid = readFileSync(file, 'utf8').trim()
  await until(
    () => !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    () => `${pid} still runs`,
  )
})

t.test('it ends with the agent', async t => {
  const file = fileOf(t, 'begun')
  const controller = new AbortController()
  const sent = send(command(['/bin/sh', '-c', 'echo >"$0"; sleep 600', file]), controller.signal)
  const rejected = t.rejects(sent, { code: 'MLS_ALERT_UNSENT', detail: 'command: ended by SIGKILL' })
  await until(
    () => existsSync(file),
    () => 'it has not begun',
  )
  controller.abort()
  await rejected
  await t.rejects(send(command(['/bin/true']), controller.signal), { code: 'MLS_ALERT_UNSENT', detail: /not run/ })
})
