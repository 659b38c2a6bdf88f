/**
 * F49, F46, F54: the documents were taken, and the answer is cut at any byte: nobody knows then, so the same is sent again, once
 * and by us, and what is stored already is a 409, not a second document. The real server, and a proxy that resets.
 */
import t from 'tap'
import { startClusterStory } from '../support/cluster-story.js'
import { until } from '../support/until.js'

t.test('the answer to a bulk request is cut', async t => {
  const { story, proxy, storesExactly } = await startClusterStory(t)
  story.write(20)
  story.start()
  await storesExactly()
  // In the status line, in the head, at its end, in the body, before its last byte.
  let duplicates = 0
  for (const at of [0, 12, 60, -400, -2, -1]) {
    const before = proxy.bulks
    proxy.cutAt = at
    story.write(20)
    duplicates += 20
    await until(
      () => story.status()?.counts.duplicates === duplicates,
      () => `cut at ${at} (left: ${proxy.cutAt}): ${JSON.stringify(story.status())}`,
    )
    t.equal(proxy.bulks - before, 2, `${at}: sent once, and once more`)
    t.equal(story.status()?.holdUp, null)
  }
  await storesExactly()
  await story.stop()
  t.match(story.status()!.counts, { stored: 20, duplicates: 120, setAside: 0 }, 'all that was cut was found to be stored')
  t.equal(story.troubles.length, 6, `one line each: ${JSON.stringify(story.troubles)}`)
})

t.test('all connections are reset, again and again, while it ships', async t => {
  const { story, proxy, storesExactly } = await startClusterStory(t)
  story.start()
  for (let round = 0; round < 4; round++) {
    story.write(500)
    const before = proxy.bulks
    await until(
      () => proxy.bulks > before,
      () => `round ${round}: ${JSON.stringify(story.agent.log.slice(-2))}`,
    )
    proxy.reset()
  }
  await storesExactly()
  await story.stop()
})
