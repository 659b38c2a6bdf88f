/**
 * F02, F03, F04, F08, F12, F16: which file is it? Late lines in a file that was closed, generations that are gone, links that are swapped,
 * files that look alike.
 */
import { linkSync, renameSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { LogStory } from '../support/log-story.js'
import { until } from '../support/until.js'

const LONG_AGO = new Date('2026-11-20T13:00:00Z')

t.test('F02: a line in a rotated file that was quiet, read to its end and closed long ago', async t => {
  const story = new LogStory(t)
  story.write(10)
  story.start()
  await story.ships()
  story.rotate()
  utimesSync(story.path('vette.1'), LONG_AGO, LONG_AGO)
  story.append(story.lines(1))
  await story.shipsExactly()
  for (let i = 0; i < 2; i++) {
    story.write(3) // by who did not reopen it
    await story.shipsExactly()
    utimesSync(story.path('vette.1'), LONG_AGO, LONG_AGO)
  }
  await story.stop()
  story.start()
  story.write(3)
  await story.shipsExactly('after a restart too')
  await story.stop()
  t.same(story.troubles, [])
})

t.test('F04: the file that was followed is gone after several rotations while down: its last place is told of, once', async t => {
  const story = new LogStory(t)
  story.write(10)
  const size = story.text().length
  story.start()
  await story.ships()
  await story.stop()
  story.write(5)
  for (let rotation = 0; rotation < 3; rotation++) {
    story.rotate()
    story.reopen()
    story.write(4)
  }
  unlinkSync(story.path('vette.3')) // with the five lines that nobody has read
  story.start()
  await story.ships(22)
  const said = await story.says(/is gone/)
  t.match(said, { level: 'warn', text: story.path(), from: size })
  t.same(
    story.shipped.slice(10),
    Array.from({ length: 12 }, (_, i) => 15 + i),
    'all others, the oldest first',
  )
  await story.stop()
  story.start()
  story.write(1)
  await story.ships(23)
  await story.stop()
  t.equal(story.troubles.length, 1, 'once')
})

t.test('F04: old copies that were read to their end may go while it is down', async t => {
  const story = new LogStory(t)
  story.write(10)
  story.start()
  await story.ships()
  for (let rotation = 0; rotation < 2; rotation++) {
    story.rotate()
    story.reopen()
    story.write(3)
    await story.ships()
  }
  await story.stop()
  story.rotate()
  story.reopen()
  unlinkSync(story.path('vette.3'))
  unlinkSync(story.path('vette.2'))
  story.start()
  story.write(3)
  await story.shipsExactly()
  await story.stop()
  t.same(story.troubles, [])
})

t.test('F12: a link that is swapped, back and forth, with lines unread', async t => {
  const story = new LogStory(t)
  const point = (target: string): void => {
    symlinkSync(target, story.path('new-link'))
    renameSync(story.path('new-link'), story.path('vette')) // as `ln -sfn` should
  }
  writeFileSync(story.path('blue'), story.lines(20))
  point('blue')
  story.start()
  await story.ships()
  let target = 'blue'
  for (let swap = 0; swap < 6; swap++) {
    story.append(story.lines(300), target)
    target = target === 'blue' ? 'green' : 'blue'
    story.append(story.lines(300), target)
    point(target)
    if (swap % 2 === 1) story.append(story.lines(10), target === 'blue' ? 'green' : 'blue') // into the one that has no name now
    await story.ships()
  }
  // What grew at the last look and has no name would be told of: so there is one more, before the second of these lines is read.
  writeFileSync(story.path('another'), '')
  for (let line = 0; line < 2; line++) {
    story.append(story.lines(1), target)
    await story.ships()
  }
  await story.stop()
  story.start()
  story.append(story.lines(2), target)
  await story.ships()
  t.same(
    story.shipped.toSorted((a, b) => a - b),
    Array.from({ length: story.next }, (_, number) => number),
    'each line once',
  )
  await story.stop()
  t.same(story.troubles, [])
})

t.test('F12, F68: a link that points out of the directory now and then is never followed there', async t => {
  const story = new LogStory(t, {}, { outside: { secret: 'Nov 20 12:00:00 2026 (7) root:x:0:0 n99999@example.org\n' } })
  writeFileSync(story.path('inside'), story.lines(1))
  symlinkSync('inside', story.path('vette'))
  story.start()
  await story.ships()
  for (let swap = 0; swap < 2_000; swap++) {
    symlinkSync(swap % 2 === 0 ? '../outside/secret' : 'inside', story.path('other-link'))
    renameSync(story.path('other-link'), story.path('vette'))
    if (swap % 50 === 0)
      await until(
        () => new Promise(resolve => setImmediate(resolve, true)),
        () => '',
      )
  }
  story.write(1, 'post')
  story.append(story.lines(1), 'inside')
  await story.ships()
  t.same(
    story.shipped.toSorted((a, b) => a - b),
    [0, 1, 2],
  )
  await story.stop()
})

t.test('F16: files that begin alike, hard links, a rotated copy with a link of its own', async t => {
  const story = new LogStory(t)
  const head = 'Nov 20 12:00:00 2026 (7) the same\n'.repeat(40) // more than what is compared at the beginning
  for (const name of ['vette', 'vette.1', 'vette.2']) story.append(head + story.lines(5), name)
  linkSync(story.path('vette.2'), story.path('vette.7'))
  story.start()
  const numbered = (): number[] => story.shipped.filter(Number.isFinite).toSorted((a, b) => a - b)
  await until(
    () => numbered().length >= 15,
    () => `${numbered()}`,
  )
  renameSync(story.path('vette.2'), story.path('vette.3'))
  renameSync(story.path('vette.1'), story.path('vette.2'))
  renameSync(story.path('vette'), story.path('vette.1'))
  for (const name of ['vette.1', 'vette.2', 'vette.3', 'vette']) story.append(story.lines(2), name)
  await until(
    () => numbered().length >= story.next,
    () => `${numbered()}`,
  )
  await story.stop()
  story.start()
  story.write(1)
  await until(
    () => numbered().length >= story.next,
    () => `${numbered()}`,
  )
  t.same(
    numbered(),
    Array.from({ length: story.next }, (_, number) => number),
    'each once',
  )
  t.equal(story.documents.length, story.next + 3 * 40, 'and their beginnings')
  await story.stop()
})
