/** Rules of the section `alerts` in which more than one option has a part. */
import type { AlertsConfig } from './alerts-options.js'
import { isLoopback } from './loopback.js'
import type { Problem } from './problems.js'
import { isSection } from './shape.js'
import { valueAt } from './value-at.js'

/** Names that notifiers have which are no webhooks. */
const OWN_NAMES = ['mail', 'command', 'journal']

/** @param value of the whole file, whatever it holds */
export function describeAlertContradictions(value: unknown): Problem[] {
  const problems: Problem[] = []
  const add = (path: Problem['path'], sentence: string) => problems.push({ path: ['alerts', ...path], sentence })
  const alerts = valueAt(value, ['alerts'])
  const given = (...path: PropertyKey[]) => valueAt(alerts, path) !== undefined
  if (given('mail', 'username') && !given('mail', 'passwordFile')) add(['mail', 'username'], 'needs alerts.mail.passwordFile')
  if (given('mail', 'passwordFile') && !given('mail', 'username')) add(['mail', 'passwordFile'], 'needs alerts.mail.username')
  const webhooks = valueAt(alerts, ['webhooks'])
  const names = new Set(OWN_NAMES)
  for (const [i, webhook] of (Array.isArray(webhooks) ? webhooks : []).entries()) {
    if (!isSection(webhook)) continue
    const sentence = oneUrl(webhook)
    if (sentence !== undefined) add(['webhooks', i], sentence)
    const shape = valueAt(webhook, ['shape']) ?? 'json'
    if (shape === 'pagerduty' && valueAt(webhook, ['keyFile']) === undefined)
      add(['webhooks', i], 'needs a keyFile: the file that holds PagerDuty’s routing key')
    const name = valueAt(webhook, ['name']) ?? `${String(shape)}-${i + 1}`
    if (typeof name !== 'string') continue
    if (names.has(name)) add(['webhooks', i], 'needs a name that no other notifier has')
    names.add(name)
  }
  const heartbeat = valueAt(alerts, ['heartbeat'])
  const sentence = isSection(heartbeat) ? oneUrl(heartbeat) : undefined
  if (sentence !== undefined) add(['heartbeat'], sentence)
  return problems
}

function oneUrl(section: unknown): string | undefined {
  const urls = ['url', 'urlFile'].filter(name => valueAt(section, [name]) !== undefined).length
  if (urls === 1) return undefined
  return urls === 0 ? 'needs a url, or a urlFile where the URL is a secret' : 'has url and urlFile; use one of them'
}

/** What others on the way can read. */
export function warnOfAlerts({ webhooks, heartbeat }: AlertsConfig): string[] {
  const plain = (url: string | undefined): string | undefined => {
    if (url === undefined) return undefined
    const { protocol, hostname, host } = new URL(url)
    return protocol === 'http:' && !isLoopback(hostname) ? host : undefined
  }
  const warnings = webhooks.map(({ url, name, keyFile }) => {
    const host = plain(url)
    const what = keyFile === undefined ? 'alerts' : 'alerts and the key'
    return host && `alerts.webhooks: ${name}: ${host} is spoken to without TLS; ${what} can be read on the way.`
  })
  const host = plain(heartbeat?.url)
  return [
    ...warnings,
    host && `alerts.heartbeat.url: ${host} is asked without TLS; whoever is on the way can answer in its place.`,
  ].filter(warning => warning !== undefined)
}
