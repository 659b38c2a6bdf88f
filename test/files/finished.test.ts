/** Files that have come to their end: the last line of a rotated one, a .gz whose inode another file takes. */
import { appendFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { Generations } from '../../src/files/generations.js'
import { LogStory, numberedLine } from '../support/log-story.js'

const LONG_AGO = new Date('2026-11-20T13:00:00Z')

t.test('the last line of a rotated file has no newline: it is an event when nobody has written for a while', async t => {
  const story = new LogStory(t)
  story.agent.args.push('--once')
  writeFileSync(story.path('vette.1'), story.lines(2).slice(0, -1))
  story.start()
  await story.ends()
  t.same(story.shipped, [0], 'it may still be written')
  utimesSync(story.path('vette.1'), LONG_AGO, LONG_AGO)
  story.start()
  await story.ends()
  t.same(story.shipped, [0, 1])
  t.same(story.documents[1]?.tags, ['mailman_unterminated'])
  story.start()
  await story.ends()
  t.same(story.shipped, [0, 1], 'once')
  appendFileSync(story.path('vette.1'), `\n${story.lines(1)}`)
  story.start()
  await story.ends()
  t.same(story.shipped.at(-1), 2, 'what is written there all the same is read on')
})

t.test('a live file takes the inode of a .gz that was removed', async t => {
  const directory = t.testdir({})
  const now = Date.now()
  const [packed, live] = [`${directory}/vette.1.gz`, `${directory}/vette`]
  writeFileSync(packed, gzipSync(numberedLine(0)))
  const generations = new Generations([directory], new Set(), [], { now: () => now, monotonic: () => 0 })
  t.teardown(() => generations.close())
  await generations.look()
  const [old] = generations.all
  t.match(old, { compressed: true, state: 'present' })
  while ((await old!.read()) !== '') t.equal(old!.position, numberedLine(0).length)
  await old!.close()
  unlinkSync(packed)
  writeFileSync(live, numberedLine(1))
  // Whether this file system hands out the inode again is chance; here it did.
  const { dev, ino } = statSync(live, { bigint: true })
  old!.id = `${dev}:${ino}`
  await generations.look()
  const found = generations.all.find(({ state, path }) => state === 'present' && path === live)
  t.match(found, { compressed: false, position: 0, dirty: true })
})
