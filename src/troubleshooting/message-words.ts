/** What became of a message, as sentences. Texts of strangers stand in them as they are: whoever prints escapes. */
import { type HoldReason, type HoldReasonSlug, holdReasons } from '../../parsers/_hold-reasons.js'
import type { Life, LifeState } from './life.js'
import type { Seen } from './seen.js'

/** The state as a title, for a list. */
export const stateTitles: Readonly<Record<LifeState, string>> = {
  waiting: 'held: waits for a moderator',
  'maybe-decided': 'held; a moderator may have decided',
  released: 'released by a moderator, and nothing more',
  'maybe-shunted': 'perhaps shunted',
  shunted: 'shunted',
  discarded: 'discarded',
  rejected: 'rejected',
  delivered: 'handed to the mail server',
  'partly-refused': 'handed to the mail server, some recipients refused',
  refused: 'refused by the mail server',
  abandoned: 'given up',
  'under-way': 'let in, and nothing more',
  mentioned: 'mentioned, and nothing more',
}

/** What that means and what to do, in one sentence or two. */
export function explainState(life: Life): string {
  const { state, recipients, refused, list, steps } = life
  const unnamed = list === undefined ? ' The line does not say on which list.' : ''
  const of = recipients === undefined ? '' : ` of ${recipients}`
  switch (state) {
    case 'waiting':
      return 'It waits in the list’s moderation queue, as far as the logs tell; a moderator releases, rejects or discards it there.'
    case 'maybe-decided':
      return 'Decisions were logged that may be about this post or about another one; the moderation queue shows whether it still waits.'
    case 'released':
      return 'A moderator let it through, and no line says that it was handed to the mail server: it is on its way, or a queue stands still, or it was lost on the way. Look for errors of that time and at the qrunners.'
    case 'maybe-shunted':
      return 'It was on its way when messages were shunted on that host; their lines do not say which. The shunt queue shows it; `unshunt` sends it on once the error is mended.'
    case 'shunted':
      return 'An error set it aside in the shunt queue. The error stands in the log `error` just before; `unshunt` sends the message on once that is mended.'
    case 'discarded':
      return `It was thrown away; its sender hears nothing. Only sending it again brings it to the list.${unnamed}`
    case 'rejected':
      return `It was sent back to its sender with a reason; it is not on the list.${unnamed}`
    case 'delivered':
      // `post` alone says how many were refused; 2.1 writes it for posts, and for other mail where there is something to say.
      if (!steps.some(({ kind }) => kind === 'posted'))
        return `Mailman handed it to its mail server${recipients === undefined ? '' : ` for ${recipients} recipients`}. No line of the log post tells of refusals: it is no post, or that log is not in this store. What the mail server did then is in the mail server’s log.`
      return `Mailman handed it to its mail server for all${recipients === undefined ? '' : ` ${recipients}`} recipients. That is all that Mailman knows: what the mail server did then is in the mail server’s log.`
    case 'partly-refused':
      return `Mailman handed it to its mail server, which refused ${refused}${of} recipients and took the others. What became of those is in the mail server’s log.`
    case 'refused':
      return `The mail server refused it${refused > 0 ? ` for ${recipients === refused ? 'all ' : ''}${refused} recipients` : ''}: nobody of these got it from the list.`
    case 'abandoned':
      return 'After too many temporary failures Mailman gave it up; those who had not got it by then never do.'
    case 'under-way':
      return 'It was let in, and no line says that it was handed to the mail server: it is on its way, or a queue stands still, or it was lost on the way.'
    case 'mentioned':
      return 'Lines mention it, and none says what became of it.'
  }
}

/** Who decided, where the log can say so. */
export function explainDecision(life: Life): string | undefined {
  const step = life.steps.findLast(({ kind }) => kind === 'discarded' || kind === 'rejected' || kind === 'released')
  if (step === undefined) return undefined
  const { event, kind } = step
  if (kind !== 'released') {
    const by = event.handler === undefined ? '' : `Mailman’s ${event.handler} did that by itself`
    const why = event.reason ?? event.comment ?? event.holdText
    if (by !== '') return why === undefined ? `${by}.` : `${by}: ${why}`
    if (why !== undefined) return `The reason that was given: ${why}`
  }
  if (life.hold === undefined) return undefined
  return 'No log names the moderator.'
}

export interface HoldWords {
  readonly slug: string
  readonly text: string | undefined
  readonly meaning: string
  readonly advice: string
  readonly option2: string | undefined
  readonly option3: string | undefined
}

const isSlug = (slug: string): slug is HoldReasonSlug => Object.hasOwn(holdReasons, slug)

/** A reason by its slug; one that nobody knows is `other`. */
export function wordsOfReason(slug: string, text?: string): HoldWords {
  const { meaning, advice, option2, option3 }: HoldReason = holdReasons[isSlug(slug) ? slug : 'other']
  return { slug, text, meaning, advice, option2, option3 }
}

export const reasonsOf = (hold: Seen): HoldWords[] =>
  (hold.holdReasons.length === 0 ? ['other'] : hold.holdReasons).map(slug => wordsOfReason(slug, hold.holdText))

/** Where a moderator of a list decides. */
export const whereToDecide: Readonly<Record<'2.1' | '3', string>> = {
  '2.1': 'the web page …/mailman/admindb/LIST (“Tend to pending moderator requests”)',
  '3': 'Postorius: the list’s page, “Held messages”; or the REST API, lists/LIST/held',
}
