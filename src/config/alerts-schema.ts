/** The shape of the section `alerts`. */
import { list, oneOf, section, text, where, whole, yesOrNo } from './shape.js'
import { isNodeUrl, mailAddress, mailServer, path, userName } from './values.js'

const least = oneOf('must be info, warning or critical', ['info', 'warning', 'critical'])
const SPAN = String.raw`([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)`
const hourSpan = new RegExp(`^${SPAN}$`)
const weeklySpan = new RegExp(`^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?${SPAN}$`)
const absolute = text('must be a program with its whole path, and its arguments', value => /^[^\0]*$/u.test(value))
const webUrl = text('must be a URL such as https://alerts.example.org/hook, without a name or password', isUrl)
const directories = list(path, 'must be a list of at least one directory')

/** The options of each part, by its place; for the names that are suggested where one is unknown. */
export const alertSections = {
  mail: {
    servers: list(mailServer, 'must be a list of at least one URL such as smtp://127.0.0.1:25'),
    from: mailAddress,
    to: list(mailAddress, 'must be a list of at least one address'),
    caFile: path,
    username: userName,
    passwordFile: path,
    least,
  },
  webhooks: {
    name: text('must be letters, digits and hyphens', value => /^[A-Za-z\d-]{1,40}$/.test(value)),
    url: webUrl,
    urlFile: path,
    shape: oneOf('must be json, slack, mattermost, alertmanager or pagerduty', [
      'json',
      'slack',
      'mattermost',
      'alertmanager',
      'pagerduty',
    ]),
    keyFile: path,
    caFile: path,
    least,
  },
  command: {
    run: where(
      list(absolute, 'must be a list: a program with its whole path, then its arguments'),
      'must begin with a program’s whole path',
      ([program]) => program?.startsWith('/') === true,
    ),
    least,
  },
  journal: { least },
  heartbeat: { url: webUrl, urlFile: path, everyMinutes: whole('minutes', 1, 60) },
  guards: {
    queues: section({ directories, afterMinutes: whole('minutes', 5, 1440) }, ['directories']),
    configuration: section({ files: list(path, 'must be a list of at least one file'), afterHours: whole('hours', 0, 720) }, [
      'files',
    ]),
    archives: section({ directories }, ['directories']),
    held: section({ directories, afterDays: whole('days', 1, 365) }, ['directories']),
  },
}

export const alertOptions = {
  enabled: yesOrNo,
  mail: section(alertSections.mail, ['from', 'to']),
  webhooks: list(section(alertSections.webhooks), 'must be a list of at least one webhook'),
  command: section(alertSections.command, ['run']),
  journal: section(alertSections.journal),
  repeatMinutes: whole('minutes', 5, 1440),
  quietHours: text('must be hours of a day, such as "22:00-07:00"', value => hourSpan.test(value)),
  maintenance: list(
    text('must be hours of a weekday, such as "Sun 17:00-19:00"', value => weeklySpan.test(value)),
    'must be a list such as ["Sun 17:00-19:00"]',
  ),
  runbookUrl: webUrl,
  dashboardUrl: webUrl,
  pageUrl: webUrl,
  heartbeat: section(alertSections.heartbeat),
  guards: section(alertSections.guards),
}

export const alerts = section(alertOptions)

/** Of its query anything: webhooks have tokens there. */
function isUrl(value: string): boolean {
  return URL.canParse(value) && isNodeUrl(value.replace(/[?#].*$/su, ''))
}
