// A shipper with little to do and with nothing: how late lines come that are written one at a time, then what it uses when none are.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { cache } from './corpus.mjs'
import { loadOf, useOf } from './process-tree.mjs'
import { startShipper } from './shipper.mjs'

/** What is begun late after a start, such as timers: not to be counted. */
const STARTED_MS = 2_000
/** V8 and others give memory back within some seconds of the last work. */
const SETTLE_MS = 24_000
const PER_SECOND = 100

/**
 * 100 lines a second, in turn to four logs, then none.
 * @returns `latencyMs`: how much later than it was written a line came; `liveCpuMsPerSecond` while they are written
 */
export async function measureFollowing(shipper, compression, { liveSeconds, idleSeconds }, sink) {
  const logs = mkdtempSync(join(cache, 'live-'))
  const write = number => appendFileSync(join(logs, liveLogs[number % liveLogs.length][0]), liveLine(number))
  const early = liveLogs.map((_, number) => number)
  early.forEach(write)
  await sink.reset('arrivals')
  const program = startShipper(shipper, logs, sink, compression)
  try {
    await program.alive(sink.until(early.length))
    await wait(STARTED_MS)
    const sent = new Map()
    const liveCpuMsPerSecond = await loadOf(program.pid, async () => {
      const from = performance.now()
      for (let i = 0; i < liveSeconds * PER_SECOND; i++) {
        const number = early.length + i
        sent.set(number, performance.timeOrigin + performance.now())
        write(number)
        await wait(Math.max(0, from + ((i + 1) * 1000) / PER_SECOND - performance.now()))
      }
    })
    await program.alive(sink.until(early.length + sent.size))
    const arrivals = await sink.arrivals()
    const latenciesMs = [...sent].map(([number, atMs]) => arrivals.get(number) - atMs).toSorted((a, b) => a - b)
    if (latenciesMs.some(Number.isNaN)) throw new Error('a line that was written did not come')
    await wait(SETTLE_MS)
    const idleCpuMsPerSecond = await loadOf(program.pid, () => wait(idleSeconds * 1000))
    return { latencyMs: quantiles(latenciesMs), liveCpuMsPerSecond, idleCpuMsPerSecond, idleRssMb: useOf(program.pid).rssMb }
  } finally {
    await program.stop()
    rmSync(logs, { recursive: true, force: true })
  }
}

/** @param sorted at least one */
function quantiles(sorted) {
  const share = part => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
  return { p50: share(0.5), p99: share(0.99), max: share(1), samples: sorted.length }
}

/** Logs of which every line can hold a mark, in a message id. */
const liveLogs = [
  ['smtp', id => `${id} smtp to staff-world for 148 recips, completed in 3.889 seconds`],
  ['post', id => `post to staff-world from alice@example.org, size=4711, message-id=${id}, success`],
  ['vette', id => `staff-world post from alice@example.org held, message-id=${id}: Post to moderated list`],
  ['smtp-failure', id => `Low level smtp error: [Errno 111] Connection refused, msgid: ${id}`],
]

function liveLine(number) {
  const [, day, month, year, time] = new Date().toUTCString().split(' ')
  const text = liveLogs[number % liveLogs.length][1](`<zq${number}zq.${Date.now()}@example.org>`)
  return `${month} ${day} ${time} ${year} (4711) ${text}\n`
}
