/**
 * An alert as an event beside those of the logs, in `logs-mailman.alerts-<namespace>` or the embedded store: one for each of its moments.
 * It names lists and message ids, never an address. What is in it may be a stranger's text: it is bounded here, and escaped as JSON.
 */
import { createHash } from 'node:crypto'
import { type ActionName, actions } from '../../parsers/_actions.js'
import { datasetOf } from '../../parsers/_logs.js'
import type { Alert, AlertKind, Before } from '../alerts/alert.js'
import { detailsOf, titleOf } from '../alerts/words.js'
import type { LogEvent } from '../model.js'
import type { NoticeSite } from './notice.js'

export type AlertMoment = 'raised' | 'grown' | 'acknowledged' | 'ended'

export interface AlertSite extends Pick<NoticeSite, 'hostName' | 'instance' | 'timezone'> {
  readonly namespace: string
}

/** As ECS names them; all of these take the type `info`. None: what a site sees of its own mistakes is of no category. */
const categories: Partial<Readonly<Record<AlertKind, string>>> = {
  'holds-spike': 'email',
  'spam-wave': 'email',
  'posts-stopped': 'email',
  'delivery-failures': 'email',
  'bounce-storm': 'email',
  'accepted-not-delivered': 'email',
  'delivery-slow': 'email',
  'held-too-long': 'email',
  'queue-stuck': 'email',
  'runner-trouble': 'process',
  'login-attacks': 'authentication',
  'subscription-flood': 'iam',
  'archive-changed': 'file',
  'archive-stopped': 'file',
  'config-not-loaded': 'configuration',
}

/** What is said before an alert's title. */
const said: Readonly<Record<AlertMoment, string>> = {
  raised: '',
  grown: 'growing: ',
  acknowledged: 'acknowledged: ',
  ended: 'over: ',
}

/** Characters; a keyword in Elasticsearch is found up to 1,024 of them. */
const MAX_TEXT = 500
const MAX_ITEMS = 20
const dataset = datasetOf('alerts')

/** The same alert and moment always have the same id, so that what is written again is known. @param atMs when it was so, event time */
export function alertEvent(alert: Alert, moment: AlertMoment, atMs: number, site: AlertSite): LogEvent {
  const { key, kind, severity, list, about, sinceMs, endedMs, count, held, lists, senders, usual, evidence, limit } = alert
  const id = alertEventId(site, key, moment)
  const action = `alert-${moment}` satisfies ActionName
  const category = categories[kind]
  // What is undefined is left out by JSON.
  const document = {
    '@timestamp': iso(atMs),
    data_stream: { dataset, namespace: site.namespace, type: 'logs' },
    ecs: { version: '9.4.0' },
    event: {
      action,
      category: category === undefined ? undefined : [category],
      dataset,
      end: moment === 'ended' ? iso(endedMs ?? atMs) : undefined,
      id,
      kind: 'alert',
      module: 'mailman',
      provider: 'mailman-shipper',
      reason: alert.words === undefined ? undefined : bounded(alert.words),
      start: iso(sinceMs),
      timezone: site.timezone,
      type: actions[action].type,
    },
    host: { name: site.hostName },
    mailman: {
      alert: {
        about: about === null ? undefined : bounded(about),
        before: some(alert.before.map(sayBefore)),
        count: number(count),
        evidence: number(evidence),
        examples: some(alert.examples),
        held: number(held),
        key,
        kind,
        limit: number(limit),
        lists: number(lists),
        senders: number(senders),
        severity,
        usual: number(usual),
      },
      hold: alert.reasons.length === 0 ? undefined : { reason: some(alert.reasons) },
      instance: site.instance,
      list: list === null ? undefined : listOf(bounded(list)),
    },
    message: sentenceOf(alert, moment, site.timezone),
    service: { type: 'mailman' },
  }
  return {
    id,
    timestampMs: atMs,
    dataset,
    offset: 0,
    pattern: undefined,
    values: [],
    tags: [],
    document: Buffer.from(JSON.stringify(document), 'utf8').toString('latin1'),
  }
}

/** 16 characters of SHA-256 over host and instance, as those of lines begin (events/id.ts); then what tells alerts apart. */
export function alertEventId(
  { hostName, instance }: Pick<AlertSite, 'hostName' | 'instance'>,
  key: string,
  moment: AlertMoment,
): string {
  const place = createHash('sha256').update(`${hostName}\0${instance}\0alerts`, 'utf8').digest('base64url').slice(0, 16)
  return `${place}-${key}-${moment}`
}

/** Without the examples: `erase` looks for people in texts, and a message id may look like an address. */
function sentenceOf(alert: Alert, moment: AlertMoment, zone: string): string {
  const details = detailsOf({ ...alert, examples: [] }, zone).join('; ')
  return `${alert.severity}: ${said[moment]}${titleOf(alert)} (${alert.kind}); ${details}`.slice(0, 4 * MAX_TEXT)
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** What no field of a number takes is left out. */
const number = (value: number): number | undefined => (Number.isFinite(value) ? Math.round(value * 1000) / 1000 : undefined)

/** Never between the halves of a character. */
const bounded = (text: string): string =>
  text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT).replace(/[\ud800-\udbff]$/, '')}…`

const some = (texts: readonly string[]): string[] | undefined =>
  texts.length === 0 ? undefined : texts.slice(0, MAX_ITEMS).map(bounded)

/** The time first, so that whoever shows it may put another zone in its place. */
const sayBefore = ({ atMs, text }: Before): string => `${iso(atMs)} ${text}`

/** `name@host`, where the log says the host (Mailman 3). */
function listOf(list: string): { name: string; host?: string; fqdn?: string } {
  const at = list.indexOf('@')
  return at < 0 ? { name: list } : { name: list.slice(0, at), host: list.slice(at + 1), fqdn: list }
}
