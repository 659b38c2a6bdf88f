// The hot path as the agent runs it, without its ends: real files → lines → events → batches, by the real pipeline with the bulk
// lines of the real output. What would go over the network is taken at once, time stands still, and nothing goes to disk: so the same
// files always cost the same work.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache } from '../bench/corpus.mjs'
import { built } from '../bench/program.mjs'

const { loadConfig } = await import(built('src/config/load.js'))
const { createElasticsearchOutput } = await import(built('src/delivery/elasticsearch.js'))
const { Pipeline } = await import(built('src/pipeline.js'))

/** Later than every stamp of the corpus. */
const NOW_MS = Date.UTC(2100, 0, 1)
const clock = { now: () => NOW_MS, monotonic: () => 1_000, sleep: () => new Promise(() => {}) }
const stored = { status: 'stored' }

/** A fresh directory, gone when the process ends. */
export function makeDirectory() {
  mkdirSync(cache, { recursive: true, mode: 0o700 })
  const directory = mkdtempSync(join(cache, 'cost-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** @param logs a directory that holds logs @param directory for the configuration, which becomes a file as a site has it */
export function configFor(logs, directory) {
  const file = join(directory, 'config.yaml')
  const options = {
    host: { name: 'lists.example.org' },
    logs: { directories: [logs], timezone: 'UTC' },
    state: { directory: join(directory, 'state') },
    elasticsearch: { nodes: ['http://127.0.0.1:9200'], compression: 'none' }, // nobody asks it
  }
  writeFileSync(file, JSON.stringify(options)) // which is YAML too
  return loadConfig(file)
}

/** Ships all that is there. @returns how many events that were @throws where anything but that happens */
export async function ship(config) {
  let events = 0
  const unexpected = name => what => {
    throw new Error(`${name}: ${JSON.stringify(what)}`)
  }
  const output = {
    ...createElasticsearchOutput(config.elasticsearch, { warn: unexpected('warning') }),
    write: async ({ starts }) => {
      events += starts.length
      return { outcomes: new Array(starts.length).fill(stored) }
    },
  }
  const pipeline = new Pipeline({
    config,
    privacy: undefined,
    output,
    setAside: { add: unexpected('set aside') },
    saved: [],
    clock,
    random: () => 0.5,
    events: new Proxy({}, { get: (_, name) => unexpected(name) }),
    save: async () => true,
  })
  await pipeline.runOnce()
  return events
}
