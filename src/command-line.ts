/** All commands and their arguments, read and told of by yargs. */
import yargs, { type CommandModule } from 'yargs'
import { printable } from './diagnostics/printable.js'
import { exitCodes } from './errors.js'
import { version } from './version.js'

/** Arguments of which there may be several. */
const lists = new Set(['_', 'addresses', 'files', 'keys', 'text', 'keep-days-of', 'keepDaysOf'])

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
  ['verify', () => import('./commands/verify.js')],
])

/** Runs the command that is asked for. @throws what it throws */
export async function readCommandLine(given: readonly string[]): Promise<void> {
  // Only the command that is asked for is loaded: the others bring libraries that would stay in the agent's memory.
  const asked = modules.get(given[0] ?? '')
  const loaded = await Promise.all((asked === undefined ? [...modules.values()] : [asked]).map(load => load()))
  // Each module types its own arguments; yargs' types would have them all agree with each other.
  const commands = loaded.map(module => module.default) as CommandModule[]

  await yargs([...given])
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
}
