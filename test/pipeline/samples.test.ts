/**
 * All real logs, of 2.1 and of 3, through the real agent, into each store: every line is in exactly one event, every event is
 * stored, a second run stores nothing new, and neither does a run on gzip-compressed copies from a fresh state directory.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { runProgram } from '../support/agent-process.js'
import { startSite } from '../support/setup.js'
import { makeAgentSite } from '../support/site-config.js'
import { readCluster, readEmbedded, type StoredDocument } from '../support/stored.js'

t.jobs = 3 // a store each

const directories = ['mailman-2.1', 'mailman-3'].map(name => fileURLToPath(new URL(`../samples/${name}`, import.meta.url)))
const files = directories.flatMap(directory =>
  readdirSync(directory, { withFileTypes: true }).flatMap(entry => (entry.isFile() ? [join(directory, entry.name)] : [])),
)

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

/** Lines of two records may lie between each other, so they are counted: each event begins a line, and no line is left over. */
function checkEveryLine(t: Test, documents: readonly StoredDocument[]): void {
  for (const path of files) {
    const text = readFileSync(path, 'latin1')
    const starts = new Set<number>()
    for (let offset = 0; offset < text.length; offset = text.indexOf('\n', offset) + 1) starts.add(offset)
    const events = documents.filter(({ log }) => log.file.path === path)
    const offsets = new Set(events.map(({ log }) => log.offset))
    t.ok([...offsets].every(offset => starts.has(offset)) && offsets.size === events.length, `${path}: events begin lines`)
    const inEvents = events.reduce((sum, { message }) => sum + message.split('\n').length, 0)
    t.equal(inEvents, starts.size, `${path}: ${starts.size} lines in ${events.length} events, none twice, none missing`)
  }
}

async function checkStore(
  t: Test,
  directory: string,
  more: Parameters<typeof makeAgentSite>[1],
  read: (store: string) => Promise<StoredDocument[]>,
): Promise<void> {
  const site = makeAgentSite(directory, { ...more, logs: directories, timezone: 'Europe/Berlin' })
  const first = await runOnce(t, site.configFile)
  const documents = await read(site.store)
  t.equal(documents.length, first.stored, 'every event is stored')
  t.equal(new Set(documents.map(({ event }) => event.id)).size, documents.length, 'ids are unique')
  checkEveryLine(t, documents)
  t.match(await runOnce(t, site.configFile), { stored: 0, duplicates: 0 }, 'a second run has nothing to do')

  const packed = directories.map(from => join(directory, 'packed', basename(from)))
  for (const to of packed) mkdirSync(to, { recursive: true })
  for (const path of files)
    writeFileSync(join(directory, 'packed', basename(dirname(path)), `${basename(path)}.gz`), gzipSync(readFileSync(path)))
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
    const directory = t.testdir()
    const { client, elasticsearch, site } = await startSite(t, directory, { version })
    await checkStore(t, directory, { elasticsearch }, () => readCluster(client, site.config.namespace))
  })
}
