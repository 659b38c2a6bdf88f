/** An alert in words. */
import type { Alert } from '../alerts/alert.js'
import { timeOf } from './trace-text.js'

const names: Readonly<Record<Alert['kind'], string>> = {
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
}

export const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')

/** Lines for a terminal or a mail; texts of strangers are among them: whoever prints escapes. */
export function alertSentences(alert: Alert, zone: string): string[] {
  const { kind, severity, list, sinceMs, raisedMs, endedMs, held, count, lists, senders, reasons, examples, before } = alert
  const time = (ms: number): string => timeOf(ms, zone)
  const lines = [`${time(raisedMs)}  ${severity}  ${kind}${list === null ? '' : ` of ${list}`}: ${names[kind]}`]
  const clear = `since ${time(sinceMs)}, clear ${spanOf(raisedMs - sinceMs)} later`
  lines.push(`  ${clear}, ${endedMs === undefined ? 'not over at the end of the logs' : `over ${time(endedMs)}`}`)
  if (held > 0) {
    const where = list === null ? ` on ${lists} lists` : ''
    const who = kind === 'spam-wave' ? '' : `, ${senders} senders who have posted before`
    lines.push(
      `  ${held} held${where} by then${who}; ${count} in all${reasons.length > 0 ? `; ${reasons.slice(0, 3).join(', ')}` : ''}`,
    )
  } else if (count > 0) lines.push(`  ${count} in all; ${alert.usual.toFixed(1)} are usual in such a time`)
  else lines.push(`  ${Math.round(alert.usual)} are usual in such a time`)
  if (examples.length > 0) lines.push(`  such as ${examples.slice(0, 2).join(', ')}`)
  for (const { atMs, text } of before.slice(0, 3)) lines.push(`  ${spanOf(sinceMs - atMs)} before: ${text} (${time(atMs)})`)
  return lines
}

function spanOf(ms: number): string {
  const seconds = Math.round(ms / 1000)
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
