/**
 * `web`: the page for people who want to see. A process of its own and not part of `run`: it needs no right to the logs, only to
 * the store, and what answers browsers has no business beside what must not stop.
 */
import { once } from 'node:events'
import { hostname } from 'node:os'
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { printable } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import { openHash } from '../privacy.js'
import { version } from '../version.js'
import { adviceOfReason } from '../web/document.js'
import type { FormsOf } from '../web/query.js'
import type { Surroundings } from '../web/routes.js'
import { serveWeb, type WebServer } from '../web/server.js'
import { makeAlertDesk } from './web-alerts.js'
import { openAsk } from './web-ask.js'
import { readAssets } from './web-assets.js'
import { WebCluster } from './web-cluster.js'
import { StoreThread } from './web-store.js'

export interface Pages extends WebServer {
  /** Where people ask for a link to their list, on this host; undefined: it is off. */
  readonly askUrl: string | undefined
}

/** @throws ShipperError */
export async function openWeb(config: Config, listen: string, warn: (message: string) => void): Promise<Pages> {
  const formsOf = await readFormsOf(config, warn)
  const threads =
    config.elasticsearch === undefined
      ? {
          rows: new StoreThread(config.local.file),
          counts: new StoreThread(config.local.file),
          // Whoever may only see one list does not hold up those who see all.
          links: config.web.askMyList && new StoreThread(config.local.file),
        }
      : undefined
  const cluster = config.elasticsearch && new WebCluster(config.elasticsearch)
  const closeStores = () =>
    Promise.all([threads?.rows.close(), threads?.counts.close(), threads?.links?.close(), cluster?.close()])
  const surroundings: Surroundings = {
    site: {
      zone: config.logs.timezone,
      store: config.elasticsearch === undefined ? 'embedded store' : 'Elasticsearch',
      version,
      reasons: [...adviceOfReason].map(([reason, advice]) => ({ reason, ...advice })),
    },
    assets: readAssets(),
    names: [hostname(), config.host.name],
    ask: (kind, signal, work) => (cluster === undefined ? work(threads![kind].store(signal)) : cluster.ask(work)),
    formsOf,
    askUrl: config.web.askMyList?.publicUrl,
    alerts: makeAlertDesk(config),
    origin: config.alerts.pageUrl === undefined ? undefined : new URL(config.alerts.pageUrl).origin,
  }
  const open: WebServer[] = []
  const close = async (): Promise<void> => {
    for (const server of open) await server.close()
    await closeStores()
  }
  try {
    const page = await serveWeb(listen, surroundings)
    open.push(page)
    const ask =
      config.web.askMyList &&
      (await openAsk(config.web.askMyList, surroundings, (signal, work) =>
        cluster === undefined ? work(threads!.links!.store(signal)) : cluster.ask(work),
      ))
    if (ask !== undefined) open.push(ask)
    return { url: page.url, askUrl: ask?.url, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** An address as it is, and as it is stored where addresses are hashed: events from before that are found too. */
async function readFormsOf(config: Config, warn: (message: string) => void): Promise<FormsOf> {
  if (config.privacy.addresses !== 'hash') return address => [address]
  try {
    const hash = await openHash(config)
    return address => [address, hash(address)]
  } catch (error) {
    if (!(error instanceof ShipperError)) throw error
    warn(`Addresses are stored hashed here, and without the key none is found but lists’ own: ${error.detail}.`)
    return address => [address]
  }
}

async function web({ config: path, listen: given }: ArgumentsCamelCase<{ config?: string; listen?: string }>): Promise<void> {
  const config = await loadConfig(path, { forPeople: true })
  const listen = given ?? config.web.listen
  if (!/^(\[[\da-f:.]+\]|[\w.-]{1,253}):\d{1,5}$/i.test(listen) || Number(listen.slice(listen.lastIndexOf(':') + 1)) > 65_535)
    throw new ShipperError('MLS_USAGE_INVALID', '--listen: an address and a port are wanted, such as 127.0.0.1:8025')
  const warn = (message: string): void => void process.stderr.write(`${printable(message)}\n`)
  for (const warning of config.warnings) warn(warning)
  const server = await openWeb(config, listen, warn)
  const ask = server.askUrl === undefined ? '' : `Ask my list: ${server.askUrl}\n`
  process.stdout.write(`The page: ${server.url}\n${ask}Ctrl-C ends it.\n`)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await server.close()
}

export default {
  command: 'web',
  describe: 'Serve a page to search the events and see alerts with a browser, on this host alone unless told otherwise',
  builder: (yargs: Argv) =>
    yargs
      .option('listen', {
        type: 'string',
        requiresArg: true,
        describe: 'Address and port; default web.listen, else 127.0.0.1:8025',
      })
      .example('$0 web', 'then open http://127.0.0.1:8025/')
      .example('ssh -L 8025:127.0.0.1:8025 lists1.example.org', 'from elsewhere: the same address, through ssh')
      .epilogue(
        'Whoever reaches the address can read all events: there is no password. Elsewhere than on loopback, put a proxy that asks for one before it.',
      ),
  handler: web,
}
