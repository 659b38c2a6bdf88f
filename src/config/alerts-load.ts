/** Fills in what the section `alerts` leaves out. */
import type { AlertsConfig, HourSpan, WebhookConfig, WeeklySpan } from './alerts-options.js'
import type { alerts } from './alerts-schema.js'
import type { TypeOf } from './shape.js'
import { credentialFile, type Surroundings } from './surroundings.js'

type Given = TypeOf<typeof alerts>

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

export function completeAlerts(given: Given, absolute: (path: string) => string, surroundings: Surroundings): AlertsConfig {
  const file = (path: string | undefined) => (path === undefined ? undefined : absolute(path))
  const { mail, command, journal, heartbeat, guards = {} } = given
  return {
    enabled: given.enabled ?? true,
    mail: mail && {
      servers: mail.servers ?? ['smtp://127.0.0.1:25'],
      from: mail.from,
      to: mail.to,
      caFile: file(mail.caFile),
      username: mail.username,
      passwordFile: credentialFile(surroundings, 'alerts-mail-password') ?? file(mail.passwordFile),
      least: mail.least ?? 'warning',
    },
    webhooks: (given.webhooks ?? []).map(
      ({ name, url, urlFile, shape = 'json', keyFile, caFile, least = 'warning' }, i): WebhookConfig => ({
        name: name ?? `${shape}-${i + 1}`,
        url,
        urlFile: file(urlFile),
        shape,
        keyFile: file(keyFile),
        caFile: file(caFile),
        least,
      }),
    ),
    command: command && { run: command.run as [string, ...string[]], least: command.least ?? 'warning' },
    journal: journal && { least: journal.least ?? 'info' },
    repeatMinutes: given.repeatMinutes ?? 30,
    quietHours: given.quietHours === undefined ? undefined : readHours(given.quietHours),
    maintenance: (given.maintenance ?? []).map(readWeekly),
    runbookUrl: given.runbookUrl,
    dashboardUrl: given.dashboardUrl,
    pageUrl: given.pageUrl?.replace(/\/*$/, '/'),
    heartbeat: heartbeat && {
      url: heartbeat.url,
      urlFile: file(heartbeat.urlFile),
      everyMinutes: heartbeat.everyMinutes ?? 1,
    },
    guards: {
      queues: guards.queues && {
        directories: guards.queues.directories.map(absolute),
        afterMinutes: guards.queues.afterMinutes ?? 30,
      },
      configuration: guards.configuration && {
        files: guards.configuration.files.map(absolute),
        afterHours: guards.configuration.afterHours ?? 24,
      },
      archives: guards.archives && { directories: guards.archives.directories.map(absolute) },
      held: guards.held && { directories: guards.held.directories.map(absolute), afterDays: guards.held.afterDays ?? 7 },
    },
  }
}

function readHours(text: string): HourSpan {
  const [from = '', to = ''] = text.split('-')
  return { fromMinute: minuteOf(from), toMinute: minuteOf(to) }
}

function readWeekly(text: string): WeeklySpan {
  const [day, hours] = text.includes(' ') ? text.split(' ') : [undefined, text]
  return { weekday: day === undefined ? undefined : WEEKDAYS.indexOf(day) + 1, ...readHours(hours ?? '') }
}

function minuteOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number)
  return 60 * hour + minute
}
