// The count, made in a process of its own. It knows no time: a busy or slow machine counts the same.
//
// Instructions (`valgrind --tool=callgrind`) were tried beside it: two runs of the same build differed by 20 %, also where V8 had nothing
// to collect, and each took 90 CPU-seconds.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** Nothing that the machine's owner wants of Node changes what is counted. */
const { NODE_OPTIONS: _, NODE_V8_COVERAGE: _also, ...env } = process.env
const youngMb = 256
const flags = [
  '--expose-gc',
  `--min-semi-space-size=${youngMb}`,
  `--max-semi-space-size=${youngMb}`,
  // V8 compiles at the same places each time, not when a thread beside it has come to it.
  '--single-threaded',
  '--hash-seed=1',
  '--random-seed=1',
]

/** Bytes allocated for an event. @returns {Promise<Record<string, number>>} by log */
export async function countBytes() {
  const { stdout } = await run(process.execPath, [...flags, join(import.meta.dirname, 'allocations.mjs')], { env })
  return JSON.parse(stdout)
}
