/** The lives of a message as text for a terminal. */
import { type ActionName, actions } from '../../parsers/_actions.js'
import { printable } from '../diagnostics/printable.js'
import { timeOf } from '../diagnostics/timezone.js'
import { wrap } from '../diagnostics/wrap.js'
import type { MessageTrace } from '../troubleshooting/ask-message.js'
import type { Life, LifeState } from '../troubleshooting/life.js'
import { explainDecision, explainState, stateTitles } from '../troubleshooting/message-words.js'
import type { Refusal } from '../troubleshooting/refusals.js'
import { meanings, type Step } from '../troubleshooting/steps.js'
import { cut, paint } from './event-table.js'
import { formatTable, type Row } from './plain-table.js'
import type { Screen } from './search.js'

export type Paper = Pick<Screen, 'columns' | 'isColoured'> & { readonly zone: string }

const RED = '31'
const GREEN = '32'
const YELLOW = '33'
const MAX_REFUSALS = 50

const colours: Readonly<Record<LifeState, string>> = {
  waiting: YELLOW,
  'maybe-decided': YELLOW,
  released: YELLOW,
  'maybe-shunted': RED,
  shunted: RED,
  discarded: RED,
  rejected: RED,
  delivered: GREEN,
  'partly-refused': YELLOW,
  refused: RED,
  abandoned: RED,
  'under-way': YELLOW,
  mentioned: '',
}

export const prose = (text: string, paper: Paper, indent = ''): string[] =>
  wrap(printable(text.replace(/\s*\n\s*/g, ' ').trim()), paper.columns, indent)

export function formatTrace(trace: MessageTrace, paper: Paper): string[] {
  const lines = prose(`<${trace.messageId}>`, paper)
  if (trace.lives.length === 0) return [...lines, '', ...explainNever(trace, paper)]
  const firstMs = Math.min(...trace.lives.map(({ steps }) => steps[0]!.event.timestampMs))
  for (const life of trace.lives) lines.push('', ...formatLife(life, firstMs, paper))
  if (trace.lives.some(({ steps }) => steps.some(isInferred)))
    lines.push('', ...prose('~ inferred: that line does not name this message, or not the list.', paper))
  if (trace.total > trace.shown)
    lines.push('', ...prose(`Only the first ${trace.shown} of ${trace.total} events that name it were read.`, paper))
  return lines
}

/** "Never" is only as good as what the store holds; so it says what that is. */
export function explainNever({ span, shunted }: MessageTrace, paper: Paper): string[] {
  if (span === undefined) return prose('This store holds no events at all: nothing can be said of any message.', paper)
  const zone = paper.zone
  const texts = [
    `It never reached Mailman, as far as this store knows: no event names this message. The store has events from ${timeOf(span.fromMs, zone)} to ${timeOf(span.toMs, zone)} (${zone}); of other times it knows nothing.`,
    'If it was sent in that time, look into the log of the mail server before Mailman: it may have refused it, or not have it yet. Three kinds of mail leave no line with their id: one without a Message-ID, one to an anonymous list (it gets a new id), and one that is shunted before anything is decided.',
  ]
  if (shunted > 0)
    texts.push(
      `${shunted} ${shunted === 1 ? 'message was' : 'messages were'} shunted in that time; it may be among them: search --action message-shunted shows when.`,
    )
  return texts.flatMap((text, i) => (i === 0 ? prose(text, paper) : ['', ...prose(text, paper)]))
}

const isInferred = ({ inferred }: Step): boolean => inferred !== undefined

export function formatLife(life: Life, firstMs: number, paper: Paper): string[] {
  const title = stateTitles[life.state]
  const room = paper.columns === undefined ? undefined : Math.max(10, paper.columns - title.length - 2)
  const name = printable(life.list ?? 'list not named')
  const head = `${room === undefined ? name : cut(name, room)}: ${paint(title, colours[life.state], paper)}`
  const lines = [head, ...formatSteps(life, firstMs, paper), ...prose(explainState(life), paper, '  ')]
  const decision = explainDecision(life)
  if (decision !== undefined) lines.push(...prose(decision, paper, '  '))
  if (life.refusals.length > 0) lines.push('', ...formatRefusals(life.refusals, paper))
  return lines
}

