/** F40: one agent for each state directory; the lock is the kernel's, so none is ever stale. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isLocked, lockStateDirectory } from '../../src/checkpoint/lock.js'
import { runProgram } from '../support/agent-process.js'
import { LogStory } from '../support/log-story.js'

t.test('held once, free again', async t => {
  const directory = t.testdir({ one: {}, other: {} })
  const [one, other] = [join(directory, 'one'), join(directory, 'other')]
  const lock = await lockStateDirectory(one)
  t.ok(await isLocked(one))
  await t.rejects(lockStateDirectory(one), { code: 'MLS_STATE_LOCKED', detail: one })
  const second = await lockStateDirectory(other)
  await lock.release()
  t.notOk(await isLocked(one))
  t.ok(await isLocked(other))
  await second.release()
  t.equal(statSync(join(one, 'lock')).mode & 0o777, 0o600)
})

t.test('a second agent is refused; after kill -9 the next one starts', async t => {
  const story = new LogStory(t)
  story.write(10)
  story.start()
  await story.ships()
  const { code, stderr } = await runProgram(['run', '--config', story.configFile])
  t.equal(code, 3)
  t.equal(
    stderr,
    `mailman-shipper: Another mailman-shipper uses this state directory: ${story.state}
  Stop the other one, or give this one its own state.directory. [MLS_STATE_LOCKED]
`,
  )
  story.write(1)
  await story.shipsExactly('the first one is not disturbed')
  await story.agent.end('SIGKILL')
  story.start()
  story.write(1)
  await story.ships(story.next)
  await story.stop()
})
