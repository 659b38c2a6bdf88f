/** `held`: what waits for a moderator now, from Mailman itself, with what the logs know of it. Nothing is looked at unasked. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import { formsOf } from './address-forms.js'
import { readHeldFiles } from './held-files.js'
import { joinLogs, withoutLogs } from './held-join.js'
import { readHeldRest } from './held-rest.js'
import { commandOf, linkOf, sayHeld } from './held-say.js'
import type { Held, Waiting } from './held-waiting.js'
import { openScreen } from './screen.js'
import type { Screen } from './search.js'
import { withStore } from './with-store.js'

export interface HeldArguments {
  config?: string | undefined
  dataDirectory?: string | undefined
  rest?: string | undefined
  restUser?: string | undefined
  restPasswordFile?: string | undefined
  web?: string | undefined
  list?: string | undefined
  limit?: number | undefined
  json?: boolean | undefined
}

const DEFAULT_LIMIT = 50

/** @throws ShipperError */
export async function runHeld(given: HeldArguments, screen: Screen): Promise<void> {
  const limit = given.limit ?? DEFAULT_LIMIT
  if (!Number.isInteger(limit) || limit < 1) throw new ShipperError('MLS_USAGE_INVALID', '--limit: a number from 1 on is wanted')
  if (given.web !== undefined && !/^https?:\/\/[^\s/]+/.test(given.web))
    throw new ShipperError('MLS_USAGE_INVALID', '--web: a URL like https://lists.example.org/mailman is wanted')
  const config = await loadConfig(given.config, { forPeople: true })
  const waiting = (await ask(given)).map(each => hide(each, config))
  const held = waiting.length === 0 ? [] : await join(waiting, config, screen)
  held.sort((a, b) => compare(a.fqdn ?? a.list, b.fqdn ?? b.list) || a.heldMs - b.heldMs || a.id - b.id)
  if (given.json) for (const each of held) screen.out(printableJson(JSON.stringify(toJson(each, given.web, screen.now()))))
  else for (const line of sayHeld(held, { screen, limit, web: given.web })) screen.out(line)
}

async function ask({ dataDirectory, rest, restUser, restPasswordFile, list }: HeldArguments): Promise<Waiting[]> {
  if (dataDirectory === undefined && rest === undefined)
    throw new ShipperError(
      'MLS_USAGE_INVALID',
      'held: --data-directory (Mailman 2.1) or --rest (3) is wanted: Mailman is not asked unasked',
    )
  const wanted = list?.toLowerCase()
  const wants = (name: string, fqdn?: string): boolean =>
    wanted === undefined || wanted === name || wanted === fqdn || (fqdn === undefined && wanted.split('@')[0] === name)
  const found: Waiting[] = []
  if (dataDirectory !== undefined) found.push(...(await readHeldFiles(dataDirectory)).filter(each => wants(each.list)))
  if (rest !== undefined) {
    if (restUser === undefined || restPasswordFile === undefined)
      throw new ShipperError('MLS_USAGE_INVALID', '--rest needs --rest-user and --rest-password-file')
    found.push(...(await readHeldRest({ url: rest, user: restUser, passwordFile: restPasswordFile }, wants)))
  }
  return found
}

/** What the site does not want to have stored it does not want to have told here. */
function hide(waiting: Waiting, { privacy }: Config): Waiting {
  return { ...waiting, subject: privacy.subjects === 'keep' ? waiting.subject : undefined }
}

async function join(waiting: readonly Waiting[], config: Config, screen: Screen): Promise<Held[]> {
  const warned = new Set<string>()
  const warn = (line: string): void => {
    if (!warned.has(line)) screen.err(printable(line))
    warned.add(line)
  }
  const forms = (address: string): Promise<string[]> => formsOf(address, config, warn)
  let held: Held[]
  try {
    held = await withStore(config, store => joinLogs(waiting, store, forms))
  } catch (error) {
    if (!(error instanceof ShipperError)) throw error
    warn(`The logs could not be asked, so nothing is known of the senders: ${error.message}`)
    held = withoutLogs(waiting)
  }
  if (config.privacy.addresses === 'keep') return held
  // Those of 2.1 are from the logs, where they are hidden already.
  return Promise.all(held.map(async each => (each.mailman === '3' ? hideSender(each, await forms(each.sender ?? '')) : each)))
}

function hideSender(held: Held, [, hashed]: readonly string[]): Held {
  return hashed === undefined || held.sender === undefined
    ? { ...held, sender: undefined, standing: 'unknown' }
    : { ...held, sender: hashed }
}

function toJson(held: Held, web: string | undefined, nowMs: number): object {
  const { heldMs, reasons, reasonText, isCertain, ...rest } = held
  const isTimed = Number.isFinite(heldMs)
  return {
    ...rest,
    heldAt: isTimed ? new Date(heldMs).toISOString() : undefined,
    waitsSeconds: isTimed ? Math.max(0, Math.round((nowMs - heldMs) / 1000)) : undefined,
    reasons,
    reasonText,
    certain: isCertain,
    link: web === undefined ? undefined : linkOf(held, web),
    command: commandOf(held),
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** What is given twice counts as it was given last. */
const last = (value: string | string[]): string | undefined => (Array.isArray(value) ? value.at(-1) : value)

export default {
  command: 'held',
  describe: 'What waits for a moderator now, by list, the mail of known people first',
  builder: (yargs: Argv) =>
    yargs
      .option('data-directory', {
        type: 'string',
        requiresArg: true,
        coerce: last,
        describe:
          'Mailman 2.1: its data directory, mostly /var/lib/mailman/data; file names and times are read, no file is opened',
      })
      .option('rest', {
        type: 'string',
        requiresArg: true,
        coerce: last,
        describe: 'Mailman 3: its REST API, mostly http://localhost:8001; asked only, nothing is changed',
      })
      .option('rest-user', {
        type: 'string',
        requiresArg: true,
        coerce: last,
        describe: 'admin_user of [webservice] in mailman.cfg',
      })
      .option('rest-password-file', {
        type: 'string',
        requiresArg: true,
        coerce: last,
        describe: 'File with its admin_pass, readable by you alone',
      })
      .option('web', {
        type: 'string',
        requiresArg: true,
        coerce: last,
        describe: 'Prints links: https://HOST/mailman for 2.1, the address of Postorius for 3',
      })
      .option('list', { type: 'string', requiresArg: true, coerce: last, describe: "A list's name, or name@host" })
      .option('limit', {
        type: 'number',
        requiresArg: true,
        default: DEFAULT_LIMIT,
        describe: 'At most so many of each kind of sender, by list; JSON has all',
      })
      .option('json', { type: 'boolean', default: false, describe: 'One line for each message' })
      .example('$0 held --data-directory /var/lib/mailman/data --web https://lists.example.org/mailman', 'Mailman 2.1')
      .example('$0 held --rest http://localhost:8001 --rest-user restadmin --rest-password-file ./password', 'Mailman 3')
      .epilogue(
        'Who has posted before is told by the logs, as far back as events are kept. In 2.1 a message is tied to its log line by the second: what may be another one’s is marked. Requests to join or leave are not shown. Exit code 0, also where nothing waits.',
      ),
  handler: (given: ArgumentsCamelCase<HeldArguments>) => runHeld(given, openScreen()),
}
