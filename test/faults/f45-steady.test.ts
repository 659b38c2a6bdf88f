/** F45: lines that come without a pause are sent all the same: a batch's age counts from its first event, not from its last. */
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { LogStory } from '../support/log-story.js'

t.test('a line each 20 ms', async t => {
  const story = new LogStory(t)
  story.write(1)
  story.start()
  await story.ships()
  const seen: number[] = []
  const end = performance.now() + 4_000
  while (performance.now() < end) {
    story.write(1)
    await sleep(20) // the pace of a writer, not a wait for anything
    const { length } = story.shipped
    if (length !== seen.at(-1)) seen.push(length)
  }
  t.ok(seen.length >= 5, `in ${seen.length} batches, while it was written`)
  await story.shipsExactly()
  await story.stop()
})
