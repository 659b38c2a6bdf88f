/** A notice as JSON, for webhooks and commands; docs/alert.schema.json is its contract. */
import { alertJson } from '../alerts/alert-json.js'
import { cut, detailsOf, iso, titleOf } from '../alerts/words.js'
import type { Notice, NoticeSite } from './notice.js'
import { runbookOf, severityOf, titleOfNotice } from './notice-words.js'

/** Raised where something is taken away, or means something else. */
const VERSION = 1

export const noticeJson = (notice: Notice, site: NoticeSite) => ({
  version: VERSION,
  id: notice.id,
  moment: notice.moment,
  time: iso(notice.atMs),
  severity: severityOf(notice),
  host: site.hostName,
  instance: site.instance,
  title: titleOfNotice(notice, site),
  text: [...(notice.words ?? [])],
  dashboard: site.dashboardUrl ?? null,
  page: site.pageUrl ?? null,
  alerts: notice.alerts.map(alert => ({
    key: alert.key,
    ...alertJson(alert),
    examples: alert.examples.map(cut),
    title: titleOf(alert),
    text: detailsOf(alert, site.timezone),
    runbook: runbookOf(site, alert.kind),
  })),
})
