/**
 * Events for PagerDuty, Events API v2 (https://developer.pagerduty.com/docs/send-alert-event): one for each alert, the same
 * `dedup_key` from its beginning to its end, so that what is sent twice is one incident.
 */
import { alertJson } from '../alerts/alert-json.js'
import { cut, detailsOf, iso, titleOf } from '../alerts/words.js'
import { printable } from '../diagnostics/printable.js'
import type { Notice, NoticeSite } from './notice.js'
import { headlineOf, placeOf, runbookOf } from './notice-words.js'

/** Longer ones are refused. */
const MAX_SUMMARY = 1024
const MAX_DEDUP_KEY = 255

/** A test is triggered and resolved at once. That all is well is no incident: nothing is sent. */
export function pagerdutyEvents(notice: Notice, site: NoticeSite, routingKey: string): object[] {
  const { alerts, moment, atMs, words = [] } = notice
  const { hostName, instance, dashboardUrl, pageUrl } = site
  const event = (action: 'trigger' | 'resolve', key: string) => ({
    routing_key: routingKey,
    event_action: action,
    // Of a long name of a host its beginning: the key is what tells alerts apart.
    dedup_key: `${`${hostName}/${instance}`.slice(0, MAX_DEDUP_KEY - key.length - 1)}/${key}`,
  })
  if (moment === 'all-clear') return []
  if (alerts.length === 0) {
    const summary = printable([headlineOf(notice), ...words].join('; ')).slice(0, MAX_SUMMARY)
    const payload = { summary, source: hostName, severity: 'info', timestamp: iso(atMs), component: 'mailman', group: instance }
    return [{ ...event('trigger', 'test'), payload }, event('resolve', 'test')]
  }
  return alerts.map(alert => {
    const { kind, severity, key, sinceMs, endedMs } = alert
    if (moment === 'ended' || endedMs !== undefined) return event('resolve', key)
    const link = (href: string | undefined, text: string) => (href?.startsWith('http') ? [{ href, text }] : [])
    return {
      ...event('trigger', key),
      payload: {
        summary: printable(`${titleOf(alert)} (${placeOf(site)})`).slice(0, MAX_SUMMARY),
        source: hostName,
        severity,
        timestamp: iso(sinceMs),
        component: 'mailman',
        group: instance,
        class: kind,
        custom_details: {
          ...alertJson(alert),
          examples: alert.examples.map(cut),
          text: detailsOf(alert, site.timezone).map(line => printable(line)),
        },
      },
      links: [...link(runbookOf(site, kind), 'What to do'), ...link(dashboardUrl, 'Dashboard'), ...link(pageUrl, 'Page')],
      client: 'mailman-shipper',
      ...(pageUrl === undefined ? {} : { client_url: pageUrl }),
    }
  })
}
