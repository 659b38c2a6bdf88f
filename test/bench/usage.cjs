// Loaded into the measured program (node --require): at its end, what the kernel says that the process and all of its threads
// have used, and what of it was the main thread (Linux only). It does nothing before, but for `loop`: how late a timer of 10 ms is
// called, from the start of the process and from its second second on, when all modules are loaded.
const { existsSync, readFileSync, writeFileSync } = require('node:fs')
const { monitorEventLoopDelay } = require('node:perf_hooks')
const { isMainThread } = require('node:worker_threads')

const RESOLUTION_MS = 10
const STARTED_MS = 1_000

const file = process.env.MAILMAN_SHIPPER_BENCH_USAGE
if (isMainThread && file !== undefined) {
  const delays = process.env.MAILMAN_SHIPPER_BENCH_LOOP === undefined ? undefined : watchLoop()
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage()
    // Not its maxRSS: that begins with what the parent had when it started this process.
    const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))[1])
    const main = `/proc/self/task/${process.pid}/schedstat`
    const mainSeconds = existsSync(main) ? Number(readFileSync(main, 'latin1').split(' ')[0]) / 1e9 : undefined
    const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6
    writeFileSync(file, JSON.stringify({ cpuSeconds, mainSeconds, peakRssMb: peakKb / 1024, ...delays?.() }))
  })
}

/** @returns what was measured until now; a histogram that counted nothing is absent */
function watchLoop() {
  const whole = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  const running = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  whole.enable()
  setTimeout(() => running.enable(), STARTED_MS).unref()
  return () => ({ wholeDelayMs: delayOf(whole), delayMs: delayOf(running) })
}

/** What Node records is from one call to the next, the timer's own 10 ms with it: here it is only what came on top. */
function delayOf(histogram) {
  if (histogram.count === 0) return undefined
  const late = ns => Math.max(0, ns / 1e6 - RESOLUTION_MS)
  const [p50, p99, p999] = [50, 99, 99.9].map(percent => late(histogram.percentile(percent)))
  return { p50, p99, p999, max: late(histogram.max), samples: histogram.count }
}
