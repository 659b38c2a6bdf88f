/**
 * F13: a file is deleted while its lines cannot be sent. What was there to be read is read through the open file, also where
 * nothing of it had been read; lines that somebody still writes into it too.
 */
import { truncateSync, unlinkSync } from 'node:fs'
import t from 'tap'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { LogStory } from '../support/log-story.js'
import { numberOf } from '../support/mailman-writer.js'
import { until } from '../support/until.js'

t.test('deleted during an outage', async t => {
  const server = await startFakeElasticsearch()
  const { port } = new URL(server.url)
  await server.close()
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [`http://127.0.0.1:${port}`] } })
  story.write(20_000) // more than is on the way at once
  story.start()
  await story.says(/MLS_OUTPUT_UNREACHABLE/)
  for (let rotation = 0; rotation < 3; rotation++) {
    story.rotate()
    story.reopen()
    story.write(3_000 + rotation)
    const size = story.text().length
    await until(
      () => story.status()?.files.some(file => file.size === size && file.state === 'present'),
      () => `the new file is known: ${JSON.stringify(story.status()?.files)}`,
    )
  }
  for (const name of ['vette', 'vette.1', 'vette.2', 'vette.3']) unlinkSync(story.path(name))
  story.write(100) // into a file without a name
  await until(
    () => story.status()?.files.filter(({ state }) => state === 'deleted').length === 4,
    () => `it sees that they are gone: ${JSON.stringify(story.status())}`,
  )
  const again = await startFakeElasticsearch({ port: Number(port) })
  t.teardown(() => again.close())
  await until(
    () => again.stored.size >= story.next,
    () => `${again.stored.size} of ${story.next}: ${JSON.stringify(story.status())}`,
  )
  story.write(10)
  await until(
    () => again.stored.size >= story.next,
    () => `what is written later: ${again.stored.size} of ${story.next}`,
  )
  const numbers = [...again.stored.values()].map(document => numberOf(JSON.parse(document).message))
  t.same(
    numbers.sort((a, b) => a - b),
    Array.from({ length: story.next }, (_, number) => number),
  )
  t.equal(story.troubles.length, 1, JSON.stringify(story.troubles))
  await story.stop()
})

t.test('more than 1 GiB unread in deleted files: the oldest is given up, and what is lost is named', async t => {
  const server = await startFakeElasticsearch()
  const { port } = new URL(server.url)
  await server.close()
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [`http://127.0.0.1:${port}`] } })
  const size = 700 * 2 ** 20
  const isThere = async (name: string): Promise<void> => {
    await until(
      () => story.status()?.files.some(file => file.path === story.path(name) && file.size === size && file.state === 'present'),
      () => `${name} is known: ${JSON.stringify(story.status()?.files)}`,
    )
  }
  const held = (): string[] => (story.status()?.files ?? []).filter(({ state }) => state === 'deleted').map(({ path }) => path)
  story.write(20_000)
  story.start()
  await story.says(/MLS_OUTPUT_UNREACHABLE/)
  truncateSync(story.path(), size) // a hole, which takes no room
  await isThere('vette')
  story.rotate()
  story.reopen()
  story.write(10)
  truncateSync(story.path(), size)
  await isThere('vette')
  await isThere('vette.1')
  unlinkSync(story.path('vette.1'))
  await until(
    () => held().length === 1,
    () => `one is held: ${JSON.stringify(story.status())}`,
  )
  t.same(held(), [story.path('vette.1')])
  t.notOk(
    story.troubles.some(line => /went away before/.test(JSON.stringify(line))),
    'it is read later',
  )
  unlinkSync(story.path())
  const said = await story.says(/went away before/)
  t.match(said, { level: 'error', text: story.path('vette.1'), to: size })
  await until(
    () => held().includes(story.path()),
    () => `the newer one is held: ${JSON.stringify(story.status())}`,
  )
  t.same(held(), [story.path()])
})

t.test('bytes that went away unread are told of', async t => {
  const server = await startFakeElasticsearch()
  const { port } = new URL(server.url)
  await server.close()
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [`http://127.0.0.1:${port}`] } })
  story.write(20_000)
  const size = story.text().length
  story.start()
  await story.says(/MLS_OUTPUT_UNREACHABLE/)
  await until(
    () => story.status()?.files[0]?.size === size,
    () => 'the file is seen whole',
  )
  story.truncate()
  const said = await story.says(/went away before/)
  t.match(said, { level: 'error', text: story.path(), to: size })
  const again = await startFakeElasticsearch({ port: Number(port) })
  t.teardown(() => again.close())
  story.write(1)
  await until(
    () => [...again.stored.values()].some(document => numberOf(JSON.parse(document).message) === 20_000),
    () => 'it goes on',
  )
  await story.stop()
})
