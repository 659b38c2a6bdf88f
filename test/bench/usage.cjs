// Loaded into the measured program (node --require): at its end, what the kernel says that the process and all of its threads
// have used, and what of it was the main thread (Linux only). It does nothing before.
const { existsSync, readFileSync, writeFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')

const file = process.env.MAILMAN_SHIPPER_BENCH_USAGE
if (isMainThread && file !== undefined) {
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    const main = `/proc/self/task/${process.pid}/schedstat`
    const mainSeconds = existsSync(main) ? Number(readFileSync(main, 'latin1').split(' ')[0]) / 1e9 : undefined
    const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6
    writeFileSync(file, JSON.stringify({ cpuSeconds, mainSeconds, peakRssMb: maxRSS / 1024 }))
  })
}
