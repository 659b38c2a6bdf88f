/** Alerts as lines of the agent's own log, with the priority by which systemd's journal can be asked: `journalctl -p crit`. */
import type { Alert } from '../alerts/alert.js'
import { cut, iso } from '../alerts/words.js'
import type { LeastSeverity } from '../config/options.js'
import type { Log } from '../diagnostics/log.js'
import type { Notice, Notifier } from './notice.js'
import { headlineOf, tagOf } from './notice-words.js'

/** As syslog counts them; `diagnostics/journal.ts` puts it before the line. */
const CRITICAL = 2
const WARNING = 4
const NOTICE = 5
const INFORMATION = 6

export function makeJournal(least: LeastSeverity, log: Log): Notifier {
  return {
    name: 'journal',
    least,
    async send(notice) {
      for (const alert of notice.alerts) tell(alert, notice)
      if (notice.alerts.length === 0)
        log.info({ priority: INFORMATION, moment: notice.moment, words: notice.words }, `${tagOf(notice)}: ${headlineOf(notice)}`)
    },
    async close() {},
  }

  function tell(alert: Alert, notice: Notice): void {
    const { moment } = notice
    const { key, kind, severity, list, about, sinceMs, endedMs, count, held, before } = alert
    const isOver = moment === 'ended'
    const level = isOver || severity === 'info' ? 'info' : severity === 'critical' ? 'error' : 'warn'
    log[level](
      {
        // First, for whoever puts it before the line.
        priority: isOver ? NOTICE : priorityOf(severity),
        alert: kind,
        moment,
        severity,
        key,
        ...(list === null ? {} : { list: cut(list) }),
        ...(about === null ? {} : { about: cut(about) }),
        since: iso(sinceMs),
        ...(endedMs === undefined ? {} : { ended: iso(endedMs) }),
        count,
        held,
        before: before.map(({ text }) => text),
      },
      `${isOver ? 'over: ' : ''}${headlineOf({ ...notice, alerts: [alert] })}`,
    )
  }
}

const priorityOf = (severity: Alert['severity']): number =>
  severity === 'critical' ? CRITICAL : severity === 'warning' ? WARNING : INFORMATION
