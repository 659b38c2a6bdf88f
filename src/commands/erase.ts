/** `erase`: finds one person's events in all stores that the configuration names, and deletes them when told to. */
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { normaliseAddress } from '../../parsers/_normalise.js'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import { openHash } from '../privacy.js'
import { type Found, findPerson, partsOf } from './erase-find.js'
import {
  describeFound,
  describeRemains,
  describeSetAside,
  type StoreFound,
  sayAll,
  sayDocuments,
  sayEvents,
} from './erase-say.js'
import { eraseSetAside, findSetAside } from './erase-set-aside.js'
import { compactFile, eraseFromStore, type Site } from './erase-store.js'
import { withStore } from './with-store.js'

export interface EraseArguments {
  config?: string | undefined
  address?: string | undefined
  yes?: boolean | undefined
  json?: boolean | undefined
  user?: string | undefined
  passwordFile?: string | undefined
}

export interface EraseIo {
  out(line: string): void
  err(line: string): void
  /** Asks a person; undefined: nobody is there. */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined
}

/** What arrives while it is deleted is deleted too; whoever goes on writing about somebody is not waited for. */
const MAX_ROUNDS = 10

/** @throws ShipperError */
export async function runErase(given: EraseArguments, io: EraseIo): Promise<void> {
  const address = normaliseAddress((given.address ?? '').trim().replace(/^<(.*)>$/, '$1')) ?? ''
  const { local, domain } = partsOf(address)
  if (!address.includes('@') || local === '' || domain === '')
    throw new ShipperError('MLS_USAGE_INVALID', 'erase: one whole address is wanted: NAME@DOMAIN')
  if ((given.user === undefined) !== (given.passwordFile === undefined))
    throw new ShipperError('MLS_USAGE_INVALID', '--user and --password-file belong together')
  const config = withAccount(await loadConfig(given.config, { forPeople: true }), given)
  const forms = await formsOf(address, config, io)
  const stores: StoreFound[] = []
  for (const site of sitesOf(config)) stores.push({ site, ...(await withStore(site.config, store => findPerson(store, forms))) })
  const setAside = await findSetAside(config.state.directory, forms)
  const events = stores.reduce((sum, { ids }) => sum + ids.length, 0)
  const total = events + (setAside?.documents ?? 0)
  if (!given.json) {
    for (const store of stores) for (const line of describeFound(store, config.logs.timezone)) io.out(line)
    for (const line of describeSetAside(config, setAside)) io.out(line)
  }
  const ask = given.json || total === 0 ? undefined : io.confirm
  const isMeant = given.yes === true || (await ask?.(`Erase ${sayAll(events, setAside)} for ever?`)) === true
  const erased = new Map<StoreFound, number>()
  const remains: string[] = []
  let setAsideErased = 0
  if (isMeant) {
    // First, so that no retry stores them behind our back; one that was at it may have.
    if (setAside !== undefined && (setAside.documents > 0 || setAside.hasLeftover))
      setAsideErased = await eraseSetAside(config.state.directory, forms)
    if (!given.json && setAsideErased > 0) io.out(`Erased: ${sayDocuments(setAsideErased)}.`)
    for (const store of stores) {
      const { count, left } = await erase(store, forms)
      erased.set(store, count)
      if (left > 0) remains.push(`${sayEvents(left)} that arrived meanwhile; erase again.`)
      // Also where nothing was found: it may have failed the last time.
      remains.push(...(await compactFile(store.site)))
      if (!given.json && count > 0) io.out(`Erased: ${sayEvents(count)} from ${printable(store.site.name)}.`)
    }
  }
  remains.push(...describeRemains(config, setAside, events > 0))
  if (given.json) {
    const told = stores.map(store => toJson(store, erased.get(store) ?? 0))
    const documents = setAside?.documents ?? null
    io.out(printableJson(JSON.stringify({ address, stores: told, setAside: documents, setAsideErased, remains })))
    return
  }
  if (total > 0 && !isMeant) io.out('Nothing is erased yet: repeat with --yes.')
  io.out('Not reached by this:')
  for (const line of remains) io.out(`  - ${printable(line)}`)
}

