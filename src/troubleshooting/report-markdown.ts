/** A report as a Markdown page. All that comes from logs passes report-escape.ts. */
import type { Report } from './report.js'
import { markdownText } from './report-escape.js'
import { MOST_VALUES } from './report-hit.js'
import { BEFORE_MS, type Incident } from './report-incident.js'
import {
  atMost,
  basisOf,
  type Clock,
  clockOf,
  describeChange,
  describeOthers,
  describeReason,
  describeSilence,
  headline,
  number,
  percent,
  some,
} from './report-sentences.js'
import { timelineOf } from './report-timeline.js'

const TOP = 10

export function writeReport(report: Report): string {
  const clock = clockOf(report.zone)
  const of = report.list === undefined ? '' : ` on ${markdownText(report.list)}`
  const title = `# Incident report${of}: ${clock.minute(report.fromMs)} to ${clock.minute(report.toMs)} (${report.zone})`
  return [
    title,
    summaryOf(report, clock),
    ...report.incidents.flatMap((incident, i) => [
      ...(report.incidents.length > 1 ? [`# Incident ${i + 1} of ${report.incidents.length}`] : []),
      ...incidentOf(incident, clock, report.list),
    ]),
    countsOf(report),
    stepsOf(report, clock),
    `## Timeline (${report.zone})`,
    listOf(timelineOf(report).map(({ atMs, text }) => `${clock.full(atMs)} ${text}`)) || 'Nothing to tell.',
    RULE,
  ]
    .filter(part => part !== '')
    .join('\n\n')
}

function summaryOf(report: Report, clock: Clock): string {
  const { incidents, silences, usual, list } = report
  const verdict = incidents.map(incident => `**${headline(incident, clock, list)}**`)
  for (const silence of silences) verdict.push(`**${describeSilence(silence, clock)}**`)
  if (report.counts.length === 0) verdict.push('**No event of that time is stored.**')
  else if (usual.distances.length === 0) verdict.push('**Whether this was abnormal cannot be said.**')
  else if (verdict.length === 0)
    verdict.push('**Nothing abnormal was found:** the share of holds was as usual, and no log fell silent.')
  return [...verdict, shareOf(report), basisOf(report)].join('\n\n')
}

function shareOf({ counts, through }: Report): string {
  const of = (action: string) => counts.find(count => count.action === action)
  const held = of('message-held')
  const posted = of(through)
  const all = (held?.count ?? 0) + (posted?.count ?? 0)
  const usual = (held?.usual ?? 0) + (posted?.usual ?? 0)
  const compared = held?.usual === undefined && posted?.usual === undefined ? '' : `; usually ${percent(held?.usual ?? 0, usual)}`
  return `In the whole time ${some(held?.count ?? 0, 'post was', 'posts were')} held and ${number(posted?.count ?? 0)} delivered: ${percent(held?.count ?? 0, all)} held${compared}.`
}

function incidentOf(incident: Incident, clock: Clock, list: string | undefined): string[] {
  const { before, hit, run, decisions, fromMs } = incident
  const start =
    before.start === undefined
      ? ''
      : `Mailman was last started ${minutesOf(fromMs - before.start.atMs)} before the first hold, at ${clock.full(before.start.atMs)}; ${some(before.start.errors, 'record')} in the error log came with that start.`
  const { errors } = before
  const groups = errors.groups.slice(0, TOP).map(group => {
    const when =
      group.count === 1
        ? clock.time(group.firstMs)
        : `${clock.time(group.firstMs)} to ${clock.time(group.lastMs)}, ${group.count} times`
    return `${when}: ${markdownText(group.text)}`
  })
  const usualErrors = errors.usual === undefined ? '' : ` (usual: ${number(errors.usual)})`
  const changes = [
    ...before.changes.map(change => ({ atMs: change.atMs, text: describeChange(change) })),
    ...before.silences.map(silence => ({ atMs: silence.fromMs, text: describeSilence(silence, clock) })),
  ].sort((a, b) => a.atMs - b.atMs)
  return [
    '## When it began',
    `The first hold of it: **${clock.full(fromMs)}**. In the time of it there are usually ${number(run.usualHeld)} holds, and ${number(run.usualPosted)} posts delivered without a moderator; now there were ${number(run.held)} and ${number(run.posted)}.`,
    '## What changed just before',
    [
      start,
      listOf(changes.slice(-TOP * 2).map(({ atMs, text }) => `${clock.full(atMs)} ${text}`)) ||
        `No stop, start or change of settings is logged in the ${BEFORE_MS / 3_600_000} hours before. Changes by the web interface are not logged by Mailman 2.1.`,
      `Errors in these hours and the five minutes after: ${number(errors.total)}${usualErrors}.`,
      listOf(groups),
    ]
      .filter(part => part !== '')
      .join('\n\n'),
    '## Reasons',
    table(
      ['reason', 'held', 'usual', 'meaning'],
      hit.reasons.map(({ value, count, usual }) => [markdownText(value), number(count), number(usual), describeReason(value)]),
    ),
    ...(list === undefined
      ? [
          '## Lists',
          `${atMost(hit.lists.length, 'list')} had posts held; usually ${some(hit.usualLists, 'list has', 'lists have')} posts or holds in that time.`,
          table(['list', 'held'], topOf(hit.lists)),
        ]
      : ['## Other lists', describeOthers(incident)]),
    '## Senders',
    `${atMost(hit.senders.length, 'sender')}; ${hit.senders.length >= MOST_VALUES ? `of the ${number(hit.senders.length)} with most holds ` : ''}${number(hit.knownSenders)} had a post delivered in the weeks before (${some(hit.knownHolds, 'hold')}), ${number(hit.senders.length - hit.knownSenders)} had not.`,
    table(['sender', 'held'], topOf(hit.senders)),
    '## Still held, as far as the logs tell',
    decisionsOf(incident, clock),
    table(
      ['list', 'undecided'],
      topOf(decisions.openByList.map(({ list, count }) => ({ value: list === '' ? '–' : list, count }))),
    ),
  ]
}

