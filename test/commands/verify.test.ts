/** `verify` on generated weeks of a host, cut off where somebody would ask; and while real files grow. */
import { appendFileSync, copyFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runVerify, type VerifyArguments } from '../../src/commands/verify.js'
import { checkConfiguration, QueueLook } from '../../src/commands/verify-host.js'
import { LiveLogs } from '../../src/commands/verify-logs.js'
import { loadConfig } from '../../src/config/load.js'
import { systemClock } from '../../src/diagnostics/clock.js'
import { createSources } from '../../src/events/source.js'
import type { Clock, LogEvent } from '../../src/model.js'
import { runProgram } from '../support/agent-process.js'
import { MailmanWriter, numberOf } from '../support/mailman-writer.js'
import { noAlerts } from '../support/no-alerts.js'
import { writeLogs } from '../support/traffic/files.mjs'
import { generate, type TrafficOptions, type TrafficRecord } from '../support/traffic/generate.mjs'
import { until } from '../support/until.js'

/** 60 posts an hour on 60 lists, eleven days up to the outage. */
const weeks: TrafficOptions = { lists: 60, from: '2015-05-09', to: '2015-05-19', events: 30_000, incident: '2015', seed: 3 }
const seconds = (text: string): number => Date.parse(`${text}Z`) / 1000

const minutes = [...generate(weeks)]

/** Up to some time; `keeps` says which of the last day are there. */
function upTo(cut: string, keeps: (record: TrafficRecord) => boolean = () => true): TrafficRecord[][] {
  const end = seconds(cut)
  return minutes
    .filter(([first]) => first!.at < end)
    .map(records => records.filter(record => record.at < end && (record.at < end - 86_400 || keeps(record))))
}

/** Time that passes 20 times faster; each sleep is real, but short. */
function hastyClock(from: string): Clock {
  let passedMs = 0
  return {
    now: () => seconds(from) * 1000 + passedMs,
    monotonic: () => passedMs,
    sleep: async (ms, signal) => {
      await systemClock.sleep(1, signal)
      passedMs += ms
    },
  }
}

async function verify(given: VerifyArguments, clock: Clock = systemClock, waiting?: () => void) {
  const out: string[] = []
  const err: string[] = []
  const io = { out: (line: string) => out.push(line), err: (line: string) => err.push(line), isColoured: false, clock }
  const code = await runVerify(given, { ...io, ...(waiting === undefined ? {} : { waiting }) })
  return { code, text: out.join('\n'), last: out.at(-1)!, err }
}

const LOGS = ['vette', 'post', 'qrunner', 'error', 'bounce']

async function judge(t: Test, logs: Iterable<readonly TrafficRecord[]>, more: VerifyArguments = {}) {
  const directory = t.testdir({ 'config.yaml': 'logs: { timezone: UTC }\n' })
  writeLogs(directory, logs)
  return verify({ config: join(directory, 'config.yaml'), files: LOGS.map(log => join(directory, log)), ...more })
}

