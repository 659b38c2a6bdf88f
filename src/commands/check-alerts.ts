/** What `check` says of the ways in which alerts are told: whether they can be used from here, and whether there is a second one. */

import { lookup } from 'node:dns/promises'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { isLoopback } from '../config/loopback.js'
import type { Config } from '../config/options.js'
import { readSecret } from '../delivery/secret.js'
import { createLog } from '../diagnostics/log.js'
import { ShipperError } from '../errors.js'
import { nameNotifiers, siteOf } from '../notify/notifiers.js'
import { type Finding, ok, problem, warning } from './check-host.js'

const SUBJECT = 'alerts'

export async function checkAlerts(config: Config): Promise<Finding[]> {
  const { alerts } = config
  if (!alerts.enabled) return [ok(SUBJECT, 'off; nothing is weighed')]
  const named = nameNotifiers(alerts, createLog({ level: 'silent' }), siteOf(config))
  if (named.length === 0) return [ok(SUBJECT, 'they are only events; nobody is told (alerts.mail, webhooks, command, journal)')]
  const findings: Finding[] = []
  for (const { name, make } of named) {
    try {
      const notifier = await make()
      await notifier.close()
      findings.push(ok(SUBJECT, `${name}, from ${notifier.least} on`))
    } catch (error) {
      if (!(error instanceof ShipperError)) throw error
      findings.push(problem(SUBJECT, `${name}: ${error.detail}`, error.code))
    }
  }
  if (alerts.heartbeat?.urlFile !== undefined) findings.push(...(await checkSecret('heartbeat', alerts.heartbeat.urlFile)))
  findings.push(...(await checkCommand(config)), ...(await checkHosts(config)), ...(await checkOwners(config)))
  if (await hasOneWayOnly(config))
    findings.push(
      warning(
        SUBJECT,
        'every notifier goes through this host’s own mail server, which may be what is in trouble',
        'Name a second server in alerts.mail.servers, or a webhook.',
      ),
    )
  return findings
}

async function checkSecret(what: string, file: string): Promise<Finding[]> {
  try {
    await readSecret(file)
    return []
  } catch (error) {
    if (!(error instanceof ShipperError)) throw error
    return [problem(SUBJECT, `${what}: ${error.detail}`, error.code)]
  }
}

async function checkCommand({ alerts: { command } }: Config): Promise<Finding[]> {
  if (command === undefined) return []
  const [program] = command.run
  try {
    await access(program, constants.X_OK)
    if ((await stat(program)).isFile()) return []
    return [problem(SUBJECT, `command: ${program} is no program`, 'MLS_ALERT_UNSENT', 'Correct alerts.command.run.')]
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return [problem(SUBJECT, `command: ${program} cannot be run (${code})`, 'MLS_ALERT_UNSENT', 'Correct alerts.command.run.')]
  }
}

/** Names are asked for only: nothing is connected to, and URLs in files may be secrets, so of them nothing is said. */
async function checkHosts({ alerts: { mail, webhooks, heartbeat } }: Config): Promise<Finding[]> {
  const urls: (readonly [string, string | undefined])[] = [
    ...(mail?.servers ?? []).map(server => ['mail', server] as const),
    ...webhooks.map(({ name, url }) => [name, url] as const),
    ['heartbeat', heartbeat?.url],
  ]
  const findings: Finding[] = []
  for (const [name, url] of urls) {
    if (url === undefined) continue
    const host = hostOf(url)
    if ((await addressesOf(host)).length === 0)
      findings.push(
        warning(SUBJECT, `${name}: the name ${host} is not known here`, 'Correct it, or see to this host’s name server.'),
      )
  }
  return findings
}

/** root reads every file; the agent reads those of its own user only, but for what systemd hands it. */
async function checkOwners({ state, alerts: { mail, webhooks, heartbeat } }: Config): Promise<Finding[]> {
  if (process.getuid?.() !== 0) return []
  const owner = (await stat(state.directory).catch(() => undefined))?.uid ?? 0
  if (owner === 0) return []
  const files = [mail?.passwordFile, ...webhooks.flatMap(({ urlFile, keyFile }) => [urlFile, keyFile]), heartbeat?.urlFile]
  const findings: Finding[] = []
  for (const file of files) {
    if (file === undefined) continue
    const stats = await stat(file).catch(() => undefined)
    if (stats !== undefined && stats.uid !== owner)
      findings.push(
        warning(
          SUBJECT,
          `${file} belongs to user ${stats.uid}; the agent’s is ${owner}`,
          `chown ${owner} ${file}, or let systemd hand it over (LoadCredential=).`,
        ),
      )
  }
  return findings
}

/** The journal tells nobody by itself. */
async function hasOneWayOnly({ host, alerts: { mail, webhooks, command } }: Config): Promise<boolean> {
  if (mail === undefined || webhooks.length > 0 || command !== undefined) return false
  const own = new Set(Object.values(networkInterfaces()).flatMap(each => (each ?? []).map(({ address }) => address)))
  const names = new Set([hostname().toLowerCase(), host.name.toLowerCase()])
  for (const server of mail.servers) {
    const name = new URL(server).hostname.toLowerCase()
    if (isLoopback(name) || names.has(name)) continue
    const addresses = await addressesOf(hostOf(server))
    if (addresses.length === 0 || addresses.some(address => !own.has(address) && !isLoopback(address))) return false
  }
  return true
}

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')

const addressesOf = (host: string): Promise<string[]> =>
  lookup(host, { all: true }).then(
    found => found.map(({ address }) => address),
    () => [],
  )
