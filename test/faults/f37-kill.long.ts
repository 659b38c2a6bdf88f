/**
 * F37, F01, F02: kill -9 at any moment, rotations by rename with late writers. The oracle is the exact sequence 0…n: every line
 * stored, none twice; and a file's lines arrive in their order.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { AgentProcess } from '../support/agent-process.js'
import { randomOf } from '../support/chance.mjs'
import { MailmanWriter, numberOf } from '../support/mailman-writer.js'
import { startSite } from '../support/setup.js'
import { type AgentSite, makeAgentSite } from '../support/site-config.js'
import { countSoFar, findDisorder, readCluster, readEmbedded, type StoredDocument } from '../support/stored.js'
import { until } from '../support/until.js'

const LINES = 100_000
const STEP = 1_000
const KILLS = 5

/** Writes, rotates, kills and restarts at random places, until `count` says that all lines are there. */
async function torment(t: Test, { configFile, logs, state }: AgentSite, count: () => number | Promise<number>): Promise<void> {
  const seed = Number(process.env.SEED ?? Date.now() % 1e6)
  t.comment(`SEED=${seed}`)
  const random = randomOf(seed)
  const steps = LINES / STEP
  const killAt = new Set(Array.from({ length: KILLS }, () => Math.floor(random() * steps)))
  const rotateAt = new Set([0.25, 0.5, 0.75].map(part => Math.floor(part * steps)))
  const writer = new MailmanWriter(logs)
  const agent = new AgentProcess(configFile)
  t.teardown(() => agent.end('SIGKILL'))
  agent.start()
  for (let step = 0; step < steps; step++) {
    writer.append(STEP)
    if (rotateAt.has(step)) writer.rotate()
    if (rotateAt.has(step - 3)) writer.reopen() // three steps of late lines in the renamed files
    await sleep(random() * 40) // the pace of a writer, not a wait for anything
    if (killAt.has(step)) {
      await agent.end('SIGKILL')
      agent.start()
    }
  }
  await until(
    async () => (await count()) >= LINES,
    () => `all lines stored; ${readFileSync(join(state, 'status.json'))}, log ${JSON.stringify(agent.log)}`,
    240_000, // a loaded machine and a cold server are slow, not stuck
  )
  t.equal(await agent.end('SIGTERM'), 0, 'ends with 0 when asked')
}

function checkExactly(t: Test, documents: readonly StoredDocument[]): void {
  const numbers = documents.map(document => numberOf(document.message)).sort((a, b) => a - b)
  t.equal(numbers.length, LINES, 'as many documents as lines')
  t.equal(
    numbers.findIndex((number, index) => number !== index),
    -1,
    'each line once',
  )
  t.equal(new Set(documents.map(document => document.event.id)).size, LINES, 'each id once')
}

t.setTimeout(900_000)

t.test('embedded store', async t => {
  const site = makeAgentSite(t.testdir())
  await torment(t, site, () => countSoFar(site.store))
  const documents = readEmbedded(site.store)
  checkExactly(t, documents)
  t.equal(findDisorder(documents).length, 0, "each file's lines arrived in their order")
})

t.test('Elasticsearch', async t => {
  const directory = t.testdir()
  const { client, elasticsearch, site } = await startSite(t, directory)
  const { namespace } = site.config
  // What the server made visible by itself, each second: to be asked for it all the time would keep it from storing.
  const count = (): Promise<number> =>
    client.count({ index: `logs-mailman.*-${namespace}`, allow_no_indices: true }).then(
      answer => answer.count,
      () => 0, // a stream whose first shard is being made has no answer yet
    )
  await torment(t, makeAgentSite(directory, { elasticsearch }), count)
  checkExactly(t, await readCluster(client, namespace))
})
