/** Following files that only grow: what is appended is shipped once, whole lines only, in order. */

import { spawnSync } from 'node:child_process'
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { LogStory } from '../support/log-story.js'
import { numberOf } from '../support/mailman-writer.js'
import { until } from '../support/until.js'

t.test('what is there, and what is appended', async t => {
  const story = new LogStory(t)
  story.write(1_000)
  story.start()
  await story.ships()
  for (let i = 0; i < 20; i++) story.write(1 + i * 5)
  await story.shipsExactly()
  await story.stop()
  story.start()
  story.write(3)
  await story.shipsExactly('the next start reads on')
  t.same(story.troubles, [])
})

t.test('lines that follow each other closely do not wait for the steady look', async t => {
  const story = new LogStory(t)
  story.write(1)
  story.start()
  await story.ships()
  const times: number[] = []
  for (let i = 0; i < 4; i++) {
    story.write(1)
    await sleep(5 + 12 * i) // within the time in which chokidar drops what it sees
    const begun = performance.now()
    story.write(1)
    await story.ships()
    times.push(performance.now() - begun)
  }
  t.ok(Math.max(...times) < 1_000, `milliseconds: ${times.map(Math.round)}`)
})

t.test('F16: a file that goes on where another one ends is no copy of it', async t => {
  const story = new LogStory(t)
  story.write(1)
  story.start()
  await story.ships()
  story.append(Buffer.concat([story.text(), Buffer.from(story.lines(3))]), 'vette.1')
  await until(
    () => new Set(story.shipped).size === 4,
    () => `${story.shipped}`,
  )
})

t.test('F17: one short line, for ever', async t => {
  const story = new LogStory(t)
  story.start()
  await story.says(/started/)
  story.write(1)
  await story.shipsExactly()
  await story.stop()
  story.start()
  await story.says(/started.*/)
  story.write(1, 'post')
  await story.shipsExactly('it is known again by so few bytes')
})

t.test('F19: a line in pieces, cut inside a character, is one line; before its newline it is none', async t => {
  const story = new LogStory(t)
  story.start()
  await story.says(/started/)
  const line = Buffer.from(`Nov 20 12:00:00 2026 (7) Ünïcödé – 漢字 🎉 message-id=<n0@example.org>\n`)
  for (const byte of line.subarray(0, -1)) story.append(Buffer.of(byte))
  // A line of another log, written later, is through: so the piece was looked at, and held.
  story.next = 1
  story.write(1, 'post')
  await story.ships(1)
  t.same(story.shipped, [1], 'nothing before the newline')
  story.append('\n')
  await story.ships(2)
  t.match(story.documents[1], { message: 'Ünïcödé – 漢字 🎉 message-id=<n0@example.org>', log: { offset: 0 } })
  for (const byte of Buffer.from(story.lines(1))) story.append(Buffer.of(byte))
  await story.ships(3)
  t.equal(story.documents[2]?.log.offset, line.length)
})

t.test('a line in two pieces with a stop between them', async t => {
  const story = new LogStory(t)
  story.write(1)
  const line = story.lines(1)
  story.append(line.slice(0, 50))
  story.start()
  await story.ships(1)
  await story.stop()
  t.equal(story.shipped.length, 1)
  story.append(line.slice(50))
  story.start()
  await story.shipsExactly()
})

t.test('F16: a file with two names is read once; two files with the same first line are two', async t => {
  const story = new LogStory(t)
  story.write(10)
  linkSync(story.path('vette'), story.path('vette.1'))
  story.start()
  await story.ships()
  story.write(5)
  await story.shipsExactly()
  const same = `${'Nov 20 12:00:00 2026 (7) the same\n'}`
  story.append(same, 'smtp')
  story.append(same, 'smtp.1')
  story.append(`${same}Nov 20 12:00:00 2026 (7) n99@example.org\n`, 'post')
  story.append(`${same}Nov 20 12:00:00 2026 (7) n98@example.org\n`, 'post.1')
  await until(
    () => story.shipped.includes(99) && story.shipped.includes(98),
    () => `both; ${story.shipped}`,
  )
})

t.test('dates in names: the rotated copy is known, the oldest is read first', async t => {
  const story = new LogStory(t)
  story.append(story.lines(5), 'vette-20260901')
  story.append(story.lines(5), 'vette-20261001-13')
  story.append(story.lines(5), 'vette.2026-10-02')
  story.append(story.lines(5), 'vette')
  story.start()
  await story.shipsExactly()
  renameSync(story.path('vette'), story.path('vette-20261120'))
  story.append(story.lines(5), 'vette-20261120')
  story.append(story.lines(5), 'vette')
  await story.shipsExactly()
})

t.test('F68: what is no file of this directory is not opened', async t => {
  const story = new LogStory(t, {}, { outside: { secret: 'Nov 20 12:00:00 2026 (7) root:x:0:0\n' } })
  t.equal(spawnSync('mkfifo', [story.path('post')]).status, 0)
  mkdirSync(story.path('smtp'))
  symlinkSync('/dev/zero', story.path('error'))
  symlinkSync(join(story.directory, 'outside/secret'), story.path('bounce'))
  symlinkSync('vette', story.path('vette.1'))
  symlinkSync('nowhere', story.path('subscribe'))
  story.write(5)
  story.start()
  await story.shipsExactly()
  // The FIFO becomes a log, and the link a file.
  rmSync(story.path('post'))
  rmSync(story.path('bounce'))
  story.write(5, 'post')
  story.write(5, 'bounce')
  await story.ships()
  t.same(
    story.shipped.toSorted((a, b) => a - b),
    Array.from({ length: 15 }, (_, i) => i),
  )
  await story.stop()
  t.same(story.troubles, [])
})

t.test('two logs at full speed and a third now and then', async t => {
  const story = new LogStory(t)
  story.start()
  for (let round = 0; round < 50; round++) {
    story.write(200, 'vette')
    story.write(200, 'smtp')
    if (round % 10 === 0) story.write(1, 'error')
  }
  await story.ships()
  const numbers = story.shipped
  t.equal(new Set(numbers).size, story.next, 'each line once')
  t.equal(numbers.length, story.next)
  for (const name of ['vette', 'smtp']) {
    const own = story.documents.filter(({ log }) => log.file.path === story.path(name)).map(({ message }) => numberOf(message))
    t.same(
      own,
      own.toSorted((a, b) => a - b),
      `${name} in order`,
    )
  }
})
