/** Files cut short: by copytruncate, in place, and written again past the old end between two looks. */
import { appendFileSync, copyFileSync, truncateSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { LogStory } from '../support/log-story.js'

t.test('F08: copytruncate with all read', async t => {
  const story = new LogStory(t)
  story.write(100)
  story.start()
  await story.ships()
  for (let i = 0; i < 3; i++) {
    story.copyTruncate()
    story.write(10)
    await story.ships()
  }
  await story.shipsExactly()
  await story.stop()
  t.same(story.troubles, [])
})

t.test('F08: copytruncate with lines unread: they are found in the copy', async t => {
  const story = new LogStory(t)
  story.write(100)
  story.start()
  await story.ships()
  await story.stop()
  for (const down of [true, false]) {
    if (down) story.write(50)
    else story.start()
    if (!down) {
      await story.ships()
      story.write(5_000)
    }
    story.copyTruncate()
    story.write(20)
    if (down) {
      story.start()
      await story.shipsExactly('while down')
      await story.stop()
    } else await story.shipsExactly('while it reads')
  }
  t.same(story.troubles, [])
})

t.test('F08: a copy that is not whole yet is no file of its own', async t => {
  const story = new LogStory(t)
  story.write(2_000)
  story.start()
  await story.ships()
  const text = story.text()
  for (let part = 0; part < 4; part++) {
    appendFileSync(story.path('vette.1'), text.subarray((part * text.length) / 4, ((part + 1) * text.length) / 4))
    story.write(1)
    await story.ships()
  }
  // The copy lacks the last four lines, as when something is written while it is made: they stand in the live file still.
  truncateSync(story.path('vette'), 0)
  story.write(10)
  await story.shipsExactly()
})

for (const down of [false, true])
  t.test(`F09: cut, and written past the old place between two looks, ${down ? 'while down' : 'while it runs'}`, async t => {
    const story = new LogStory(t)
    story.write(100)
    story.start()
    await story.ships()
    if (down) await story.stop()
    truncateSync(story.path(), 0)
    story.write(200)
    if (down) story.start()
    await story.shipsExactly()
    writeFileSync(story.path(), story.lines(500))
    await story.shipsExactly()
  })

t.test('F10: cut in place, again and again', async t => {
  const story = new LogStory(t)
  story.start()
  await story.says(/started/)
  for (let i = 0; i < 5; i++) {
    story.write(100 - i * 10)
    await story.ships()
    truncateSync(story.path(), 0)
  }
  await story.shipsExactly()
  await story.stop()
  truncateSync(story.path(), 0)
  story.start()
  story.write(1)
  await story.shipsExactly()
  t.same(story.troubles, [])
})

t.test('the same lines once more in a file that was cut are lines of their own', async t => {
  const story = new LogStory(t)
  story.write(3)
  const text = story.text()
  story.start()
  await story.ships()
  copyFileSync(story.path(), story.path('other'))
  truncateSync(story.path(), 0)
  story.append(story.lines(1))
  story.append(text)
  await story.ships(7)
  t.same(story.shipped, [0, 1, 2, 3, 0, 1, 2])
})
