/** F40: an NDJSON file has one writer: while `backfill` writes to it, no agent starts. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { program, runProgram } from '../support/agent-process.js'
import { LogStory } from '../support/log-story.js'
import { until } from '../support/until.js'

t.test('the agent is started while backfill runs', async t => {
  const story = new LogStory(t)
  const old = join(story.directory, 'vette.1')
  appendFileSync(old, story.lines(30_000))
  const child = spawn(process.execPath, [program, 'backfill', '--config', story.configFile, old], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  t.teardown(() => child.kill('SIGKILL'))
  await until(
    () => statSync(join(story.directory, 'shipped')).size > 0,
    () => 'something is written',
  )
  child.kill('SIGSTOP')
  const { code, stderr } = await runProgram(['run', '--once', '--config', story.configFile])
  t.equal(code, 3)
  t.match(stderr, 'MLS_STATE_LOCKED')
  child.kill('SIGCONT')
  t.same(await ended, [0, null])
  t.equal((await runProgram(['run', '--once', '--config', story.configFile])).code, 0, 'then it may')
  await story.shipsExactly()
})
