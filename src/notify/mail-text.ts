/** A notice as a plain mail of 72 columns. Whatever a stranger wrote stands escaped in it, and in no header but the subject. */
import type { Alert } from '../alerts/alert.js'
import { detailsOf, titleOf } from '../alerts/words.js'
import { printable } from '../diagnostics/printable.js'
import { timeOf } from '../diagnostics/timezone.js'
import { wrap } from '../diagnostics/wrap.js'
import type { Notice, NoticeSite } from './notice.js'
import { headlineOf, MAX_ALERTS, placeOf, runbookOf, tagOf } from './notice-words.js'

const COLUMNS = 72
const MAX_SUBJECT_CHARACTERS = 150

/** `[critical] mailman on lists1.example.org: messages are held that usually go through` */
export function subjectOf(notice: Notice, site: NoticeSite): string {
  const subject = printable(`[${tagOf(notice)}] mailman on ${placeOf(site)}: ${headlineOf(notice)}`)
  return subject.length <= MAX_SUBJECT_CHARACTERS ? subject : `${subject.slice(0, MAX_SUBJECT_CHARACTERS)}…`
}

export function textOf(notice: Notice, site: NoticeSite): string {
  const { alerts, words = [], moment, atMs } = notice
  const { dashboardUrl, pageUrl, hostName, instance, timezone } = site
  const blocks: string[][] = []
  if (alerts.length === 0) blocks.push(prose(headlineOf(notice)))
  if (words.length > 0) blocks.push(words.flatMap(line => prose(line)))
  for (const alert of alerts.slice(0, MAX_ALERTS)) blocks.push(blockOf(alert, notice, site))
  if (alerts.length > MAX_ALERTS) blocks.push([`And ${alerts.length - MAX_ALERTS} more: mailman-shipper alerts list`])
  if (moment === 'repeated') blocks.push(prose('This is said again until somebody acknowledges it, or it is over.'))
  const links = [
    ...(dashboardUrl === undefined ? [] : ['Dashboard:', dashboardUrl]),
    ...(pageUrl === undefined ? [] : ['Page:', pageUrl]),
  ]
  if (links.length > 0) blocks.push(links)
  blocks.push([
    ...prose(`Host ${hostName}, Mailman ${instance}, written ${timeOf(atMs, timezone)}.`),
    ...prose(`Times are those of ${timezone}.`),
  ])
  return `${blocks.map(lines => lines.join('\n')).join('\n\n')}\n`
}

function blockOf(alert: Alert, { moment }: Notice, site: NoticeSite): string[] {
  const { severity, key, kind } = alert
  const details = detailsOf(alert, site.timezone).flatMap(line => prose(line, '  '))
  const acknowledge =
    severity === 'critical' && moment !== 'ended'
      ? ['  Not to be told of it again every so often:', `  mailman-shipper alerts ack ${key}`]
      : []
  return [
    ...prose(`${severity}: ${titleOf(alert)}`),
    ...details,
    '  What to do:',
    `  ${printable(runbookOf(site, kind))}`,
    ...acknowledge,
    `  Key ${key}, kind ${kind}`,
  ]
}

const prose = (text: string, indent = ''): string[] => wrap(printable(text), COLUMNS, indent)
