/** F37, F38: what a kill or a power cut left of a line at the end of an NDJSON file spoils no other: the next one is whole. */
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LogStory } from '../support/log-story.js'
import { until } from '../support/until.js'

const fileOf = (story: LogStory): string => join(story.directory, 'shipped')

/** Ships two lines, is killed, and leaves the last one torn; nothing says that it was settled. */
async function tear(t: Test): Promise<LogStory> {
  const story = new LogStory(t)
  story.write(1)
  story.start()
  await story.shipsExactly()
  await story.stop()
  const whole = statSync(fileOf(story)).size
  story.write(1)
  const state = new Map(readdirSync(story.state).map(name => [name, readFileSync(join(story.state, name))]))
  story.start()
  await story.shipsExactly()
  await story.agent.end('SIGKILL')
  for (const name of readdirSync(story.state)) {
    const before = state.get(name)
    if (before === undefined) rmSync(join(story.state, name))
    else writeFileSync(join(story.state, name), before)
  }
  truncateSync(fileOf(story), whole + 100)
  return story
}

t.test('a line that was torn', async t => {
  const story = await tear(t)
  story.write(1)
  story.start()
  await story.shipsExactly('each line once, as JSON')
  await story.stop()
})

t.test('torn within its first bytes', async t => {
  const story = await tear(t)
  truncateSync(fileOf(story), readFileSync(fileOf(story), 'latin1').indexOf('\n') + 4)
  story.start()
  await story.shipsExactly()
  await story.stop()
})

t.test('what is not ours stays, as a line of its own', async t => {
  const story = new LogStory(t)
  appendFileSync(fileOf(story), '{"note":"mine"}')
  story.write(1)
  story.start()
  await until(
    () => /^\{"note":"mine"\}\n\{"@timestamp":.*\}\n$/.test(readFileSync(fileOf(story), 'utf8')),
    () => readFileSync(fileOf(story), 'utf8'),
  )
  t.pass('two lines')
  await story.stop()
})
