/** An alert in words. Names of lists, message ids and what it is about are texts of strangers: whoever shows them escapes. */
import { timeOf } from '../diagnostics/timezone.js'
import type { Alert, AlertKind, Severity } from './alert.js'

export const kindWords: Readonly<Record<AlertKind, string>> = {
  'holds-spike': 'messages are held that usually go through',
  'spam-wave': 'many messages of strangers are held; posts go on',
  'posts-stopped': 'no post goes through any more',
  'delivery-failures': 'the mail server does not take messages',
  'bounce-storm': 'far more bounces than usual',
  'error-burst': 'far more errors than usual',
  'errors-at-restart': 'errors at a start of Mailman',
  'runner-trouble': 'a runner is dead, or dies again and again',
  'login-attacks': 'far more failed logins than usual',
  'subscription-flood': 'far more requests to join than usual',
  'accepted-not-delivered': 'messages were let through and did not come',
  'delivery-slow': 'delivery takes far longer than usual',
  'queue-stuck': 'a queue is not worked off',
  'archive-stopped': 'posts are not archived any more',
  'archive-changed': 'an archive was rewritten, or became shorter',
  'held-too-long': 'messages wait for a moderator for days',
  'config-not-loaded': 'a configuration file was changed, and Mailman not restarted',
  'agent-stuck': 'the agent does not keep up',
}

const MAX_EXAMPLES = 3
const MAX_BEFORE = 3
const MAX_REASONS = 3
const MAX_CHARACTERS = 200

export const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')

/** `messages are held that usually go through: dev` */
export function titleOf({ kind, list, about }: Pick<Alert, 'kind' | 'list' | 'about'>): string {
  const what = list ?? about
  return what === null ? kindWords[kind] : `${kindWords[kind]}: ${cut(what)}`
}

/** Its lines for a terminal. @param open what is said of one that is not over */
export function alertSentences(alert: Alert, zone: string, open = 'not over yet'): string[] {
  const { kind, severity, list, about, raisedMs } = alert
  const what = list ?? about
  const head = `${timeOf(raisedMs, zone)}  ${severity}  ${kind}${what === null ? '' : ` of ${cut(what)}`}: ${kindWords[kind]}`
  return [head, ...detailsOf(alert, zone, open).map(line => `  ${line}`)]
}

/** Since when, how many, such as which, and what was before it; a line each. @param open as above */
export function detailsOf(alert: Alert, zone: string, open = 'not over yet'): string[] {
  const { sinceMs, raisedMs, endedMs, examples, before, list, about } = alert
  const lines = [
    `since ${timeOf(sinceMs, zone)}, clear ${spanOf(raisedMs - sinceMs)} later, ${endedMs === undefined ? open : `over ${timeOf(endedMs, zone)}`}`,
    figuresOf(alert),
  ]
  if (list !== null && about !== null) lines.push(`about ${cut(about)}`)
  if (examples.length > 0) lines.push(`such as ${examples.slice(0, MAX_EXAMPLES).map(cut).join(', ')}`)
  for (const { atMs, text } of before.slice(0, MAX_BEFORE))
    lines.push(`${spanOf(sinceMs - atMs)} before: ${text} (${timeOf(atMs, zone)})`)
  return lines
}

/** How many, or what else its watch says of it. */
export function figuresOf({ kind, list, words, held, count, lists, senders, reasons, usual }: Alert): string {
  if (words !== undefined) return words
  if (held > 0) {
    const where = list === null ? ` on ${several(lists, 'list')}` : ''
    const who = kind === 'spam-wave' ? '' : `, ${several(senders, 'sender')} who ${senders === 1 ? 'has' : 'have'} posted before`
    const why = reasons.length > 0 ? `; ${reasons.slice(0, MAX_REASONS).map(cut).join(', ')}` : ''
    return `${held} held${where} by then${who}; ${count} in all${why}`
  }
  return count > 0
    ? `${count} in all; ${usual.toFixed(1)} are usual in such a time`
    : `${Math.round(usual)} are usual in such a time`
}

export const several = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** Never between the halves of a character. */
export const cut = (text: string): string =>
  text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS).replace(/[\ud800-\udbff]$/, '')}…`

export const worstOf = (alerts: readonly Pick<Alert, 'severity'>[]): Severity =>
  (['critical', 'warning'] as const).find(level => alerts.some(({ severity }) => severity === level)) ?? 'info'

export function spanOf(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
