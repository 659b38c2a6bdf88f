/** The notifiers that the configuration names. Their secrets are read from files when they are made; libraries come with who needs them. */
import { readFile } from 'node:fs/promises'
import type { AlertMailConfig, AlertsConfig, Config, WebhookConfig } from '../config/options.js'
import { readSecret } from '../delivery/secret.js'
import type { Log } from '../diagnostics/log.js'
import { ShipperError } from '../errors.js'
import type { Notice, NoticeSite, Notifier } from './notice.js'

export interface NamedNotifier {
  readonly name: string
  /** @throws ShipperError MLS_CONFIG_SECRET */
  make(): Promise<Notifier>
}

export const siteOf = ({ host, instance, logs, alerts }: Config): NoticeSite => ({
  hostName: host.name,
  instance,
  timezone: logs.timezone,
  runbookUrl: alerts.runbookUrl,
  dashboardUrl: alerts.dashboardUrl,
  pageUrl: alerts.pageUrl,
})

/** All of them, not yet made. */
export function nameNotifiers({ mail, webhooks, command, journal }: AlertsConfig, log: Log, site: NoticeSite): NamedNotifier[] {
  return [
    ...(mail === undefined ? [] : [{ name: 'mail', make: () => openMail(mail, log, site) }]),
    ...webhooks.map(webhook => ({ name: webhook.name, make: () => openWebhook(webhook, site) })),
    ...(command === undefined
      ? []
      : [{ name: 'command', make: async () => (await import('./command.js')).makeCommand(command, site) }]),
    ...(journal === undefined
      ? []
      : [{ name: 'journal', make: async () => (await import('./journal.js')).makeJournal(journal.least, log) }]),
  ]
}

/** Longer than any notifier waits by itself. */
const PATIENCE_MS = 90_000

/** Made for this one notice, which is tried once. @throws ShipperError MLS_CONFIG_SECRET, MLS_ALERT_UNSENT */
export async function sendOnce({ make }: NamedNotifier, notice: Notice): Promise<void> {
  const notifier = await make()
  try {
    await notifier.send(notice, AbortSignal.timeout(PATIENCE_MS))
  } finally {
    await notifier.close()
  }
}

async function openMail(config: AlertMailConfig, log: Log, site: NoticeSite): Promise<Notifier> {
  const { caFile, username, passwordFile } = config
  const secrets = {
    ca: await readAuthority(caFile),
    // Without a name there is nothing to log in as, whatever a credential holds.
    password: username === undefined || passwordFile === undefined ? undefined : await readSecret(passwordFile),
  }
  const { makeMail } = await import('./mail.js')
  return makeMail(config, secrets, site, log)
}

async function openWebhook(config: WebhookConfig, site: NoticeSite): Promise<Notifier> {
  const { url, urlFile, keyFile, caFile } = config
  const secrets = {
    url: url ?? (urlFile === undefined ? '' : await readSecret(urlFile)),
    key: keyFile === undefined ? undefined : await readSecret(keyFile),
    ca: await readAuthority(caFile),
  }
  const { makeWebhook } = await import('./webhook.js')
  return makeWebhook(config, secrets, site)
}

/** @throws ShipperError MLS_CONFIG_SECRET  @returns PEM */
export async function readAuthority(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException
    throw new ShipperError('MLS_CONFIG_SECRET', `caFile ${file}: ${code}`)
  })
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new ShipperError('MLS_CONFIG_SECRET', `caFile ${file} holds no PEM certificate`)
}
