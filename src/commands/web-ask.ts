/** “Ask my list”, where it is configured: its secrets are read from their files, and a small site of its own is served. */
import { readFile } from 'node:fs/promises'
import type { AskMyListConfig } from '../config/options.js'
import { readSecret } from '../delivery/secret.js'
import { createLog } from '../diagnostics/log.js'
import { ShipperError } from '../errors.js'
import { readKeyText } from '../privacy.js'
import type { EventStore } from '../store/query.js'
import { makeAskApp } from '../web/ask/app.js'
import { Limits } from '../web/ask/limits.js'
import { Signer } from '../web/ask/link.js'
import { readDomains } from '../web/ask/list.js'
import { makeSendLink } from '../web/ask/mail.js'
import { type Desk, LinkRequests } from '../web/ask/requests.js'
import type { Surroundings } from '../web/routes.js'
import { hostOf, serveApp, type WebServer } from '../web/server.js'

/** How long one question, of several parts, may wait for its turn. */
const PATIENCE_MS = 30_000

/** @throws ShipperError in place of the store's own errors */
type AskStore = <T>(signal: AbortSignal, work: (store: EventStore) => Promise<T>) => Promise<T>

/** @throws ShipperError */
export async function openAsk(config: AskMyListConfig, whole: Surroundings, ask: AskStore): Promise<WebServer> {
  const { keyFile, mail, publicUrl, listen } = config
  const missing = 'web.askMyList.keyFile names none, and there is no systemd credential web-link-key'
  const signer = new Signer(await readKeyText(keyFile, 'MLS_WEB_LINK_KEY', missing))
  const secrets = {
    ca: mail.caFile === undefined ? undefined : await readAuthority(mail.caFile),
    password: mail.passwordFile === undefined ? undefined : await readSecret(mail.passwordFile),
  }
  const now = (): number => Date.now()
  const desk: Desk = {
    log: createLog({ level: 'info' }),
    limits: new Limits(now),
    signer,
    domains: readDomains(config.domains),
    publicUrl,
    send: makeSendLink(config, secrets),
    now,
    ask: work => ask(AbortSignal.timeout(PATIENCE_MS), work),
  }
  const requests = new LinkRequests(desk)
  const app = makeAskApp({
    ...desk,
    requests,
    zone: whole.site.zone,
    version: whole.site.version,
    assets: whole.assets,
    names: [...whole.names, hostOf(listen)],
    trustProxy: config.trustProxy,
    formsOf: whole.formsOf,
  })
  const server = await serveApp(listen, app)
  return {
    url: server.url,
    async close() {
      await server.close()
      await requests.close()
    },
  }
}

async function readAuthority(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new ShipperError('MLS_CONFIG_INVALID', `web.askMyList.mail.caFile: ${file} (${code})`)
  }
}
