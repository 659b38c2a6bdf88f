// How soon the agent delivers after its start, and what it uses when nothing happens.
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { prepareRun, start } from './program.mjs'

/** V8 gives memory back within some seconds of the last work; that is not what being idle costs. */
const SETTLE_MS = 12_000
const IDLE_MS = 20_000

/** @returns milliseconds from the start of the process to the first document at the sink */
export async function measureStart(corpus, sink) {
  return follow(corpus, sink, async ({ startedAtMs, firstAtMs }) => firstAtMs - startedAtMs)
}

/** CPU in milliseconds a second and RSS in MB, over 20 s in which no log changes. Linux only. */
export async function measureIdle(corpus, sink) {
  return follow(corpus, sink, async ({ pid }) => {
    await wait(SETTLE_MS)
    const before = cpuMs(pid)
    const from = performance.now()
    await wait(IDLE_MS)
    const cpuMsPerSecond = ((cpuMs(pid) - before) / (performance.now() - from)) * 1000
    return { cpuMsPerSecond, rssMb: rssMb(pid) }
  })
}

async function follow(corpus, sink, measure) {
  const run = prepareRun(corpus.directory, { elasticsearch: { nodes: [sink.url] } })
  await sink.reset()
  const { child, startedAtMs, ended } = start(run, ['run', '--log-level', 'warn', '--config', run.config])
  try {
    const { firstAtMs } = await Promise.race([sink.until(corpus.records), ended])
    return await measure({ pid: child.pid, startedAtMs, firstAtMs })
  } finally {
    child.kill('SIGTERM')
    await ended
    run.remove()
  }
}

/** Of all threads, to the nanosecond: the tick of /proc/PID/stat is as long as an idle agent works in 20 s. */
function cpuMs(pid) {
  const threads = readdirSync(`/proc/${pid}/task`)
  const ns = threads.map(thread => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
  return ns.reduce((sum, each) => sum + each, 0) / 1e6
}

const rssMb = pid => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
