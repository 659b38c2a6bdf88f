/** Alerts as lines of the agent's log, and what systemd's journal is told of their priority. */
import { execFileSync } from 'node:child_process'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isJournal, withPriority } from '../../src/diagnostics/journal.js'
import { createLog } from '../../src/diagnostics/log.js'
import { makeJournal } from '../../src/notify/journal.js'
import type { Notice } from '../../src/notify/notice.js'
import { alertOf } from '../support/alerts.js'
import { noticeOf, testNotice } from '../support/notices.js'

async function linesOf(notice: Notice): Promise<string[]> {
  const lines: string[] = []
  const log = createLog({ level: 'info', destination: { write: line => lines.push(line) } })
  await makeJournal('info', log).send(notice, new AbortController().signal)
  return lines
}

t.test('a line for each alert, with its priority', async t => {
  const alerts = [
    alertOf({ list: 'x\x1b[2J\u202e' }),
    alertOf({ severity: 'warning', list: 'dev' }),
    alertOf({ severity: 'info' }),
  ]
  const lines = await linesOf(noticeOf({ alerts }))
  t.match(
    lines.map(line => JSON.parse(line)),
    [
      { level: 'error', priority: 2, alert: 'holds-spike', severity: 'critical', since: '2015-05-19T17:31:05Z', held: 5 },
      { level: 'warn', priority: 4, list: 'dev', msg: 'messages are held that usually go through: dev' },
      { level: 'info', priority: 6, before: ['Mailman was restarted'], key: /^[\da-f]{10}$/ },
    ],
  )
  t.notMatch(lines.join(''), /[\x1b\u202e]/)
  t.same(
    lines.map(line => withPriority(line).slice(0, 4)),
    ['<2>{', '<4>{', '<6>{'],
  )
  const [over] = await linesOf(noticeOf({ moment: 'ended' }, { endedMs: Date.parse('2015-05-19T17:40Z') }))
  t.match(JSON.parse(over!), { level: 'info', priority: 5, msg: /^over: messages are held/, ended: '2015-05-19T17:40:00Z' })
  t.match(JSON.parse((await linesOf(testNotice))[0]!), { priority: 6, msg: /^test: / })
})

t.test('the agent’s other lines by their level; nothing within a line counts', async t => {
  const written: string[] = []
  const log = createLog({ level: 'trace', destination: { write: line => written.push(withPriority(line)) } })
  log.fatal('a')
  log.error({ text: '","priority":0,' }, '"level":"fatal"')
  log.warn('c')
  log.info({ other: 1, priority: 0 }, 'd')
  log.debug('e')
  t.same(
    written.map(line => line.slice(0, 3)),
    ['<2>', '<3>', '<4>', '<6>', '<7>'],
  )
})

t.test('only where standard error is the journal', async t => {
  const file = join(t.testdir(), 'stderr')
  const descriptor = openSync(file, 'w')
  const { dev, ino } = fstatSync(descriptor)
  t.ok(isJournal(descriptor, `${dev}:${ino}`))
  t.notOk(isJournal(descriptor, `${dev}:${ino + 1}`))
  t.notOk(isJournal(descriptor, ''))
  t.notOk(isJournal(2_000_000, `${dev}:${ino}`))
  const log = new URL('../../src/diagnostics/log.ts', import.meta.url).href
  const script = `import { createLog } from ${JSON.stringify(log)}; createLog({ level: 'info' }).warn('said')`
  execFileSync(process.execPath, [...process.execArgv, '--input-type=module', '-e', script], {
    env: { ...process.env, JOURNAL_STREAM: `${dev}:${ino}` },
    stdio: ['ignore', 'ignore', descriptor],
  })
  closeSync(descriptor)
  t.match(readFileSync(file, 'utf8'), /^<4>\{"level":"warn".*"msg":"said"\}\n$/)
})
