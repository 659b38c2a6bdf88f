// What is timed: the whole program on the whole corpus, from its start to its end, in a fresh state directory.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { logs } from './corpus.mjs'
import { complete, prepareRun, start } from './program.mjs'

const runOnce = ({ config }) => ['run', '--once', '--log-level', 'warn', '--config', config]

/** Events as text to /dev/null: reading, parsing and writing documents, without state or delivery. */
export async function measureParse(corpus) {
  const run = prepareRun(corpus.directory, {})
  try {
    return await complete(run, parseArguments(run, corpus))
  } finally {
    run.remove()
  }
}

/** The bytes of a document: the same program, its output counted, not timed. */
export async function countDocumentBytes(corpus) {
  const run = prepareRun(corpus.directory, {})
  const { child, ended } = start(run, parseArguments(run, corpus), { stdout: 'pipe' })
  let bytes = 0
  child.stdout.on('data', chunk => {
    bytes += chunk.length
  })
  await ended
  run.remove()
  return bytes / corpus.records
}

const parseArguments = ({ config }, { directory }) => ['parse', '--config', config, ...logs.map(log => join(directory, log))]

export async function measureStore(corpus) {
  const run = prepareRun(corpus.directory, {})
  try {
    const usage = await complete(run, runOnce(run))
    const state = join(run.directory, 'state')
    const files = readdirSync(state).filter(name => name.startsWith('events.db'))
    const bytes = files.reduce((sum, name) => sum + statSync(join(state, name)).size, 0)
    return { ...usage, bytesPerEvent: bytes / corpus.records }
  } finally {
    run.remove()
  }
}

/**
 * @param compression `none` or `gzip`
 * @param options `verify`: the sink looks at every document, so the times say nothing; `node`: options of Node;
 *   `loop`: also how late its event loop is
 * @throws where not every record came as one document
 */
export async function measureBulk(corpus, sink, compression, { verify = false, node = [], loop = false } = {}) {
  const run = prepareRun(corpus.directory, { elasticsearch: { nodes: [sink.url], compression } })
  try {
    await sink.reset(verify ? 'verify' : 'count')
    const usage = await complete(run, runOnce(run), { node, loop })
    const { documents, repeated = 0, unreadable = 0, wireBytes, requests, cpuSeconds } = await sink.counts()
    if (documents !== corpus.records || repeated > 0 || unreadable > 0)
      throw new Error(
        `${corpus.records} records became ${documents} documents, ${repeated} of them repeated, ${unreadable} unreadable`,
      )
    return { ...usage, bytesPerEvent: wireBytes / documents, requests, sinkCpuSeconds: cpuSeconds }
  } finally {
    run.remove()
  }
}
