/** `status`: a look that changes nothing. */
import { readdirSync } from 'node:fs'
import t from 'tap'
import { runProgram } from '../support/agent-process.js'
import { LogStory } from '../support/log-story.js'
import { until } from '../support/until.js'

t.test('status before the first start leaves nothing behind', async t => {
  const story = new LogStory(t)
  t.match(await runProgram(['status', '--config', story.configFile]), { code: 1, stdout: /^not running/ })
  t.same(readdirSync(story.state), [])
  story.write(1)
  story.start()
  await story.ships()
  await until(
    () => story.status() !== undefined,
    () => 'a status',
  )
  t.match(await runProgram(['status', '--config', story.configFile]), { code: 0, stdout: /^following/ })
  await story.stop()
})
