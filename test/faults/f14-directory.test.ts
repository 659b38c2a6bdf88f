/** F14, F18: a directory that is not there yet, is renamed away and comes back: chokidar is blind then, the steady look is not. */
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import t from 'tap'
import { LogStory } from '../support/log-story.js'

t.test('absent at the start', async t => {
  const story = new LogStory(t)
  rmSync(story.logs, { recursive: true })
  story.start()
  await story.says(/waiting for a directory/)
  mkdirSync(story.logs)
  story.write(10)
  await story.shipsExactly('it comes into being')
  await story.says(/can be read again/)
  for (let i = 0; i < 3; i++) {
    story.write(10)
    await story.shipsExactly('without a hint')
  }
  t.equal(story.troubles.length, 1)
  await story.stop()
})

t.test('renamed away, made anew, and swapped back', async t => {
  const story = new LogStory(t)
  story.write(10)
  story.start()
  await story.ships()
  renameSync(story.logs, `${story.logs}.away`)
  story.write(5) // in the directory that is away
  await story.says(/waiting for a directory/)
  await story.shipsExactly('through the open file')
  mkdirSync(story.logs)
  story.reopen()
  story.write(10)
  await story.shipsExactly('in the new directory')
  story.reopen()
  renameSync(story.logs, `${story.logs}.new`)
  renameSync(`${story.logs}.away`, story.logs)
  story.write(10)
  await story.shipsExactly('in the first one again, at its place')
  await story.stop()
  story.start()
  story.write(1)
  await story.shipsExactly()
})
