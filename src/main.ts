#!/usr/bin/env node
/** The command line, nothing else: each command is a file in commands/. */
import { readRunArguments } from './commands/run-arguments.js'
import { printable } from './diagnostics/printable.js'
import { exitCodes, ShipperError } from './errors.js'
import { holdYoungGeneration, keepHeapSmall } from './heap.js'

keepHeapSmall()

// Whoever reads our output may stop before its end (`| head`): that is no error.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code !== 'EPIPE') return
  // Of events that are shipped it takes away what was not settled: they are read again at the next start.
  process.exit(['run', 'backfill'].includes(process.argv[2] ?? '') ? exitCodes.output : exitCodes.ok)
})

const runs = process.argv[2] === 'run' ? readRunArguments(process.argv.slice(3)) : undefined

try {
  if (runs === undefined) {
    const { readCommandLine } = await import('./command-line.js')
    await readCommandLine(process.argv.slice(2))
  } else {
    holdYoungGeneration(true)
    const { run } = await import('./commands/run.js')
    await run(runs)
  }
} catch (error) {
  if (!(error instanceof ShipperError)) throw error // a bug: its stack says where
  process.stderr.write(`mailman-shipper: ${printable(error.message, { newlines: true })}\n  ${error.remedy} [${error.code}]\n`)
  process.exitCode = error.exit
}
