/** `search`: events by words and by field, from whichever store the configuration names. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { actions } from '../../parsers/_actions.js'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import { type EventQuery, MAX_HITS, type Page } from '../store/query.js'
import { formsOf } from './address-forms.js'
import { formatEvents } from './event-table.js'
import { openScreen } from './screen.js'
import { follow, interrupted } from './search-follow.js'
import { readSince, readUntil } from './when.js'
import { withStore } from './with-store.js'

export interface SearchArguments {
  config?: string | undefined
  text?: string[] | undefined
  list?: string | undefined
  address?: string | undefined
  action?: string | undefined
  since?: string | undefined
  until?: string | undefined
  limit?: number | undefined
  json?: boolean | undefined
  follow?: boolean | undefined
}

/** Where the answer goes. */
export interface Screen {
  out(line: string): void
  err(line: string): void
  /** Of the terminal; undefined: no terminal. */
  readonly columns: number | undefined
  readonly isColoured: boolean
  now(): number
}

const DEFAULT_LIMIT = 50

/** @param ended ends what follows @throws ShipperError */
export async function runSearch(given: SearchArguments, screen: Screen, ended?: AbortSignal): Promise<void> {
  const config = await loadConfig(given.config, { forPeople: true })
  const asked = readQuery(given, { ms: screen.now(), zone: config.logs.timezone })
  const query = given.address === undefined ? asked : { ...asked, address: await formsOf(given.address, config, screen.err) }
  if (given.follow) return follow(config, query, screen, { json: given.json === true, ended: ended ?? interrupted() })
  const { total, hits } = await withStore(config, store => store.search(query))
  if (total === 0) {
    screen.err(await explainNothing(config, given))
    if (config.privacy.addresses === 'hash' && query.text?.includes('@'))
      screen.err('Addresses are stored hashed here: --address finds them.')
    return
  }
  // Asked for from the new end, shown in the order in which it happened.
  const events = hits.toReversed()
  if (given.json) for (const { document } of events) screen.out(printableJson(JSON.stringify(document)))
  else for (const line of formatEvents(events, { ...screen, zone: config.logs.timezone })) screen.out(line)
  if (total > hits.length) screen.err(`The newest ${hits.length} of ${total} events; more with --limit.`)
}

/** A name that nothing has is told; a search for it may be long. */
async function explainNothing(config: Config, { action, list }: SearchArguments): Promise<string> {
  if (action !== undefined && !Object.hasOwn(actions, action)) {
    const near = Object.keys(actions).filter(name => action !== '' && name.includes(action.toLowerCase()))
    const known = near.length === 0 ? '' : `; there ${near.length === 1 ? 'is' : 'are'} ${near.join(', ')}`
    return `No action is called ${printable(action)}${known}. The README lists them.`
  }
  if (list !== undefined && (await withStore(config, store => store.search({ list, limit: 1, order: 'newest' }))).total === 0)
    return `No event names the list ${printable(list)}.`
  return 'No event fits. Fewer words, a longer time, or `word*` for a beginning may find some.'
}

function readQuery(given: SearchArguments, now: { readonly ms: number; readonly zone: string }): EventQuery & Page {
  const limit = given.limit ?? DEFAULT_LIMIT
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_HITS)
    throw new ShipperError('MLS_USAGE_INVALID', `--limit: a number from 1 to ${MAX_HITS} is wanted`)
  const sinceMs = given.since === undefined ? undefined : readSince(given.since, now)
  const untilMs = given.until === undefined ? undefined : readUntil(given.until, now)
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs >= untilMs)
    throw new ShipperError('MLS_USAGE_INVALID', '--since is not before --until')
  if (given.follow && untilMs !== undefined) throw new ShipperError('MLS_USAGE_INVALID', '--follow has no --until')
  const { list, address, action } = given
  const asked = { text: given.text?.join(' '), list, address, action, sinceMs, untilMs }
  const present = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as EventQuery
  return { ...present, limit, order: 'newest' }
}

const search = (given: ArgumentsCamelCase<SearchArguments>): Promise<void> => runSearch(given, openScreen())

/** What is given twice counts as it was given last. */
const last = (value: string | string[]): string | undefined => (Array.isArray(value) ? value.at(-1) : value)
const lastNumber = (value: number | number[]): number | undefined => (Array.isArray(value) ? value.at(-1) : value)

export default {
  command: 'search [text..]',
  describe: 'Find events by words, list, address, action and time; the newest come last',
  builder: (yargs: Argv) =>
    yargs
      .positional('text', {
        type: 'string',
        array: true,
        describe: 'Words that must all occur; word* for a beginning, \'"two words"\' for words next to each other',
      })
      .option('list', { type: 'string', requiresArg: true, coerce: last, describe: "A list's name, or name@host" })
      .option('address', {
        type: 'string',
        requiresArg: true,
        coerce: last,
        describe: 'Exactly this sender, recipient or member',
      })
      .option('action', {
        type: 'string',
        requiresArg: true,
        coerce: last,
        describe: 'What happened: message-held, message-posted…',
      })
      .option('since', {
        type: 'string',
        requiresArg: true,
        coerce: last,
        describe: 'From then on: 15m, 2h, 7d ago, 2024-03-01, 2024-03-01T17:30; in the zone of the logs where none is named',
      })
      .option('until', {
        type: 'string',
        requiresArg: true,
        coerce: last,
        describe: 'Up to then; a day is meant with its last minute',
      })
      .option('limit', {
        type: 'number',
        requiresArg: true,
        coerce: lastNumber,
        default: DEFAULT_LIMIT,
        describe: `At most so many, the newest; up to ${MAX_HITS}`,
      })
      .option('json', { type: 'boolean', default: false, describe: 'The documents as they are stored, one a line' })
      .option('follow', {
        type: 'boolean',
        default: false,
        describe: 'Go on with what arrives, until Ctrl-C; late is shown too, up to a minute behind newer ones',
      })
      .example('$0 search --list announce --action message-held --since 1d', 'what is held')
      .example('$0 search --address ann@example.org', 'all that concerns one person')
      .example('$0 search --follow --list announce', 'what happens now')
      .example('$0 search \'"user unknown"\' 550 --since 2024-03-01 --until 2024-03-07', 'words, in a week')
      .example('$0 search --json --limit 10000 shunt* | jq .message', 'for machines')
      .epilogue('Exit code 0, also where nothing fits.'),
  handler: search,
}