t.test('2015: it fails within the maintenance, three minutes after the start and ten', async t => {
  for (const cut of ['2015-05-19T18:03', '2015-05-19T18:10']) {
    const { code, text, last } = await judge(t, upTo(cut))
    t.equal(code, 1)
    t.match(
      text,
      /✗ errors +12 since the start of 2 kinds .*\n +6 × error-raised: IOError: \[Errno #\] Permission denied: …, first 18:00:09/,
    )
    t.match(text, /✗ posts +\d+ of \d+ posts held, usually [1-3]\.\d % are.*\n +because of: suspicious-header/)
    t.match(text, /✓ restart .*2015-05-19 18:00:07, stopped 56 min before/)
    t.match(last, /^trouble: errors that were never there before \(.*\); \d+ of \d+ posts are held/)
  }
})

t.test('the restart of the Sunday before is all clear; cut off right after it, undecided', async t => {
  const well = await judge(t, upTo('2015-05-17T06:00'))
  t.same([well.code, well.last], [0, 'all clear'], well.text)
  const night = await judge(
    t,
    upTo('2015-05-17T04:03', ({ log }) => log !== 'post' && log !== 'vette'),
  )
  t.equal(night.code, 3)
  t.match(night.last, /^undecided at the end of the logs: .*0 posts seen, 4 are needed$/)
})

t.test('a runner that did not come back', async t => {
  const isBack = ({ text }: TrafficRecord): boolean => !text.includes('OutgoingRunner qrunner started')
  const { code, last } = await judge(t, upTo('2015-05-17T06:00', isBack))
  t.same([code, last], [1, 'trouble: runners not up: OutgoingRunner'])
})

t.test('no start in the logs: undecided, said as JSON too', async t => {
  const line = 'May 19 10:00:00 2015 (5) post to dev from a@example.org, size=1, message-id=<1@a>, success\n'
  const directory = t.testdir({ 'config.yaml': 'logs: { timezone: UTC }\n', post: line })
  const given = { config: join(directory, 'config.yaml'), files: [join(directory, 'post')], json: true }
  const { code, text } = await verify(given)
  t.equal(code, 3)
  t.match(JSON.parse(text), { verdict: 'undecided', start: null, checks: [{ name: 'restart', state: 'unknown' }] })
})

const told = 'command: { run: [/bin/sh, -c, "cat > DIRECTORY/told"] }'

/** A host whose logs are written while its time passes, from `from` on. */
function liveHost(t: Test, from: string, alerts = '{}') {
  const directory = t.testdir({ logs: {}, qfiles: { in: {} } })
  const logs = join(directory, 'logs')
  const config = join(directory, 'config.yaml')
  writeFileSync(config, `logs: { directories: [${logs}], timezone: UTC }\nalerts: ${alerts.replaceAll('DIRECTORY', directory)}\n`)
  writeLogs(logs, upTo(from))
  const later = minutes.flat().filter(({ at }) => at >= seconds(from))
  const clock = hastyClock(from)
  const write = (): void => {
    while (later[0] !== undefined && later[0].at * 1000 <= clock.now()) {
      const { log, text } = later.shift()!
      appendFileSync(join(logs, log), text)
    }
  }
  return { directory, logs, config, clock, write }
}

t.test('follows the logs: Mailman is stopped, is started, and trouble ends the waiting at once', async t => {
  const { directory, config, clock, write } = liveHost(t, '2015-05-19T17:59:50', `{ ${told} }`)
  const { code, text } = await verify({ config, json: true, wait: '1h', notify: true }, clock, write)
  const { verdict, start, waitedSeconds, checks } = JSON.parse(text)
  t.same([code, verdict, start], [1, 'trouble', '2015-05-19T18:00:07Z'])
  t.ok(waitedSeconds < 60, `${waitedSeconds} s`)
  t.match(checks, [
    { name: 'restart', state: 'ok' },
    { name: 'errors', state: 'trouble' },
  ])
  const notice = JSON.parse(readFileSync(join(directory, 'told'), 'utf8'))
  t.match(notice, { moment: 'raised', alerts: [{ kind: 'errors-at-restart', since: '2015-05-19T18:00:07Z' }] })
  t.match(notice.text.at(-1), /^trouble: errors/)
})

t.test('follows the logs through logrotate: all clear as soon as four posts went through; who is asked hears of it', async t => {
  const queues = 'guards: { queues: { directories: [DIRECTORY/qfiles] } }'
  const { directory, logs, config, clock, write } = liveHost(t, '2015-05-19T20:58:50', `{ ${told}, ${queues} }`)
  let looks = 0
  const { code, text, last, err } = await verify({ config, notify: true }, clock, () => {
    looks++
    if (looks === 5) {
      for (const log of LOGS) renameSync(join(logs, log), join(logs, `${log}.1`))
      for (const log of LOGS) writeFileSync(join(logs, log), '')
    }
    if (looks === 20) truncate(join(logs, 'post'))
    write()
  })
  t.same([code, last, err], [0, 'all clear', []], text)
  t.match(text, /✓ posts +as usual: \d+ of \d+ posts held, .*; clear with post [4-6], /)
  t.match(text, /✓ queues +nothing waits/)
  t.ok(looks >= 60, 'not before two minutes have passed')
  const notice = JSON.parse(readFileSync(join(directory, 'told'), 'utf8'))
  t.match(notice, { moment: 'all-clear', alerts: [] })
  t.equal(notice.text.at(-1), 'all clear')
})

/** logrotate's copytruncate. */
function truncate(path: string): void {
  copyFileSync(path, `${path}.2`)
  truncateSync(path)
}

t.test('the time limit: undecided, and what was missing; nothing was restarted within a day', async t => {
  const { config, clock } = liveHost(t, '2015-05-17T04:00:20')
  const early = await verify({ config, wait: '60s' }, clock)
  t.equal(early.code, 3)
  t.equal(early.last, 'undecided after 1 minute: two minutes after the start are looked at; 0 posts seen, 4 are needed')
  const late = await verify({ config, wait: '2s' }, hastyClock('2015-05-18T12:00'))
  t.match(
    [late.code, late.text],
    [3, /\? restart +the last start of Mailman was 2015-05-17 04:00:12: that is more than a day ago\n/],
  )
})

t.test('each line of a log that grows is read once, whatever logrotate does', async t => {
  const logs = join(t.testdir({ logs: {} }), 'logs')
  const config = await loadConfig(undefined)
  const writer = new MailmanWriter(logs)
  const numbers: number[] = []
  const note = (events: readonly LogEvent[]): void => void numbers.push(...events.map(({ document }) => numberOf(document)))
  const live = new LiveLogs(
    { ...config, logs: { ...config.logs, directories: [logs], timezone: 'UTC' } },
    createSources(config, Date.now),
    systemClock,
  )
  t.teardown(() => live.close())
  await t.rejects(live.past().next(), { code: 'MLS_FILES_NONE' })
  writer.append(100)
  for await (const event of live.past()) note([event])
  writer.append(100)
  note(await live.more())
  writer.rotate()
  writer.append(100) // into the renamed files: they were not reopened
  note(await live.more())
  writer.reopen()
  writer.append(100)
  note(await live.more())
  await until(
    async () => {
      note(await live.more())
      return numbers.length >= 400
    },
    () => `${numbers.length} of 400`,
  )
  t.same(
    numbers.toSorted((a, b) => a - b),
    Array.from({ length: 400 }, (_, i) => i),
  )
})

t.test('a configuration file that changed after the start', async t => {
  const directory = t.testdir({ 'mm_cfg.py': 'A = 1\n', 'mm_cfg.pyc': 'compiled' })
  const guards = { configuration: { files: [join(directory, 'mm_cfg.py'), directory], afterHours: 24 } }
  const time = (ms: number): string => new Date(ms).toISOString()
  const check = (startMs: number) => checkConfiguration({ ...noAlerts.guards, ...guards }, startMs, time)
  t.match(await check(Date.now() + 5000), { state: 'ok' })
  t.match(await check(Date.now() - 60_000), { state: 'trouble', details: [/mm_cfg\.py, changed 20/] })
  t.match(
    await checkConfiguration({ ...noAlerts.guards, configuration: { files: [join(directory, 'no')], afterHours: 24 } }, 0, time),
    {
      state: 'unknown',
    },
  )
})

t.test('queues: empty, worked off, standing', async t => {
  const directory = t.testdir({ in: {}, out: {}, shunt: {} })
  const put = (queue: string, time: string): string => {
    const path = join(directory, queue, `${time}+${'0123456789'.repeat(4)}.pck`)
    writeFileSync(path, '')
    return path
  }
  const queues = new QueueLook({ ...noAlerts.guards, queues: { directories: [directory], afterMinutes: 30 } })
  put('shunt', '1400000000.5')
  await queues.look(0)
  t.match(queues.check(false), { state: 'ok', text: 'nothing waits' })
  const first = put('in', '1432058431.5')
  put('in', '1432058432.5')
  await queues.look(2000)
  t.match(queues.check(false), { state: 'unknown' })
  rmSync(first)
  await queues.look(4000)
  t.match(queues.check(false), { state: 'ok', text: 'worked off: in (1)' })
  await queues.look(70_000)
  t.match(queues.check(false), { state: 'unknown', text: 'not seen to be worked off: in (1)' })
  t.match(queues.check(true), { state: 'trouble', short: 'a queue stands still' })
})

t.test('the program: exit codes, usage', async t => {
  const line = 'May 19 10:00:00 2015 (5) post to dev from a@example.org, size=1, message-id=<1@a>, success\n'
  const file = join(t.testdir({ post: line }), 'post')
  const none = await runProgram(['verify', '--timezone', 'UTC', file])
  t.match(none, { code: 3, stdout: /\nundecided at the end of the logs: no restart of Mailman was found\n$/, stderr: '' })
  t.match(await runProgram(['verify', '--wait', 'soon', file]), { code: 2, stderr: /--wait: "soon" is not/ })
})
