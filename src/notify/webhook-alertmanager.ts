/**
 * Alerts for Prometheus' Alertmanager, API v2 (https://prometheus.io/docs/alerting/latest/alerts_api, api/v2/openapi.yaml there).
 * Labels say which alert it is, so they stay the same from beginning to end. Where `endsAt` is missing it ends by itself after
 * `resolve_timeout` (5 minutes), for Prometheus sends again and again; we send when there is news. So what lasts is given a far
 * end, and the notice of its end brings the true one, which then rules (types.go, `Merge`).
 */
import type { Alert } from '../alerts/alert.js'
import { cut, detailsOf, iso, titleOf } from '../alerts/words.js'
import { printable } from '../diagnostics/printable.js'
import type { Notice, NoticeSite } from './notice.js'
import { headlineOf, runbookOf, titleOfNotice } from './notice-words.js'

const LASTS_MS = 7 * 86_400_000
/** A test, or that all is well. */
const SHORT_MS = 5 * 60_000

/** Where to: the base of Alertmanager's URL is enough. */
export function alertmanagerUrl(url: URL): URL {
  const path = url.pathname.replace(/\/+$/, '')
  return path.endsWith('/api/v2/alerts') ? url : new URL(`${path}/api/v2/alerts${url.search}`, url)
}

export function alertmanagerAlerts(notice: Notice, site: NoticeSite): object[] {
  const { alerts, moment, atMs, words = [] } = notice
  const place = { host: site.hostName, instance: site.instance }
  if (alerts.length > 0) return alerts.map(alert => one(alert, notice, site))
  return [
    {
      labels: { alertname: moment === 'test' ? 'MailmanTest' : 'MailmanAllClear', severity: 'info', ...place },
      annotations: {
        summary: titleOfNotice(notice, site),
        description: [headlineOf(notice), ...words].map(line => printable(line)).join('\n'),
      },
      startsAt: iso(atMs),
      endsAt: iso(atMs + SHORT_MS),
    },
  ]
}

function one(alert: Alert, { atMs, moment }: Notice, site: NoticeSite): object {
  const { kind, severity, list, about, key, sinceMs, endedMs } = alert
  const isOver = moment === 'ended' || endedMs !== undefined
  return {
    labels: {
      alertname: `Mailman${kind.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`,
      severity,
      host: site.hostName,
      instance: site.instance,
      ...(list === null ? {} : { list: printable(cut(list)) }),
      ...(about === null ? {} : { about: printable(cut(about)) }),
      key,
    },
    annotations: {
      summary: printable(titleOf(alert)),
      description: detailsOf(alert, site.timezone)
        .map(line => printable(line))
        .join('\n'),
      runbook_url: runbookOf(site, kind),
      ...(site.dashboardUrl === undefined ? {} : { dashboard: site.dashboardUrl }),
      ...(site.pageUrl === undefined ? {} : { page: site.pageUrl }),
    },
    startsAt: iso(sinceMs),
    // An end before the beginning is refused, and one in the future would not be an end.
    endsAt: iso(isOver ? Math.max(sinceMs, Math.min(endedMs ?? atMs, atMs)) : atMs + LASTS_MS),
    ...(site.pageUrl === undefined ? {} : { generatorURL: site.pageUrl }),
  }
}
