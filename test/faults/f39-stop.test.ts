/** F39: asked to stop in an outage with a backlog of many batches, the agent ends within the drain time, with 0 and a checkpoint. */
import t from 'tap'
import { LogStory } from '../support/log-story.js'

t.test('SIGTERM while nothing is taken', async t => {
  const story = new LogStory(t, {
    ndjson: undefined,
    elasticsearch: { nodes: ['http://127.0.0.1:9'], compression: 'none' }, // the port of «discard»: nobody listens
  })
  story.write(20_000)
  story.start()
  await story.says(/MLS_OUTPUT_UNREACHABLE/)
  const begun = performance.now()
  await story.stop()
  t.ok(performance.now() - begun < 20_000, 'within the drain time of 10 s, and not much more')
  t.match(story.status(), { counts: { stored: 0 }, holdUp: { code: 'MLS_OUTPUT_UNREACHABLE' } })
})
