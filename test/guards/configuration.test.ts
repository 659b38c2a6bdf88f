/** `config-not-loaded` on real files: what counts is their content and their ctime, which nobody can set. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DAY, HOUR, MINUTE, Site } from './site.js'

const SECOND = 1_000

function touch(path: string, content: string, modifiedMs = Date.parse('2015-04-01T00:00:00Z')): void {
  writeFileSync(path, content)
  utimesSync(path, modifiedMs / SECOND, modifiedMs / SECOND)
}

t.test('a change that waits, and the start that loads it a month later', async t => {
  const file = join(t.testdir({}), 'mm_cfg.py')
  touch(file, 'DEFAULT_GENERIC_NONMEMBER_ACTION = 0\n')
  const nowMs = Date.now()
  const site = new Site({ configuration: { files: [file], afterHours: 24 } })
  site.startedMs = nowMs - HOUR
  await site.look(nowMs)
  t.same(
    await site.look(nowMs + 25 * HOUR + MINUTE),
    [
      `config-not-loaded | warning | ${file} | mm_cfg.py was changed 25 hours ago, and Mailman has not loaded it: the next start will`,
    ],
    'written after the start, before our first look',
  )
  t.ok(Math.abs(site.open[0]!.sinceMs - nowMs) < MINUTE, 'since its ctime, whatever its modification time is')

  await site.restart()
  const startMs = nowMs + 31 * DAY + MINUTE
  site.startedMs = startMs
  t.same(
    site.guards.changesBefore(startMs + MINUTE, HOUR),
    [{ atMs: startMs, what: 'setting', text: 'mm_cfg.py, changed 31 days before, was loaded by this start' }],
    'also before a look has seen the start',
  )
  t.same(await site.look(startMs + MINUTE), [])
  t.same(site.guards.changesBefore(startMs + 2 * HOUR, HOUR), [])
  t.same(site.guards.changesBefore(startMs - MINUTE, HOUR), [])
  t.equal(site.ended.length, 1)
})

t.test('what changes while it is watched', async t => {
  const file = join(t.testdir({}), 'mm_cfg.py')
  touch(file, 'A = 1\n')
  const site = new Site({ configuration: { files: [file], afterHours: 0 } })
  const nowMs = Date.now()
  await site.look(nowMs) // no log told of a start: what is there now is taken for loaded
  touch(file, 'A = 1\n', nowMs)
  chmodSync(file, 0o600)
  renameSync(file, `${file}.old`)
  renameSync(`${file}.old`, file)
  t.same(await site.look(nowMs + MINUTE), [], 'a touch is none')

  touch(file, 'A = 2\n')
  await site.restart()
  t.match(await site.look(Date.now() + 1), [/mm_cfg\.py was changed 0 minutes ago, and/])
  const { sinceMs } = site.open[0]!
  t.match(site.guards.changesBefore(Date.now() + 2, HOUR), [
    { atMs: Number, what: 'setting', text: 'mm_cfg.py was changed, and is not loaded yet' },
  ])
  touch(file, 'A = 3\n')
  await site.look(Date.now() + 1)
  t.equal(site.open[0]?.sinceMs, sinceMs, 'changed again: the first change waits')
  touch(file, 'A = 1\n')
  t.same(await site.look(Date.now() + 1), [], 'taken back')
  t.same(site.guards.changesBefore(Date.now() + DAY, 2 * DAY), [])

  touch(file, 'A = 4\n')
  t.equal((await site.look(Date.now() + 1)).length, 1)
  site.startedMs = Date.now() + 90_000
  t.same(await site.look(Date.now() + 2 * MINUTE), [])
  t.match(site.guards.changesBefore(Date.now() + HOUR, DAY), [
    { text: 'mm_cfg.py, changed 1 minute before, was loaded by this start' },
  ])
})

t.test('a start that a log tells of after the first look', async t => {
  const file = join(t.testdir({}), 'mm_cfg.py')
  touch(file, 'A = 1\n')
  const site = new Site({ configuration: { files: [file], afterHours: 1 } })
  const nowMs = Date.now()
  await site.look(nowMs)
  site.startedMs = nowMs - 90 * DAY
  await site.look(nowMs + MINUTE)
  t.match(await site.look(nowMs + 2 * HOUR + MINUTE), [/mm_cfg\.py was changed 2 hours ago/])
  site.startedMs = nowMs - 80 * DAY
  t.equal((await site.look(nowMs + 2 * HOUR)).length, 1, 'an older start changes nothing')
})

t.test('the package, of which many files change at once', async t => {
  const root = t.testdir({
    Mailman: { '__init__.py': '', 'Defaults.py': 'A = 1\n', Handlers: { 'Hold.py': '', 'Hold.pyc': 'old' }, 'listinfo.html': '' },
  })
  const Mailman = join(root, 'Mailman')
  const site = new Site({ configuration: { files: [Mailman], afterHours: 1 } })
  const nowMs = Date.now()
  site.startedMs = nowMs + HOUR
  t.same(await site.look(nowMs + HOUR), [])
  await site.restart()
  writeFileSync(join(Mailman, 'Handlers/Hold.py'), 'changed\n')
  writeFileSync(join(Mailman, 'Handlers/Hold.pyc'), 'compiled anew')
  writeFileSync(join(Mailman, 'listinfo.html'), 'read when it is used')
  t.same(await site.look(nowMs + 2 * HOUR), [], 'before the start, by their ctime')
  t.match(site.guards.changesBefore(nowMs + HOUR, DAY), [
    { text: /^Handlers\/Hold\.py, changed \d+ minutes before, was loaded by this start$/ },
  ])

  const later = new Site({ configuration: { files: [Mailman], afterHours: 1 } })
  await later.look(nowMs)
  for (const name of ['A.py', 'B.py', 'C.py', 'D.cfg']) writeFileSync(join(Mailman, name), 'new\n')
  unlinkSync(join(Mailman, 'Defaults.py'))
  symlinkSync('/etc/passwd', join(Mailman, 'link.py'))
  t.same(await later.look(nowMs + 30 * MINUTE), [])
  const [line] = await later.look(nowMs + 2 * HOUR)
  t.match(
    line,
    /5 files below Mailman \([A-D]\.\w+, [A-D]\.\w+, [A-D]\.\w+…\) were changed, the first \d+ (minutes|hours) ago, and Mailman has not loaded them/,
  )
  t.equal(later.open[0]?.count, 5)
  later.startedMs = nowMs + 3 * HOUR
  t.same(await later.look(nowMs + 4 * HOUR), [])
  t.match(later.guards.changesBefore(nowMs + 4 * HOUR, DAY), [{ text: /^5 files below Mailman .* were loaded by this start$/ }])
  t.equal(later.said.length, 0)
})

t.test('a deployment that moves a link', async t => {
  const root = t.testdir({ one: { 'mailman.cfg': 'a' }, two: { 'mailman.cfg': 'b' } })
  const current = join(root, 'current')
  symlinkSync('one', current)
  const site = new Site({ configuration: { files: [current], afterHours: 0 } })
  const nowMs = Date.now()
  await site.look(nowMs)
  symlinkSync('two', `${current}.new`)
  renameSync(`${current}.new`, current)
  t.match(await site.look(nowMs + MINUTE), [/mailman\.cfg was changed/])
})

t.test('what is not there, what went, what is no file', async t => {
  const root = t.testdir({ 'mm_cfg.py': 'A = 1\n' })
  const file = join(root, 'mm_cfg.py')
  const missing = join(root, 'mailman.cfg')
  const site = new Site({ configuration: { files: [file, missing], afterHours: 0 } })
  const nowMs = Date.now()
  await site.look(nowMs)
  await site.look(nowMs)
  t.same(site.said, [`configuration ${missing} ENOENT`])
  copyFileSync(file, `${file}.bak`)
  rmSync(file)
  await site.look(nowMs)
  t.match(await site.look(nowMs + MINUTE), [/mm_cfg\.py was changed 1 minute ago/])
  renameSync(`${file}.bak`, file)
  t.same(await site.look(nowMs + 2 * MINUTE), [])
  rmSync(file)
  mkdirSync(missing)
  t.same(await site.look(nowMs + 3 * MINUTE), [])
  t.same(site.said.slice(1), [
    `configuration ${file} ENOENT`,
    `configuration ${file} again`,
    `configuration ${file} ENOENT`,
    `configuration ${missing} again`,
  ])
})
