/** A judgement of a start as a checklist: what is well, what is not, what is not known. Whoever prints escapes. */
import type { Judgement } from '../alerts/verdict.js'
import { spanOf, titleOf } from '../alerts/words.js'
import { timeOf } from '../diagnostics/timezone.js'

export interface Check {
  readonly name: 'restart' | 'errors' | 'runners' | 'configuration' | 'queues' | 'posts' | 'alerts'
  readonly state: 'ok' | 'trouble' | 'unknown'
  readonly text: string
  /** Lines below it. */
  readonly details?: readonly string[]
  /** For the last line, where it is not well. */
  readonly short: string
}

export type Outcome = 'all clear' | 'trouble' | 'undecided'

export interface Viewpoint {
  /** Up to when it was looked at. */
  readonly nowMs: number
  /** IANA name. */
  readonly zone: string
  /** No more will come: what could still come up has not. */
  readonly isFinal: boolean
  /** A start before this is not the one that is asked about. */
  readonly notBeforeMs: number
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Errors of a start come within so long, mostly. */
const SETTLED_MS = 2 * 60_000
const MAX_KINDS = 5

export function outcomeOf(checks: readonly Check[]): Outcome {
  if (checks.some(({ state }) => state === 'trouble')) return 'trouble'
  return checks.every(({ state }) => state === 'ok') ? 'all clear' : 'undecided'
}

/** Where there is no start to judge, that is all there is. */
export function checksOf(judgement: Judgement, view: Viewpoint): Check[] {
  const restart = checkRestart(judgement, view)
  if (restart.state !== 'ok') return [restart]
  return [restart, checkErrors(judgement, view), checkRunners(judgement), checkPosts(judgement), checkAlerts(judgement)]
}

function checkRestart({ startMs, beforeMs, stoppedMs, firstMs }: Judgement, view: Viewpoint): Check {
  const { nowMs, zone, isFinal, notBeforeMs } = view
  const time = (ms: number): string => timeOf(ms, zone)
  const name = 'restart'
  if (stoppedMs !== undefined) {
    const text = `Mailman was stopped ${time(stoppedMs)}, and has not been started since`
    return { name, state: isFinal ? 'trouble' : 'unknown', text, short: 'Mailman is stopped' }
  }
  const none = { name, state: 'unknown', short: 'no restart of Mailman was found' } as const
  if (startMs === undefined) return { ...none, text: 'the logs tell of no start of Mailman' }
  if (startMs < notBeforeMs)
    return { ...none, text: `the last start of Mailman was ${time(startMs)}: that is more than a day ago` }
  const stopped = beforeMs === undefined ? '' : `, stopped ${spanOf(startMs - beforeMs)} before`
  const text = `Mailman was started ${time(startMs)}${stopped}; looked at until ${time(nowMs)} (${zone}), against ${spanInWords(startMs - firstMs)} of logs before`
  return { name, state: 'ok', text, short: '' }
}

function checkErrors({ startMs = 0, firstMs, errors }: Judgement, { nowMs, zone }: Viewpoint): Check {
  const name = 'errors'
  const news = errors.filter(({ isNew }) => isNew)
  const before = errors.filter(({ isNew }) => !isNew).reduce((sum, { count }) => sum + count, 0)
  const known = before === 0 ? '' : `; ${before} of kinds that were there before`
  if (news.length === 0) {
    if (nowMs - startMs >= SETTLED_MS) return { name, state: 'ok', text: `none that is new${known}`, short: '' }
    return { name, state: 'unknown', text: `none that is new so far${known}`, short: 'two minutes after the start are looked at' }
  }
  const count = news.reduce((sum, kind) => sum + kind.count, 0)
  const details = news
    .slice(0, MAX_KINDS)
    .map(
      kind =>
        `${kind.count} × ${kind.shape}, first ${timeOf(kind.firstMs, zone).slice(kind.firstMs - startMs < HOUR_MS ? 11 : 0)}`,
    )
  if (news.length > MAX_KINDS) details.push(`and ${news.length - MAX_KINDS} more kinds`)
  const text = `${count} since the start of ${news.length} ${news.length === 1 ? 'kind that was' : 'kinds that were'} never there before${known}`
  if (startMs - firstMs >= DAY_MS)
    return { name, state: 'trouble', text, details, short: `errors that were never there before (${news[0]!.shape})` }
  const short = 'errors, and less than a day of logs before the start to compare them with'
  return { name, state: 'unknown', text: `${text}; but the logs before it are of less than a day`, details, short }
}

function checkRunners({ runners }: Judgement): Check {
  const { state, up, missing, died, givenUp, isFirst } = runners
  const name = 'runners'
  const all = up.join(', ')
  if (state === 'up') {
    const text = isFirst
      ? `all ${up.length} that Mailman 2.1 has are up: ${all}`
      : `all ${up.length} that ran before are up: ${all}`
    return { name, state: 'ok', text, short: '' }
  }
  const parts = [
    missing.length > 0 ? `not up: ${missing.join(', ')}` : '',
    died.length > 0 ? `died since: ${died.join(', ')}` : '',
    givenUp.length > 0 ? `given up by Mailman: ${givenUp.join(', ')}` : '',
  ].filter(part => part !== '')
  if (state === 'down') return { name, state: 'trouble', text: parts.join('; '), short: `runners ${parts.join('; ')}` }
  if (parts.length > 0) return { name, state: 'unknown', text: parts.join('; '), short: `runners ${parts.join('; ')}` }
  const short = 'which runners ran before is not known'
  return { name, state: 'unknown', text: `${up.length} are up; which ran before the logs do not say`, short }
}

function checkPosts({ posts, startMs = 0 }: Judgement): Check {
  const { state, weighed, weighedMs, seen, held, strangersHeld, usualShare, learned, leastLearned, needed, reasons, examples } =
    posts
  const name = 'posts'
  const usually = `usually ${(100 * usualShare).toFixed(1)} % are`
  const besides = strangersHeld === 0 ? '' : `; besides, ${strangersHeld} of strangers are held`
  const figures = `${held} of ${seen} ${seen === 1 ? 'post' : 'posts'} held, ${usually}${besides}`
  const clear = `; clear with post ${weighed}, ${spanOf((weighedMs ?? startMs) - startMs)} after the start`
  if (state === 'usual') return { name, state: 'ok', text: `as usual: ${figures}${clear}`, short: '' }
  if (state === 'held') {
    const why = reasons.length === 0 ? [] : [`because of: ${reasons.slice(0, MAX_KINDS).join(', ')}`]
    const details = [...why, ...(examples.length === 0 ? [] : [`such as ${examples.join(', ')}`])]
    return { name, state: 'trouble', text: figures + clear, details, short: `${held} of ${seen} posts are held` }
  }
  const unknown = { name, state: 'unknown' } as const
  if (learned < leastLearned) {
    const short = `what is usual is not known from ${learned} posts before the start, ${leastLearned} are needed`
    return { ...unknown, text: `${figures}; ${short}`, short }
  }
  if (needed === undefined) {
    const short = 'nearly all posts are held here as usual, so posts prove nothing'
    return { ...unknown, text: `${figures}; ${short}`, short }
  }
  const short = `${seen} ${seen === 1 ? 'post' : 'posts'} seen, ${needed} are needed`
  return { ...unknown, text: seen === 0 ? `${short}${besides}` : `${short}: ${figures}`, short }
}

function checkAlerts({ alerts }: Judgement): Check {
  const name = 'alerts'
  if (alerts.length === 0) return { name, state: 'ok', text: 'the detector has nothing else to say', short: '' }
  const titles = alerts.map(titleOf)
  return { name, state: 'trouble', text: `${alerts.length} by the detector`, details: titles, short: titles[0]! }
}

/** `16 days`, `5 hours`, `12 minutes`; rounded down. */
export function spanInWords(ms: number): string {
  const several = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return several(Math.floor(ms / 1000), 'second')
  if (minutes < 120) return several(minutes, 'minute')
  return minutes < 2880 ? several(Math.floor(minutes / 60), 'hour') : several(Math.floor(minutes / 1440), 'day')
}
