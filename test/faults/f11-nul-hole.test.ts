/**
 * F11: a writer that does not append goes on at its old place after its file was cut, and leaves a hole of zero bytes before it: it
 * is passed over, whatever its size, and told of once.
 */
import { closeSync, openSync, truncateSync, writeSync } from 'node:fs'
import t from 'tap'
import { runProgram } from '../support/agent-process.js'
import { LogStory } from '../support/log-story.js'
import { highWaterOf } from '../support/memory.js'

const SIZE = 2 ** 31

t.test('a hole of 2 GB, in constant memory', async t => {
  const story = new LogStory(t)
  story.write(10)
  story.start()
  await story.ships()
  truncateSync(story.path(), 0)
  truncateSync(story.path(), SIZE)
  story.write(2)
  story.append(Buffer.alloc(5_000)) // another one, after whole lines
  story.write(1)
  await story.ships(13, 60_000)
  await story.shipsExactly()
  t.match(story.documents[10], { message: /^Dev post/, log: { offset: SIZE } })
  t.same(
    story.documents.filter(({ tags }) => tags !== undefined),
    [],
  )
  const last = story.documents.at(-1)!.log.offset
  t.match(story.troubles, [
    { level: 'warn', text: story.path(), from: 0, to: SIZE },
    { level: 'warn', text: story.path(), from: last - 5_000, to: last },
  ])
  const most = highWaterOf(story.agent.pid)
  t.ok(most < 200 << 20, `${most >> 20} MiB at most`)
  await story.stop()
  story.start()
  story.write(1)
  await story.shipsExactly('a restart reads on')
  await story.stop()
  t.equal(story.troubles.length, 2, 'and says nothing again')
})

t.test('a writer that does not append, cut again and again; `parse` gives the same ids', async t => {
  const story = new LogStory(t)
  const handle = openSync(story.path(), 'w')
  t.teardown(() => closeSync(handle))
  story.start()
  for (let round = 0; round < 4; round++) {
    truncateSync(story.path(), 0)
    writeSync(handle, story.lines(5))
    await story.ships()
  }
  await story.shipsExactly()
  t.equal(story.troubles.length, 3)
  await story.stop()
  const { stdout } = await runProgram(['parse', '--config', story.configFile, story.path()])
  const parsed = stdout.split('\n').slice(0, -1)
  t.same(
    parsed.map(line => JSON.parse(line).event.id),
    story.documents.slice(-5).map(({ event }) => event.id),
  )
})

t.test('a few zero bytes are part of their line', async t => {
  const story = new LogStory(t)
  story.append(Buffer.concat([Buffer.alloc(5), Buffer.from(`${story.lines(1)}\0\0\n`)]))
  story.agent.args.push('--once')
  story.start()
  await story.ends()
  t.match(story.documents[0], { message: /^\0{5}Nov 20/, log: { offset: 0 } })
  t.same(story.troubles, [])
})