function formatSteps({ steps }: Life, firstMs: number, paper: Paper): string[] {
  const severalHosts = new Set(steps.map(({ event }) => event.host)).size > 1
  const rows: Row[] = []
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!
    let end = i + 1
    // Refusals of one second are one row; they have a table of their own.
    if (step.kind === 'refused')
      while (steps[end]?.kind === 'refused' && steps[end]!.event.timestampMs === step.event.timestampMs) end++
    const addresses = new Set(steps.slice(i, end).flatMap(({ event }) => event.recipients)).size
    const what =
      end - i > 1
        ? `${addresses === 0 ? end - i : addresses} ${step.others > 0 ? 'candidates' : 'recipients'}, see below`
        : describe(step)
    i = end - 1
    const mark = isInferred(step) ? ' ~' : ''
    rows.push({
      cells: [
        timeOf(step.event.timestampMs, paper.zone),
        `${Math.round((step.event.timestampMs - firstMs) / 1000)}`,
        meanings[step.kind] + mark,
        ...(severalHosts ? [step.event.host] : []),
        what,
      ],
      colour: step.kind === 'held' ? YELLOW : ['refused', 'abandoned', 'shunted'].includes(step.kind) ? RED : '',
    })
  }
  return formatTable(['time', '+s', 'step', ...(severalHosts ? ['host'] : []), 'what'], rows, paper, '  ')
}

/** What a step's line says besides what happened. */
export function describe({ kind, event, others, inferred }: Step): string {
  const parts: string[] = []
  if (event.isSuspect) parts.push('(a line that a stranger may have written)')
  if (others > 0)
    parts.push(`(may be about ${others === 1 ? 'another message' : `one of ${others} others`} just as well: ${inferred})`)
  if (kind === 'held') parts.push(event.holdText ?? event.holdReasons.join(', '))
  else if (kind === 'delivered') {
    if (event.recipientCount !== undefined) parts.push(`${event.recipientCount} recipients`)
    if (event.seconds !== undefined) parts.push(`in ${Number(event.seconds.toFixed(3))} s`)
  } else if (kind === 'posted') {
    if (event.sender !== undefined) parts.push(`from ${event.sender}`)
    if ((event.refusedCount ?? 0) > 0) parts.push(`${event.refusedCount} refused`)
  } else if (kind === 'refused') parts.push(...event.recipients.slice(0, 1), event.code ?? '', event.error ?? '')
  else if (kind === 'shunted') parts.push(event.text)
  else if (kind === 'discarded' || kind === 'rejected')
    parts.push(event.handler ?? '', event.reason ?? event.comment ?? event.holdText ?? '')
  else if (kind === 'other') parts.push(isAction(event.action) ? actions[event.action].meaning : event.text)
  return parts.filter(part => part !== '').join(kind === 'posted' ? ', ' : ' ')
}

const isAction = (name: string): name is ActionName => Object.hasOwn(actions, name)

function formatRefusals(refusals: readonly Refusal[], paper: Paper): string[] {
  const shown = refusals.slice(0, MAX_REFUSALS)
  const rows = shown.map(({ address, code, text, isFinal, isSettled, tries, inferred, others }) => ({
    cells: [
      `${address ?? 'several'}${inferred === undefined ? '' : ' ~'}${others > 0 ? '?' : ''}`,
      code ?? '',
      isFinal ? 'final' : isSettled ? 'later not refused again' : 'is tried again',
      `${tries}`,
      text,
    ],
    colour: isSettled ? '' : RED,
  }))
  const lines = formatTable(['refused', 'code', 'and now', 'tries', 'why'], rows, paper, '  ')
  if (refusals.length > shown.length)
    lines.push(...prose(`… and ${refusals.length - shown.length} more: --json has all.`, paper, '  '))
  if (shown.some(({ others }) => others > 0))
    lines.push(...prose('? of a message that the same process handed over in the same second, or of this one.', paper, '  '))
  return lines
}
