// How soon the agent delivers after its start, and what it uses when nothing happens.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { writeManyLogs } from './bounded-logs.mjs'
import { cache } from './corpus.mjs'
import { loadOf, useOf } from './process-tree.mjs'
import { complete, prepareRun, start } from './program.mjs'

/** V8 gives memory back within some seconds of the last work; that is not what being idle costs. */
const SETTLE_MS = 24_000
const IDLE_MS = 20_000

/** @returns milliseconds from the start of the process to the first document at the sink */
export async function measureStart(corpus, sink) {
  return follow(corpus, sink, async ({ startedAtMs, firstAtMs }) => firstAtMs - startedAtMs)
}

/** CPU in milliseconds a second and RSS in MB, over 20 s in which no log changes. Linux only. */
export async function measureIdle(corpus, sink) {
  return follow(corpus, sink, async ({ pid }) => {
    await wait(SETTLE_MS)
    return { cpuMsPerSecond: await loadOf(pid, () => wait(IDLE_MS)), rssMb: useOf(pid).rssMb }
  })
}

/**
 * With a thousand logs that it read before and that have a new line each.
 * @returns milliseconds from the start of the process to the first of these lines at the sink, and to the last
 */
export async function measureKnownStart(sink) {
  const logs = mkdtempSync(join(cache, 'logs-'))
  const { directories, documents, append } = writeManyLogs(logs)
  const run = prepareRun(directories, { elasticsearch: { nodes: [sink.url] } })
  try {
    await complete(run, ['run', '--once', '--log-level', 'warn', '--config', run.config])
    for (let number = 0; number < documents; number++) append(number)
    const times = ({ startedAtMs, firstAtMs, lastAtMs }) => ({ firstMs: firstAtMs - startedAtMs, allMs: lastAtMs - startedAtMs })
    return await startOn(run, documents, sink, times)
  } finally {
    run.remove()
    rmSync(logs, { recursive: true, force: true })
  }
}

async function follow(corpus, sink, measure) {
  const run = prepareRun(corpus.directory, { elasticsearch: { nodes: [sink.url] } })
  try {
    return await startOn(run, corpus.records, sink, measure)
  } finally {
    run.remove()
  }
}

/** @param documents how many come before `measure` is called */
async function startOn(run, documents, sink, measure) {
  await sink.reset()
  const { child, startedAtMs, ended } = start(run, ['run', '--log-level', 'warn', '--config', run.config])
  try {
    const { firstAtMs, lastAtMs } = await Promise.race([sink.until(documents), ended])
    return await measure({ pid: child.pid, startedAtMs, firstAtMs, lastAtMs })
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}
