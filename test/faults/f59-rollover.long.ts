/**
 * F59: after any number of rollovers, a replay adds no document: after kill -9 before the answer came, after a lost answer,
 * without a checkpoint. With a key that may look up; one that may only create stores what it sends again a second time, as the
 * README says. Real server, real rollovers.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runProgram } from '../support/agent-process.js'
import { type ClusterStory, startClusterStory } from '../support/cluster-story.js'
import { numberOf } from '../support/mailman-writer.js'
import { until } from '../support/until.js'

t.setTimeout(300_000)
t.jobs = 3 // most of the time is waiting

interface RolloverStory extends ClusterStory {
  rollOver(): Promise<void>
  /** Waits until as many documents are stored, whatever the agent knows of it. */
  stores(count: number): Promise<void>
  /** Waits until the agent has nothing to send any more. */
  settles(): Promise<void>
  /** Writes lines that are stored and not answered for, and kills the agent then. */
  writeAndKill(count: number): Promise<void>
}

async function begin(t: Test, allowLookup: boolean): Promise<RolloverStory> {
  const cluster = await startClusterStory(t, undefined, { allowLookup })
  const { site, client, story, proxy } = cluster
  const stream = `logs-mailman.vette-${site.config.namespace}`
  let documents = 0
  const stores = async (count: number): Promise<void> => {
    await until(
      async () => {
        documents = (await cluster.documents()).length
        return documents >= count
      },
      () => `${count} documents; there are ${documents}; the agent said ${JSON.stringify(story.agent.log.slice(-3))}`,
    )
  }
  const settles = async (): Promise<void> => {
    const size = story.text().length
    await until(
      () => story.status()?.pid === story.agent.pid && story.status()?.files.some(file => file.offset === size),
      () => `all is settled: ${JSON.stringify(story.status())}; ${JSON.stringify(story.agent.log.slice(-3))}`,
    )
  }
  const writeAndKill = async (count: number): Promise<void> => {
    await settles()
    proxy.mode = 'mute'
    const before = (await cluster.documents()).length
    story.write(count)
    await stores(before + count)
    await story.agent.end('SIGKILL')
    proxy.mode = 'pass'
  }
  return {
    ...cluster,
    stores,
    settles,
    writeAndKill,
    rollOver: async () => void (await client.indices.rollover({ alias: stream })),
  }
}

t.test('kill -9 between storing and the answer, and rollovers before the next start', async t => {
  const { story, rollOver, writeAndKill, storesExactly, settles } = await begin(t, true)
  story.write(50)
  story.start()
  await storesExactly()
  // One rollover, none, three; then one while the agent runs.
  for (const rollovers of [1, 0, 3]) {
    await writeAndKill(40)
    for (let n = 0; n < rollovers; n++) await rollOver()
    story.write(10)
    story.start()
    await settles()
    await storesExactly(`killed, then ${rollovers} rollovers: each line once`)
    t.match(story.status()?.counts, { stored: 10, duplicates: 40 }, 'what was stored was found')
  }
  await rollOver()
  await writeAndKill(40)
  await rollOver()
  story.start()
  await settles()
  await storesExactly('rolled over before and after')
  await story.stop()
})

t.test('killed three times in a row while it catches up, with a rollover and new lines each time', async t => {
  const { story, proxy, rollOver, writeAndKill, stores, storesExactly, settles } = await begin(t, true)
  story.write(50)
  story.start()
  await storesExactly()
  await writeAndKill(40)
  proxy.delayMs = 300
  for (let round = 0; round < 3; round++) {
    await rollOver()
    const { bulks } = proxy
    story.write(5)
    story.start()
    await until(
      () => proxy.bulks > bulks,
      () => `it sends: ${JSON.stringify(story.agent.log)}`,
    )
    await story.agent.end('SIGKILL') // the new lines are on their way, each time into another index
    await stores(story.next)
  }
  proxy.delayMs = 0
  await rollOver()
  story.start()
  await settles()
  await storesExactly()
  t.match(story.status()?.counts, { stored: 0, duplicates: 55 }, 'found in four indices')
  await story.stop()
})

