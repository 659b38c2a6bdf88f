/** What a report says in sentences: times in the zone of the logs, and what a change, a silence or an incident is. All as Markdown. */
import { DateTime } from 'luxon'
import { holdReasons } from '../../parsers/_hold-reasons.js'
import type { Report } from './report.js'
import type { Change, Silence } from './report-changes.js'
import { markdownText } from './report-escape.js'
import { MOST_VALUES } from './report-hit.js'
import type { Incident } from './report-incident.js'
import type { Usual } from './report-span.js'

export interface Clock {
  /** `2015-05-19 18:00:07` */
  full(ms: number): string
  /** `18:00:07` */
  time(ms: number): string
  /** `2015-05-19 18:00` */
  minute(ms: number): string
}

export function clockOf(zone: string): Clock {
  const format = (pattern: string) => (ms: number) => DateTime.fromMillis(ms, { zone }).toFormat(pattern)
  return { full: format('yyyy-MM-dd HH:mm:ss'), time: format('HH:mm:ss'), minute: format('yyyy-MM-dd HH:mm') }
}

export const number = (n: number): string => (n < 10 && !Number.isInteger(n) ? n.toFixed(1) : Math.round(n).toLocaleString('en'))
export const percent = (part: number, whole: number): string => (whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`)
export const some = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`
export const atMost = (n: number, one: string): string => (n >= MOST_VALUES ? `${number(n)} ${one}s or more` : some(n, one))

export function basisOf({ usual }: Report): string {
  if (usual.distances.length === 0)
    return 'There is nothing to compare with: the same hours of weeks or days before are not stored. A shorter time may have some.'
  const little =
    usual.unit === 'days' || usual.distances.length === 1 ? ' That is little: other days may differ by themselves.' : ''
  return `Usual is what was in the same hours of ${distancesOf(usual)}: ${some(usual.events, 'event')} in all.${little}`
}

function distancesOf({ unit, distances }: Usual): string {
  const one = unit === 'weeks' ? 'week' : 'day'
  if (distances.length === 1) return distances[0] === 1 ? `the ${one} before` : `the ${one} ${distances[0]} ${unit} before`
  return `${distances.length} ${unit} before (${distances.join(', ')} ${unit} ago)`
}

export function describeChange({ kind, runners = 0, text = '', times = 1 }: Change): string {
  switch (kind) {
    case 'started':
      return runners === 1 ? 'A runner was started.' : `Mailman was started (${runners} runners).`
    case 'stopped':
      return 'Mailman was told to stop (SIGTERM).'
    case 'restarted':
      return 'Mailman was told to restart its runners (SIGINT).'
    case 'reopened':
      return 'Mailman opened its logs again (SIGHUP: logs were rotated).'
    case 'setting':
      return `A setting${times > 1 ? `, the first of ${number(times)} times` : ''}: ${markdownText(text)}`
    case 'runner-restart-limit':
      return `A runner is not started any more: ${markdownText(text)}`
  }
}

export const describeSilence = ({ fromMs, toMs, usual }: Silence, clock: Clock): string =>
  `No log had a line from ${clock.full(fromMs)} to ${clock.full(toMs)}; usually there are ${number(usual)} events in that time.`

export const describeReason = (slug: string): string => {
  const known = Object.hasOwn(holdReasons, slug) ? holdReasons[slug as keyof typeof holdReasons] : undefined
  return known === undefined ? '' : known.meaning
}

/** Whether it is this list only. */
export function describeOthers({ run, everywhere }: Incident): string {
  const of = (all: number, own: number) => Math.max(0, all - own)
  const held = of(everywhere.held, run.held)
  const usualHeld = of(everywhere.usualHeld, run.usualHeld)
  const share = percent(held, held + of(everywhere.posted, run.posted))
  const usual = percent(usualHeld, usualHeld + of(everywhere.usualPosted, run.usualPosted))
  return `On all other lists in that time ${some(held, 'post was', 'posts were')} held: ${share}; usually ${usual}.`
}

const scopes = {
  host: 'on the whole host',
  'some-lists': 'on some lists',
} as const

/** The sentence that somebody reads who reads only one. */
/** @param list the one that the report is on */
export function headline(incident: Incident, clock: Clock, list?: string): string {
  const { hit, run, fromMs, toMs, isOpen } = incident
  const until = isOpen ? 'and it goes on' : `until ${clock.full(toMs)}`
  const share = `${number(run.held)} of ${number(run.held + run.posted)} posts (${percent(run.held, run.held + run.posted)}) were held`
  const where =
    list !== undefined
      ? `on the list ${markdownText(list)}`
      : hit.scope === 'list'
        ? `on one list (${markdownText(hit.lists[0]?.value ?? '–')}), not the whole host,`
        : `${scopes[hit.scope]} (${atMost(hit.lists.length, 'list')}, not one)`
  const when = `from ${clock.full(fromMs)} ${until}`
  switch (hit.kind) {
    case 'held-up':
      return `Posts were held up ${where} ${when}: ${share}; usually ${percent(run.usualHeld, run.usualHeld + run.usualPosted)} are.`
    case 'wave':
      return `More mail than usual was held ${where} ${when}: ${share}. Meanwhile ${some(run.posted, 'post was', 'posts were')} delivered (usually ${number(run.usualPosted)}), and ${number(hit.knownSenders)} of ${hit.senders.length >= MOST_VALUES ? 'the ' : ''}${some(hit.senders.length, 'sender')}${hit.senders.length >= MOST_VALUES ? ' with most holds' : ''} had posted before: this looks like a wave of spam, not like a hold-up.`
    case 'mixed':
      return `Far more than usual was held ${where} ${when}: ${share}.`
  }
}
