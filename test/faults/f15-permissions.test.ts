/** F15: permission lost and regained, of a file and of its directory, by an agent that is not root: one line each, nothing lost. */
import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LogStory } from '../support/log-story.js'

const NOBODY = 65_534
const skip = process.getuid?.() !== 0 && 'only root can run the agent as somebody else'

function makeStory(t: Test): LogStory {
  const story = new LogStory(t)
  for (const path of [story.state, join(story.directory, 'shipped')]) chownSync(path, NOBODY, NOBODY)
  story.agent.user = NOBODY
  return story
}

t.test('a file', { skip }, async t => {
  const story = makeStory(t)
  story.write(10)
  story.write(10, 'post')
  story.next = 10
  chmodSync(story.path('post'), 0o600)
  story.start()
  await story.ships(10)
  const said = await story.says(/MLS_FILE_UNREADABLE/)
  t.match(said.text, `${story.path('post')} (EACCES)`)
  story.write(10)
  await story.ships(20)
  chmodSync(story.path('post'), 0o644)
  await story.ships(30)
  await story.says(/can be read again/)
  chmodSync(story.path('post'), 0o600)
  story.rotate('post')
  story.write(5)
  await story.ships(35)
  await story.stop()
  story.start()
  chmodSync(story.path('post.1'), 0o644)
  story.write(5)
  await story.ships(40)
  await story.stop()
  t.ok(story.troubles.length <= 2, JSON.stringify(story.troubles))
})

t.test('a directory', { skip }, async t => {
  const story = makeStory(t)
  story.write(10)
  story.start()
  await story.ships()
  for (const mode of [0o000, 0o444]) {
    chmodSync(story.logs, mode)
    story.write(10)
    const said = await story.says(/MLS_FILE_UNREADABLE/)
    t.equal(said.text, `${story.logs} (EACCES)`)
    await story.shipsExactly('through the open file')
    chmodSync(story.logs, 0o755)
    await story.says(/can be read again/)
    story.write(10)
    await story.shipsExactly()
    story.agent.log.length = 0
  }
  await story.stop()
})
