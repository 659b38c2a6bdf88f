/** `why`, as text for a terminal: sentences first, then what they rest on. */

import { actions } from '../../parsers/_actions.js'
import { timeOf } from '../diagnostics/timezone.js'
import { type HoldWords, stateTitles, whereToDecide, wordsOfReason } from '../troubleshooting/message-words.js'
import type { HeldPost, Membership, WhyAddress } from '../troubleshooting/why-address.js'
import { adviceForDisabled, explainMembership } from '../troubleshooting/why-address.js'
import type { Stretch, WhyList } from '../troubleshooting/why-list.js'
import type { LikeIt, WhyHeld, WhyMessage } from '../troubleshooting/why-message.js'
import { formatTable } from './plain-table.js'
import { explainNever, formatLife, type Paper, prose } from './trace-text.js'

const YELLOW = '33'
const MAX_ROWS = 10
const HOUR_MS = 3_600_000

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** `3 h`, `12 days`. */
export function ageOf(ms: number): string {
  const hours = Math.max(0, ms) / HOUR_MS
  if (hours < 1) return plural(Math.round(hours * 60), 'minute')
  return hours < 48 ? plural(Math.round(hours), 'hour') : plural(Math.round(hours / 24), 'day')
}

export function formatWhyMessage({ trace, held }: WhyMessage, nowMs: number, paper: Paper): string[] {
  if (trace.lives.length === 0) return [...prose(`<${trace.messageId}>`, paper), '', ...explainNever(trace, paper)]
  const lines: string[] = []
  for (const why of held) lines.push(...formatHeld(why, nowMs, paper), '')
  const firstMs = Math.min(...trace.lives.map(({ steps }) => steps[0]!.event.timestampMs))
  const others = trace.lives.filter(life => held.every(why => why.life !== life))
  if (held.length === 0) lines.push(...prose('It was not held, as far as the logs tell.', paper), '')
  for (const life of others) {
    lines.push(...formatLife(life, firstMs, paper))
    const advice = adviceFor.get(life.state)
    if (advice !== undefined) lines.push(...prose(`What to do: ${advice}`, paper, '  '))
    lines.push('')
  }
  lines.push(...prose('All of its life: trace, with the same id.', paper))
  return lines
}

/** For what Mailman did to a message that it never held. */
const adviceFor = new Map<string, string>([
  ['discarded', actions['message-discarded'].advice],
  ['rejected', actions['message-rejected'].advice],
  ['abandoned', actions['delivery-abandoned'].advice],
  ['refused', actions['message-delivery-failed'].advice],
  ['partly-refused', actions['message-delivery-failed'].advice],
])

function formatHeld({ life, reasons, like, scope }: WhyHeld, nowMs: number, paper: Paper): string[] {
  const hold = life.hold!
  const list = life.list ?? 'a list that is not named'
  const age = nowMs - hold.timestampMs
  const decision = life.steps.findLast(({ kind }) => kind === life.state)
  const isWaiting = life.state === 'waiting' || life.state === 'maybe-decided'
  const texts = [
    `Held on ${list} at ${timeOf(hold.timestampMs, paper.zone)}${isWaiting ? `, ${ageOf(age)} ago` : ''}${hold.sender === undefined ? '' : `, from ${hold.sender}`}: ${hold.holdText ?? 'no reason is logged'}`,
    `Now: ${stateTitles[life.state]}${decision?.inferred === undefined ? '' : ` (inferred: ${decision.inferred})`}.`,
  ]
  const lines = texts.flatMap(text => prose(text, paper))
  for (const reason of reasons) lines.push('', ...formatReason(reason, life.mailman, paper))
  lines.push('', ...prose(explainScope(like, scope, list), paper))
  if (isWaiting)
    lines.push('', ...prose(`A moderator decides in ${whereToDecide[life.mailman ?? '2.1']}. No log names moderators.`, paper))
  return lines
}

function formatReason(
  { slug, meaning, advice, option2, option3 }: HoldWords,
  mailman: '2.1' | '3' | undefined,
  paper: Paper,
): string[] {
  const options = [
    option2 === undefined ? '' : `Mailman 2.1: ${option2}`,
    option3 === undefined ? '' : `Mailman 3: ${option3}`,
  ].filter(text => text !== '')
  if (mailman === '3') options.reverse()
  return [
    ...prose(`${meaning} (${slug})`, paper),
    ...prose(`What to do: ${advice}`, paper),
    ...prose(options.length === 0 ? 'No option of a list decides this.' : `Decided by ${options.join('; ')}.`, paper),
  ]
}

