/**
 * All real 2.1 logs through the real agent, into each store: every line is in exactly one event, every event is stored, a second
 * run stores nothing new, and neither does a run on gzip-compressed copies from a fresh state directory.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { runProgram } from '../support/agent-process.js'
import { startElasticsearch } from '../support/elasticsearch.js'
import { makeSite } from '../support/setup.js'
import { makeAgentSite } from '../support/site-config.js'
import { readCluster, readEmbedded, type StoredDocument } from '../support/stored.js'

const samples = fileURLToPath(new URL('../samples/mailman-2.1', import.meta.url))
const names = readdirSync(samples)

/** `run --once`; returns how many events it stored and how many it found stored. */
async function runOnce(t: Test, configFile: string): Promise<{ stored: number; duplicates: number }> {
  const { code, stderr } = await runProgram(['run', '--once', '--config', configFile])
  const log = stderr
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  t.equal(code, 0, `exit 0: ${stderr.slice(-500)}`)
  t.same(
    log.filter(line => line.level === 'error'),
    [],
    'no trouble in the log',
  )
  return log.at(-1)
}

function checkEveryLine(t: Test, documents: readonly StoredDocument[]): void {
  for (const name of names) {
    const text = readFileSync(join(samples, name), 'latin1')
    const starts = new Map<number, number>()
    let offset = 0
    text.split('\n').forEach((line, index) => {
      starts.set(offset, index)
      offset += line.length + 1
    })
    const lines = starts.size - 1
    const events = documents.filter(({ log }) => basename(log.file.path) === name).sort((a, b) => a.log.offset - b.log.offset)
    let next = 0
    for (const { log, message } of events) {
      if (starts.get(log.offset) !== next) break
      next += message.split('\n').length
    }
    t.equal(next, lines, `${name}: ${lines} lines in ${events.length} events, none twice, none missing`)
  }
}

async function checkStore(
  t: Test,
  directory: string,
  more: Parameters<typeof makeAgentSite>[1],
  read: (store: string) => Promise<StoredDocument[]>,
): Promise<void> {
  const site = makeAgentSite(directory, { ...more, logs: samples, timezone: 'Europe/Berlin' })
  const first = await runOnce(t, site.configFile)
  const documents = await read(site.store)
  t.equal(documents.length, first.stored, 'every event is stored')
  t.equal(new Set(documents.map(({ event }) => event.id)).size, documents.length, 'ids are unique')
  checkEveryLine(t, documents)
  t.match(await runOnce(t, site.configFile), { stored: 0, duplicates: 0 }, 'a second run has nothing to do')

  const packed = join(directory, 'packed')
  mkdirSync(packed)
  for (const name of names) writeFileSync(join(packed, `${name}.gz`), gzipSync(readFileSync(join(samples, name))))
  const fresh = makeAgentSite(directory, { ...more, logs: packed, timezone: 'Europe/Berlin', name: 'fresh' })
  // The embedded store is the same one; only the state is new.
  if (more?.elasticsearch === undefined)
    writeFileSync(fresh.configFile, readFileSync(fresh.configFile, 'utf8').replace(/}$/, `,"local":{"file":"${site.store}"}}`))
  const again = await runOnce(t, fresh.configFile)
  t.match(again, { stored: 0, duplicates: documents.length }, 'compressed copies hold the same events')
}

t.test('embedded store', async t => {
  await checkStore(t, t.testdir({}), {}, async store => readEmbedded(store))
})

for (const version of ['9.5.0', '8.19.0'] as const) {
  t.test(`Elasticsearch ${version}, with a writer's key`, async t => {
    const server = await startElasticsearch({ version })
    t.teardown(() => server.stop())
    const directory = t.testdir({ es: {} })
    const cluster = makeSite(server, join(directory, 'es'))
    t.equal((await cluster.setup()).code, 0)
    const { client } = await cluster.admin()
    t.teardown(() => client.close())
    const { nodes, apiKeyFile, caFile, namespace } = cluster.config
    await checkStore(t, directory, { elasticsearch: { nodes, apiKeyFile, caFile, namespace } }, () =>
      readCluster(client, namespace),
    )
  })
}
