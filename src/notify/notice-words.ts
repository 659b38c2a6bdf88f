/** A notice in words, and what each channel makes its message of. As in src/alerts/words.ts, some are texts of strangers. */
import { createHash } from 'node:crypto'
import type { AlertKind, Severity } from '../alerts/alert.js'
import { titleOf, worstOf } from '../alerts/words.js'
import type { Moment, Notice, NoticeSite } from './notice.js'

const moments: Readonly<Record<Moment, string>> = {
  raised: '',
  grown: 'growing: ',
  repeated: 'still there: ',
  ended: 'over: ',
  test: 'a test of how alerts are told; nothing is wrong',
  'all-clear': 'all is well',
}

/** So many alerts of one notice are told in full. */
export const MAX_ALERTS = 10

export const severityOf = ({ alerts }: Notice): Severity => worstOf(alerts)

/** `critical`, or what it is where it wakes nobody: `over`, `test`, `all clear`. */
export function tagOf(notice: Notice): string {
  const { moment } = notice
  if (moment === 'test') return 'test'
  if (moment === 'all-clear') return 'all clear'
  return moment === 'ended' ? 'over' : severityOf(notice)
}

/** `growing: messages are held that usually go through: dev, and 2 more` */
export function headlineOf({ moment, alerts }: Notice): string {
  const [first, ...more] = alerts
  // The tag says that it is over.
  const words = moment === 'ended' ? '' : moments[moment]
  if (first === undefined) return words
  return `${words}${titleOf(first)}${more.length === 0 ? '' : `, and ${more.length} more`}`
}

/** `lists1.example.org`, and which Mailman where there are several. */
export const placeOf = ({ hostName, instance }: NoticeSite): string =>
  instance === 'main' ? hostName : `${hostName}, ${instance}`

/** `critical: messages are held that usually go through (lists1.example.org)` */
export const titleOfNotice = (notice: Notice, site: NoticeSite): string =>
  `${tagOf(notice)}: ${headlineOf(notice)} (${placeOf(site)})`

/** Where people read what to do: a URL, or the place in this version's documents. */
export function runbookOf({ runbookUrl }: Pick<NoticeSite, 'runbookUrl'>, kind: AlertKind): string {
  return runbookUrl === undefined ? `docs/runbook.md#${kind}` : runbookUrl.replaceAll('{kind}', kind)
}

export const hasRunbookUrl = ({ runbookUrl }: NoticeSite): boolean => runbookUrl !== undefined

/** Fit for a header, whatever it holds; the same for the same. */
export function headerSafe(id: string): string {
  return /^[\w.-]{1,100}$/.test(id) ? id : createHash('sha256').update(id).digest('hex').slice(0, 32)
}