function toJson({ site, ids, logs }: StoreFound, erased: number): object {
  return { store: site.name, events: ids.length, logs, erased }
}

/** Elasticsearch where it is configured, and the embedded store where there is one: it may be from before. */
function sitesOf(config: Config): Site[] {
  const { elasticsearch, local } = config
  const file = { name: local.file, config: { ...config, elasticsearch: undefined } }
  if (elasticsearch === undefined) return [file]
  const cluster = { name: `Elasticsearch, namespace ${elasticsearch.namespace}`, config }
  return existsSync(local.file) ? [cluster, file] : [cluster]
}

function withAccount(config: Config, { user, passwordFile }: EraseArguments): Config {
  if (user === undefined || config.elasticsearch === undefined) return config
  return { ...config, elasticsearch: { ...config.elasticsearch, apiKeyFile: undefined, username: user, passwordFile } }
}

async function formsOf(address: string, config: Config, io: EraseIo): Promise<string[]> {
  const { addresses, keyFile } = config.privacy
  // Where they are kept now they may have been hashed before.
  if (addresses !== 'hash' && keyFile === undefined) return [address]
  try {
    return [address, (await openHash(config))(address)]
  } catch (error) {
    if (!(error instanceof ShipperError) || addresses === 'hash') throw error
    io.err(`Events from when addresses were hashed are not found without the key: ${printable(error.detail)}.`)
    return [address]
  }
}

async function erase(store: StoreFound, forms: readonly string[]): Promise<{ count: number; left: number }> {
  let count = 0
  let found: Found = await withStore(store.site.config, each => findPerson(each, forms))
  for (let round = 0; round < MAX_ROUNDS && found.ids.length > 0; round++) {
    count += await eraseFromStore(store.site.config, found.ids)
    found = await withStore(store.site.config, each => findPerson(each, forms))
  }
  return { count, left: found.ids.length }
}

async function askOnTerminal(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return (await terminal.question(`${question} Type yes: `)).trim().toLowerCase() === 'yes'
  } finally {
    terminal.close()
  }
}

export default {
  command: 'erase <address>',
  describe: 'Find one person’s events, and delete them for ever where told to',
  builder: (yargs: Argv) =>
    yargs
      .positional('address', { type: 'string', demandOption: true, describe: 'The whole address; case does not matter' })
      .option('yes', {
        type: 'boolean',
        default: false,
        describe: 'Delete without asking; without it and without a terminal: only show',
      })
      .option('user', {
        type: 'string',
        requiresArg: true,
        describe: 'An account of Elasticsearch that may read and delete; used now, not stored',
      })
      .option('password-file', {
        type: 'string',
        requiresArg: true,
        describe: 'File with its password, readable by you alone',
      })
      .option('json', { type: 'boolean', default: false, describe: 'For machines; asks nothing' })
      .example('$0 erase ann@example.org', 'how many events of which logs, and whether to delete them')
      .example('$0 erase ann@example.org --yes --user elastic --password-file ./password', 'delete them, in Elasticsearch')
      .epilogue(
        [
          'An event is that person’s if the address is in a field for addresses (as sender, recipient or member, also hashed, where the key is there), or stands in any of its texts as a whole: also as ann%40…, ann--at--… or, for bounces, +ann=…. Such events are deleted whole, also where they name others too. Events that tell of the person without the address (by name, or by message id only) stay.',
          'All stores of the configuration: Elasticsearch, and the embedded store where there is one; and the refused documents that are set aside. The embedded store is then written anew, so that nothing is left in its files; that takes a while and as much disk again, and the agent waits for it.',
          'Exit code 0, also where nothing is found or nothing was deleted yet.',
        ].join('\n\n'),
      ),
  handler: (given: ArgumentsCamelCase<EraseArguments>) =>
    runErase(given, {
      out: line => void process.stdout.write(`${line}\n`),
      err: line => void process.stderr.write(`${line}\n`),
      confirm: process.stdin.isTTY && process.stderr.isTTY ? askOnTerminal : undefined,
    }),
}