function explainScope(like: readonly LikeIt[], scope: WhyHeld['scope'], list: string): string {
  const counts = like.map(
    ({ hours, onList, all, lists, moreLists }) =>
      `${hours === 24 ? '24 hours' : `${hours / 24} days`} around it: ${onList} on ${list}, ${all} on ${moreLists ? 'at least ' : ''}${plural(lists, 'list')}`,
  )
  const verdict = {
    'this post': 'It is this post, not the list or the host.',
    'this list': 'It is this list, not the host.',
    'many lists': `It is not this list alone.${isWave(like) ? ' And it is far more than on other days: look at what these lists share: the site’s settings, a restart, a wave of spam.' : ''}`,
  }[scope]
  return `Held for the same reason (all hosts in this store; ${counts.join('; ')}). ${verdict}`
}

/** More than half of a week's in one day. */
function isWave([day, week]: readonly LikeIt[]): boolean {
  // A store that knows that day alone cannot tell.
  return day !== undefined && week !== undefined && day.all > 10 && day.all * 2 > week.all && week.all > day.all
}

export function formatWhyAddress(address: string, why: WhyAddress, paper: Paper): string[] {
  if (why.total === 0) return formatUnknown(`No event names the address ${address}.`, why.span, paper)
  const lines = prose(`${address}: ${plural(why.total, 'event')}`, paper)
  for (const membership of why.memberships) lines.push(...formatMembership(membership, paper))
  if (why.memberships.some(({ last }) => last.action === 'member-disabled')) lines.push('', ...prose(adviceForDisabled, paper))
  if (why.heldTotal > 0) lines.push('', ...formatHeldPosts(why.held, why.heldTotal, paper))
  // A line about several recipients holds the reply to the first of them only.
  const last = why.refused.findLast(({ recipients }) => recipients.length === 1) ?? why.refused.at(-1)
  if (last !== undefined)
    lines.push(
      '',
      ...prose(
        `Mail to it was refused ${plural(why.refused.length, 'time')}, the last time at ${timeOf(last.timestampMs, paper.zone)}: ${last.code ?? ''} ${last.error ?? last.text}`,
        paper,
      ),
    )
  const post = why.posted.at(-1)
  if (post !== undefined)
    lines.push(
      '',
      ...prose(
        `It posted ${plural(why.posted.length, 'time')} (each try counts), the last time at ${timeOf(post.timestampMs, paper.zone)}${post.list === undefined ? '' : ` to ${post.list}`}.`,
        paper,
      ),
    )
  const other = why.other.slice(-MAX_ROWS).map(event => ({
    cells: [
      timeOf(event.timestampMs, paper.zone),
      event.list ?? '',
      event.action,
      event.reason ?? event.comment ?? event.handler ?? event.text,
    ],
    colour: '',
  }))
  if (other.length > 0)
    lines.push(
      '',
      ...prose('Refused, discarded or banned:', paper),
      ...formatTable(['time', 'list', 'what', 'why'], other, paper, '  '),
    )
  if (why.total > why.shown) lines.push('', ...prose(`Only its newest ${why.shown} events were read.`, paper))
  lines.push(
    '',
    ...prose(
      `Logs tell what changed, not who is a member now${why.isFrom3 ? '; Mailman 3 logs no joins, and of departures only those that a moderator allowed' : ''}.`,
      paper,
    ),
  )
  return lines
}

function formatMembership(membership: Membership, paper: Paper): string[] {
  const { list, last, bounces } = membership
  const count = bounces === 0 ? '' : `; ${plural(bounces, 'bounce')}`
  return prose(`- ${list}: since ${timeOf(last.timestampMs, paper.zone)} ${explainMembership(membership)}${count}`, paper)
}

function formatHeldPosts(held: readonly HeldPost[], total: number, paper: Paper): string[] {
  const title =
    total === held.length ? `${plural(total, 'post')} of it held:` : `${total} posts of it held; the newest ${held.length}:`
  const rows = held.map(({ event, life }) => ({
    cells: [
      timeOf(event.timestampMs, paper.zone),
      event.list ?? '',
      event.holdReasons.join(', '),
      life === undefined ? 'not traced' : stateTitles[life.state],
      event.messageId === undefined ? '' : `<${event.messageId}>`,
    ],
    colour: life?.state === 'waiting' ? YELLOW : '',
  }))
  return [...prose(title, paper), ...formatTable(['held', 'list', 'reason', 'now', 'message'], rows, paper, '  ', 'whole')]
}

