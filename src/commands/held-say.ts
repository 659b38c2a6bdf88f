/** What `held` tells: the good mail first, and where a moderator acts. */
import { printable } from '../diagnostics/printable.js'
import { wrap } from '../diagnostics/wrap.js'
import type { Held, Standing } from './held-waiting.js'
import { formatTable } from './plain-table.js'
import type { Screen } from './search.js'

export interface HeldLook {
  readonly screen: Screen
  readonly limit: number
  /** Of Mailman's web pages; undefined: no links. */
  readonly web: string | undefined
}

const groups: readonly { readonly title: string; readonly standings: readonly Standing[] }[] = [
  { title: 'From people who have posted before: look at these first', standings: ['posted-here', 'posted-elsewhere'] },
  { title: 'From senders of whom the logs do not tell', standings: ['unknown'] },
  { title: 'From strangers: no post of theirs is in the logs', standings: ['stranger'] },
]

export function sayHeld(held: readonly Held[], look: HeldLook): string[] {
  if (held.length === 0) return ['Nothing waits for a moderator.']
  const nowMs = look.screen.now()
  const lists = new Set(held.map(({ fqdn, list }) => fqdn ?? list)).size
  const oldestMs = held.reduce((least, { heldMs }) => Math.min(least, heldMs), Number.POSITIVE_INFINITY)
  const many = (count: number, one: string, more: string): string => `${count.toLocaleString('en')} ${count === 1 ? one : more}`
  const lines = [
    `${many(held.length, 'message waits', 'messages wait')} for a moderator, on ${many(lists, 'list', 'lists')}; the oldest for ${sayAge(nowMs - oldestMs)}.`,
  ]
  for (const { title, standings } of groups) {
    const ofGroup = held.filter(({ standing }) => standings.includes(standing))
    if (ofGroup.length === 0) continue
    lines.push('', `${title} (${ofGroup.length.toLocaleString('en')})`)
    lines.push(...tableOf(ofGroup.slice(0, look.limit), look, nowMs))
    if (ofGroup.length > look.limit)
      lines.push(`  …and ${(ofGroup.length - look.limit).toLocaleString('en')} more; --limit, --list`)
  }
  lines.push('')
  if (held.some(({ isCertain }) => !isCertain))
    lines.push('?: the logs have several holds of that second; it may be another one of them.')
  return [...lines, ...howToAct(held, look.web).flatMap(line => wrap(printable(line), look.screen.columns))]
}

function tableOf(held: readonly Held[], { screen, web }: HeldLook, nowMs: number): string[] {
  const hasSubject = held.some(({ subject }) => subject !== undefined)
  const titles = ['list', 'id', 'waits', 'sender', 'why', ...(hasSubject ? ['subject'] : [])]
  const rows = held.map(each => {
    const sender = `${each.sender ?? ''}${each.isCertain ? '' : '?'}`
    const why = each.reasons.length > 0 ? each.reasons.join(', ') : (each.reasonText ?? '')
    const cells = [each.list, `${each.id}`, sayAge(nowMs - each.heldMs), sender, why]
    return { cells: hasSubject ? [...cells, each.subject ?? ''] : cells, colour: '' }
  })
  const [head, ...lines] = formatTable(titles, rows, screen, '  ')
  if (web === undefined) return [head!, ...lines]
  // On a line of its own: whatever the terminal's width, a link is never cut.
  return [head!, ...lines.flatMap((line, i) => [line, printable(`    ${linkOf(held[i]!, web)}`)])]
}

/** The page of the message in 2.1, of all that is held on the list in 3 (Postorius). */
export function linkOf({ mailman, list, listId, id }: Held, web: string): string {
  const base = web.replace(/\/+$/, '')
  return mailman === '2.1'
    ? `${base}/admindb/${encodeURIComponent(list)}?msgid=${id}`
    : `${base}/lists/${encodeURIComponent(listId ?? list)}/held_messages`
}

/** What a program does instead, in 3. */
export const commandOf = ({ mailman, listId, id }: Held): string | undefined =>
  mailman === '3' ? `POST /3.1/lists/${encodeURIComponent(listId ?? '')}/held/${id} action=accept` : undefined

function howToAct(held: readonly Held[], web: string | undefined): string[] {
  if (web !== undefined) return ['A sender’s address can be forged: a look at the message decides.']
  const lines: string[] = []
  const first = (mailman: Held['mailman']): Held | undefined => held.find(each => each.mailman === mailman)
  const [old, three] = [first('2.1'), first('3')]
  if (old !== undefined)
    lines.push(`A moderator decides at ${linkOf(old, '…/mailman')}; --web https://HOST/mailman prints all links.`)
  if (three !== undefined)
    lines.push(
      `A moderator decides at ${linkOf(three, '…')} (Postorius; --web prints all links), a program by ${commandOf(three)}, or discard, reject, defer.`,
    )
  return [...lines, 'A sender’s address can be forged: a look at the message decides.']
}

function sayAge(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000))
  if (!Number.isFinite(minutes)) return '?'
  if (minutes < 120) return `${minutes} min`
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`
}