function decisionsOf({ decisions }: Incident, clock: Clock): string {
  const { held, lookedAt, approved, discarded, open, withoutId, asOfMs, isPartial } = decisions
  const notes = [
    `Of ${some(held, 'held message')}, ${number(approved)} were approved later and ${number(discarded)} discarded or refused; of **${number(open)}** no decision is logged up to ${clock.full(asOfMs)}.`,
    'A discard by a moderator is logged without a message id: it is tied to a held message by list and sender. What expired or was deleted in another way is not logged.',
  ]
  if (withoutId > 0) notes.push(`${some(withoutId, 'message')} had no message id: their approval cannot be seen.`)
  if (lookedAt < held) notes.push(`Only the first ${number(lookedAt)} held messages were looked at.`)
  if (isPartial) notes.push('There are more decisions than could be looked at: some of these may be decided.')
  return notes.join(' ')
}

const topOf = (counted: readonly { readonly value: string; readonly count: number }[]): string[][] => {
  const rows = counted.slice(0, TOP).map(({ value, count }) => [markdownText(value), number(count)])
  const rest = counted.slice(TOP)
  const others = rest.reduce((sum, { count }) => sum + count, 0)
  const more = counted.length >= MOST_VALUES ? ' or more' : ''
  return rest.length === 0 ? rows : [...rows, [`${number(rest.length)}${more} others`, `${number(others)}${more}`]]
}

function countsOf({ counts }: Report): string {
  if (counts.length === 0) return ''
  const rows = counts.map(({ action, count, usual }) => [
    markdownText(action),
    number(count),
    usual === undefined ? '–' : number(usual),
  ])
  return `## Counts against the usual\n\n${table(['event', 'now', 'usual'], rows)}`
}

function stepsOf({ steps }: Report, clock: Clock): string {
  const usual = (n: number | undefined) => (n === undefined ? '–' : number(n))
  const rows = steps.map(step => [
    clock.minute(step.startMs),
    number(step.held),
    usual(step.usualHeld),
    number(step.posted),
    usual(step.usualPosted),
    percent(step.held, step.held + step.posted),
    step.usualHeld === undefined ? '–' : percent(step.usualHeld, step.usualHeld + (step.usualPosted ?? 0)),
  ])
  return `## Hour by hour\n\n${table(['from', 'held', 'usual', 'delivered', 'usual', 'share held', 'usual'], rows)}`
}

const RULE = `## How the beginning is found

Each minute is weighed: a held post speaks for an abnormal share of holds, a delivered one against it, by how much likelier each is with a share halfway between the usual one of that hour and all. The stretch with the greatest sum is the incident, if it weighs more than chance or the waves of usual weeks explain, has 20 holds or more (5 in a report on one list), and three times as many as usual. Its beginning is its first hold. What moderators let through is taken off the deliveries, minute by minute.`

const listOf = (items: readonly string[]): string => items.map(item => `- ${item}`).join('\n')

/** Cells are Markdown already. */
function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    line(titles),
    line(titles.map((title, i) => (i === 0 || title === 'meaning' ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n')
}

const minutesOf = (ms: number): string =>
  ms < 120_000 ? `${number(Math.round(ms / 1000))} s` : `${number(Math.round(ms / 60_000))} minutes`