export function formatWhyList(why: WhyList, paper: Paper): string[] {
  const { list, waiting, day, week, before, reasons, atMs, isPast } = why
  if (why.total === 0) return formatUnknown(`No event names a list ${list}.`, why.span, paper)
  const at = timeOf(atMs, paper.zone)
  const lines: string[] = []
  if (isPast) lines.push(...prose(`The newest event of this store is of ${at}: what follows is as of then.`, paper), '')
  const oldest = waiting.sure[0]
  lines.push(
    ...prose(
      waiting.count === 0
        ? `${list}: nothing waits for a moderator, by the logs of the last ${why.waitingDays} days.`
        : `${list}: ${waiting.isCut ? 'at least ' : ''}${plural(waiting.count, 'post waits', 'posts wait')} for a moderator, by the logs of the last ${why.waitingDays} days${oldest === undefined ? '' : `; the oldest for ${ageOf(atMs - oldest.timestampMs)}`}.`,
      paper,
    ),
    '',
    ...prose(
      `Last 24 hours: ${share(day)}. Last 7 days: ${share(week)}; on all lists ${share(why.everywhere)}. ${earlier(before, paper)}${compare(week, before)}`,
      paper,
    ),
  )
  if (reasons.length > 0) {
    const rows = reasons.map(({ slug, count, usual }) => ({
      cells: [`${count}`, usual === undefined ? '–' : usual.toFixed(1), slug, wordsOfReason(slug).advice],
      colour: '',
    }))
    lines.push(
      '',
      ...prose('Why, in the last 7 days:', paper),
      ...formatTable(['held', 'usual', 'reason', 'what to do'], rows, paper, '  '),
    )
    for (const { slug } of reasons.slice(0, 1)) lines.push('', ...formatReason(wordsOfReason(slug), why.mailman, paper))
  }
  const shown = waiting.sure.slice(-MAX_ROWS)
  if (shown.length > 0) {
    const rows = shown.map(({ timestampMs, sender, holdReasons, messageId }) => ({
      cells: [
        timeOf(timestampMs, paper.zone),
        sender ?? '',
        holdReasons.join(', '),
        messageId === undefined ? '' : `<${messageId}>`,
      ],
      colour: YELLOW,
    }))
    const title = shown.length < waiting.count ? `The newest ${shown.length} that wait:` : 'They wait:'
    lines.push('', ...prose(title, paper), ...formatTable(['held', 'from', 'reason', 'message'], rows, paper, '  ', 'whole'))
    lines.push(...prose(`A moderator decides in ${whereToDecide[why.mailman ?? '2.1']}.`, paper))
  }
  const honest =
    why.mailman === '3'
      ? 'In Mailman 3 lines of posts that a rule discards name no list: they are not counted here. What waits is what the logs tell; the queue itself was not looked at.'
      : 'What waits is what the logs tell; the queue itself was not looked at.'
  lines.push('', ...prose(honest, paper))
  return lines
}

const percent = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`
const share = ({ held, posted, share: part }: Stretch): string =>
  part === undefined ? 'no posts' : `${held} held, ${posted} posted (${percent(part)} held)`

const earlier = (before: Stretch, paper: Paper): string =>
  before.toMs - before.fromMs < HOUR_MS
    ? 'Of the time before that this store knows nothing.'
    : `Before that, from ${timeOf(before.fromMs, paper.zone).slice(0, 10)} on: ${share(before)}.`

function compare(week: Stretch, before: Stretch): string {
  if (week.share === undefined || before.share === undefined || week.held < 5) return ''
  if (week.share > before.share * 2 && week.share - before.share > 0.05) return ' Far more is held than before.'
  return week.share * 2 < before.share ? ' Far less is held than before.' : ''
}

export function formatUnknown(sentence: string, span: WhyList['span'], paper: Paper): string[] {
  const of =
    span === undefined
      ? 'This store holds no events at all.'
      : `The store has events from ${timeOf(span.fromMs, paper.zone)} to ${timeOf(span.toMs, paper.zone)} (${paper.zone}).`
  return prose(`${sentence} ${of}`, paper)
}
