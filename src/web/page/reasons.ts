/** Why mail is held: all reasons, how often each, and what a list admin does about it. */
import type { Reason, Reasons } from '../answers.js'
import { addressOf, parametersOf, readAddress } from './address.js'
import { get, getSite, showTrouble } from './api.js'
import { element, number, part, sentence, spoken } from './elements.js'
import { timeIn } from './time.js'

const { list, since, until } = readAddress()
const asked = { ...(list && { list }), ...(since && { since }), ...(until && { until }) }
part<HTMLInputElement>('list').value = list ?? ''

function reasonElement({ reason, count, meaning, advice }: Reason, held: number): HTMLLIElement {
  const made = element(
    'li',
    { class: count === 0 ? 'reason never' : 'reason' },
    element(
      'h2',
      {},
      count === 0
        ? spoken(reason)
        : element('a', { href: addressOf({ ...asked, action: 'message-held', reason }) }, spoken(reason)),
      ' ',
      element('span', { class: 'count' }, count === 0 ? 'none' : `${number(count)} held`),
    ),
    element('p', {}, ...sentence(meaning)),
    element('p', { class: 'do' }, element('span', {}, 'What to do'), ' ', ...sentence(advice)),
  )
  made.style.setProperty('--part', `${held === 0 ? 0 : (100 * count) / held}%`)
  return made
}

async function show(): Promise<void> {
  const time = timeIn((await getSite()).zone)
  for (const [name, value] of [
    ['since', since],
    ['until', until],
  ] as const)
    if (value !== undefined) part('form').append(element('input', { type: 'hidden', name, value }))
  const { held, reasons } = await get<Reasons>('reasons', parametersOf(asked))
  const when = [since && `from ${time.say(Date.parse(since))}`, until && `to ${time.say(Date.parse(until))}`]
    .filter(Boolean)
    .join(' ')
  part('summary').replaceChildren(
    `${number(held)} ${held === 1 ? 'message was' : 'messages were'} held${list === undefined ? '' : ` on ${list}`}${when === '' ? '' : `, ${when}`}.`,
  )
  part('reasons').replaceChildren(...reasons.map(reason => reasonElement(reason, held)))
}

await show().catch(showTrouble)
