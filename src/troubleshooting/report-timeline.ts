/** All that a report knows of, in the order of time. */
import type { Report } from './report.js'
import { markdownText } from './report-escape.js'
import { describeChange, number } from './report-sentences.js'

export interface Moment {
  readonly atMs: number
  /** Markdown. */
  readonly text: string
}

const MOST = 60

export function timelineOf({ incidents, silences, changes }: Report): Moment[] {
  const moments: Moment[] = changes.map(change => ({ atMs: change.atMs, text: describeChange(change) }))
  for (const { fromMs, toMs } of silences) {
    moments.push({ atMs: fromMs, text: 'The last line of any log before a silence.' })
    moments.push({ atMs: toMs, text: 'The first line of any log after the silence.' })
  }
  for (const { fromMs, toMs, run, isOpen, before, decisions } of incidents) {
    const [error] = before.errors.groups
      .toSorted((a, b) => a.firstMs - b.firstMs)
      .filter(({ firstMs }) => firstMs >= (before.start?.atMs ?? 0))
    if (error !== undefined) moments.push({ atMs: error.firstMs, text: `An error: ${markdownText(error.text)}` })
    moments.push({ atMs: fromMs, text: `**The first hold** of ${number(run.held)}: here the share of holds leaves the usual.` })
    moments.push({
      atMs: toMs,
      text: isOpen ? 'The newest hold: it goes on.' : 'The last hold before the share is as usual again.',
    })
    if (decisions.firstApprovalMs !== undefined)
      moments.push({
        atMs: decisions.firstApprovalMs,
        text: `A moderator lets the first of the held messages through, of ${number(decisions.approved)} in all.`,
      })
  }
  const ordered = moments.sort((a, b) => a.atMs - b.atMs)
  if (ordered.length <= MOST) return ordered
  // Many runners that crash or settings that are complained of: what the incident says must not be lost among them.
  const rest = new Set(changes.slice(0, -MOST / 2).map(change => `${change.atMs} ${describeChange(change)}`))
  return ordered.filter(({ atMs, text }) => !rest.has(`${atMs} ${text}`))
}
