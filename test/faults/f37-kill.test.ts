/**
 * F37, F01, F02: kill -9 at any moment, rotations by rename with late writers. The oracle is the exact sequence 0…n: every line
 * stored, none twice; and a file's lines arrive in their order.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { AgentProcess } from '../support/agent-process.js'
import { startElasticsearch } from '../support/elasticsearch.js'
import { MailmanWriter, numberOf } from '../support/mailman-writer.js'
import { makeSite } from '../support/setup.js'
import { countSoFar, findDisorder, readCluster, readEmbedded, type StoredDocument } from '../support/stored.js'
import { until } from '../support/until.js'

const LINES = 200_000
const STEP = 1_000
const KILLS = 5

/** Writes, rotates, kills and restarts at random places, until `count` says that all lines are there. */
async function torment(t: Test, configFile: string, logs: string, count: () => number | Promise<number>): Promise<AgentProcess> {
  const seed = Number(process.env.SEED ?? Date.now() % 1e6)
  t.comment(`SEED=${seed}`)
  const random = mulberry32(seed)
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
    () => `all lines stored; ${readFileSync(join(dirname(configFile), 'state/status.json'))}, log ${JSON.stringify(agent.log)}`,
    240_000, // a loaded machine and a cold server are slow, not stuck
  )
  t.equal(await agent.end('SIGTERM'), 0, 'ends with 0 when asked')
  return agent
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
  const directory = t.testdir({ logs: {} })
  const logs = join(directory, 'logs')
  const configFile = join(directory, 'config.yaml')
  const store = join(directory, 'state', 'events.db')
  writeFileSync(
    configFile,
    `host: {name: lists1}\nlogs: {directories: [${logs}], timezone: UTC}\nstate: {directory: ${directory}/state}\n`,
  )
  await torment(t, configFile, logs, () => countSoFar(store))
  const documents = readEmbedded(store)
  checkExactly(t, documents)
  t.equal(findDisorder(documents).length, 0, "each file's lines arrived in their order")
})

t.test('Elasticsearch', async t => {
  const server = await startElasticsearch()
  t.teardown(() => server.stop())
  const directory = t.testdir({ logs: {}, es: {} })
  const logs = join(directory, 'logs')
  const site = makeSite(server, join(directory, 'es'))
  t.equal((await site.setup()).code, 0)
  const { client } = await site.admin()
  const configFile = join(directory, 'config.yaml')
  const { nodes, apiKeyFile, caFile, namespace } = site.config
  mkdirSync(join(directory, 'state'), { mode: 0o700 })
  writeFileSync(
    configFile,
    JSON.stringify({
      host: { name: 'lists1' },
      logs: { directories: [logs], timezone: 'UTC' },
      state: { directory: join(directory, 'state') },
      elasticsearch: { nodes, apiKeyFile, caFile, namespace },
    }),
  )
  await torment(t, configFile, logs, async () => {
    const index = `logs-mailman.*-${namespace}`
    // A stream whose first shard is being made has no answer yet.
    const count = client.indices
      .refresh({ index, allow_no_indices: true })
      .then(() => client.count({ index, allow_no_indices: true }))
    return count.then(
      answer => answer.count,
      () => 0,
    )
  })
  checkExactly(t, await readCluster(client, namespace))
  await client.close()
})

function mulberry32(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let r = Math.imul(a ^ (a >>> 15), 1 | a)
    r = (r + Math.imul(r ^ (r >>> 7), 61 | r)) ^ r
    return ((r ^ (r >>> 14)) >>> 0) / 4294967296
  }
}
