#!/usr/bin/env node
/** The command line, nothing else: each command is a file in commands/. */
import yargs, { type CommandModule } from 'yargs'
import { hideBin } from 'yargs/helpers'
import { version } from './agent.js'
import { printable } from './diagnostics/printable.js'
import { exitCodes, ShipperError } from './errors.js'
import { keepHeapSmall } from './heap.js'

keepHeapSmall()

// Whoever reads our output may stop before its end (`| head`): that is no error.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code !== 'EPIPE') return
  // Of events that are shipped it takes away what was not settled: they are read again at the next start.
  process.exit(['run', 'backfill'].includes(process.argv[2] ?? '') ? exitCodes.output : exitCodes.ok)
})

/** Arguments of which there may be several. */
const lists = new Set(['_', 'addresses', 'files', 'text', 'keep-days-of', 'keepDaysOf'])

const modules = new Map<string, () => Promise<{ default: unknown }>>([
  ['start', () => import('./commands/start.js')],
  ['run', () => import('./commands/run.js')],
  ['backfill', () => import('./commands/backfill.js')],
  ['parse', () => import('./commands/parse.js')],
  ['check', () => import('./commands/check.js')],
  ['setup', () => import('./commands/setup.js')],
  ['status', () => import('./commands/status.js')],
  ['search', () => import('./commands/search.js')],
  ['report', () => import('./commands/report.js')],
  ['trace', () => import('./commands/trace.js')],
  ['why', () => import('./commands/why.js')],
  ['erase', () => import('./commands/erase.js')],
  ['web', () => import('./commands/web.js')],
  ['held', () => import('./commands/held.js')],
  ['hash', () => import('./commands/hash.js')],
  ['set-aside', () => import('./commands/set-aside.js')],
  ['alerts', () => import('./commands/alerts.js')],
])

// Only the command that is asked for is loaded: the others bring libraries that would stay in the agent's memory.
const asked = modules.get(process.argv[2] ?? '')
const loaded = await Promise.all((asked === undefined ? [...modules.values()] : [asked]).map(load => load()))
// Each module types its own arguments; yargs' types would have them all agree with each other.
const commands = loaded.map(module => module.default) as CommandModule[]

try {
  await yargs(hideBin(process.argv))
    .scriptName('mailman-shipper')
    .usage(
      "$0 <command>\n\nShips GNU Mailman's logs to Elasticsearch, or to a store of its own, as events that answer questions.",
    )
    .option('config', {
      type: 'string',
      requiresArg: true,
      global: true,
      describe: 'Configuration file; default /etc/mailman-shipper/config.yaml',
    })
    .command(commands)
    .demandCommand(1, 1, 'Say what to do: one of the commands above.')
    .strict()
    .check(given => {
      const twice = Object.keys(given).find(name => Array.isArray(given[name]) && !lists.has(name))
      return twice === undefined ? true : `--${twice} is given twice.`
    }, true)
    .version(version)
    .help()
    .wrap(Math.min(120, process.stdout.columns ?? 100))
    .fail((message, error, parser) => {
      if (error instanceof Error && error.name !== 'YError') throw error // YError: yargs' own, about usage
      process.stderr.write(`${parser.help()}\n\n${printable(message, { newlines: true })}\n`)
      process.exit(exitCodes.usage)
    })
    .parseAsync()
} catch (error) {
  if (!(error instanceof ShipperError)) throw error // a bug: its stack says where
  process.stderr.write(`mailman-shipper: ${printable(error.message, { newlines: true })}\n  ${error.remedy} [${error.code}]\n`)
  process.exitCode = error.exit
}