t.test('a lost answer, and a rollover before the retry', async t => {
  const { story, proxy, rollOver, stores, storesExactly, settles } = await begin(t, true)
  story.write(50)
  story.start()
  await storesExactly()
  await settles()
  for (let round = 1; round <= 3; round++) {
    proxy.mode = 'mute'
    story.write(30)
    await stores(story.next)
    for (let n = 0; n < round; n++) await rollOver()
    proxy.mode = 'pass'
    proxy.reset()
    await settles()
    await storesExactly(`${round} rollovers between the request and its repetition`)
  }
  t.match(story.status()?.counts, { stored: 50, duplicates: 90 }, 'each was found to be stored')
  await story.stop()
})

t.test('rotated copies read again without a checkpoint, years of rollovers later', async t => {
  const { story, rollOver, storesExactly, settles } = await begin(t, true)
  for (let generation = 0; generation < 4; generation++) {
    story.write(30)
    if (!story.agent.isRunning) story.start()
    await storesExactly()
    await settles()
    await rollOver()
    if (generation === 3) continue
    story.rotate()
    story.reopen()
  }
  await story.stop()
  story.gzip('vette.2')
  story.gzip('vette.3')
  for (const slot of ['checkpoint.0', 'checkpoint.1']) rmSync(join(story.state, slot), { force: true })
  story.write(10)
  story.start()
  await settles()
  await storesExactly('plain and compressed copies, each line once')
  t.match(story.status()?.counts, { stored: 10, duplicates: 120 })
  await story.stop()
})

t.test('backfill of old compressed logs, again after rollovers, and the agent after that', async t => {
  const { story, rollOver, storesExactly, settles } = await begin(t, true)
  for (let generation = 0; generation < 3; generation++) {
    story.write(40)
    story.rotate()
    story.reopen()
    story.gzip('vette.1')
  }
  const files = [1, 2, 3].map(number => story.path(`vette.${number}.gz`))
  const backfill = async (): Promise<Record<string, unknown>> => {
    const { code, stdout, stderr } = await runProgram(['backfill', '--config', story.configFile, '--json', '--again', ...files])
    t.equal(code, 0, stderr)
    return JSON.parse(stdout)
  }
  t.match(await backfill(), { stored: 120, duplicates: 0 })
  for (let rollovers = 1; rollovers <= 2; rollovers++) {
    await rollOver()
    t.match(await backfill(), { stored: 0, duplicates: 120 }, `a second run after ${rollovers} adds nothing`)
  }
  await rollOver()
  story.write(10)
  story.start()
  await settles()
  await storesExactly('nor does the agent, which never saw these files')
  t.match(story.status()?.counts, { stored: 10, duplicates: 120 })
  await story.stop()
})

t.test('a key that may only create: what is sent again after a rollover is there twice, under one event.id', async t => {
  const { story, rollOver, writeAndKill, documents, settles } = await begin(t, false)
  story.write(20)
  story.start()
  await settles()
  await writeAndKill(15)
  story.start()
  await settles()
  t.match(story.status()?.counts, { stored: 0, duplicates: 15 }, 'without a rollover each is a duplicate')
  await writeAndKill(15)
  await rollOver()
  story.start()
  await settles()
  t.match(story.status()?.counts, { stored: 15, duplicates: 0 }, 'after one it is stored again')
  const all = await documents()
  t.equal(all.length, 65)
  t.equal(new Set(all.map(({ event }) => event.id)).size, 50, 'one event.id for each line: a search can tell')
  t.same(
    [...new Set(all.map(({ message }) => numberOf(message)))].sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, number) => number),
    'and nothing is lost',
  )
  await story.stop()
})
