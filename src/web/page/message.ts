/** One message's way through the logs: the events that name it, in their order, with the time from one to the next. */
import type { Row, Way } from '../answers.js'
import { addressOf } from './address.js'
import { get, getSite, showTrouble } from './api.js'
import { element, number, part, sentence, spoken } from './elements.js'
import { toneOf } from './rows.js'
import { sayDuration, type Time, timeIn } from './time.js'

const id = new URLSearchParams(location.search).get('id')?.trim() ?? ''
part<HTMLInputElement>('id').value = id

function stepElement(row: Way['rows'][number], before: Row | undefined, time: Time): HTMLLIElement {
  const later =
    before === undefined || row.timestampMs === before.timestampMs ? '' : `+ ${sayDuration(row.timestampMs - before.timestampMs)}`
  return element(
    'li',
    { class: toneOf(row) },
    element(
      'p',
      { class: 'when' },
      element('time', { datetime: new Date(row.timestampMs).toISOString() }, time.say(row.timestampMs)),
      ' ',
      element('span', { class: 'later' }, later),
    ),
    element(
      'h2',
      {},
      element('a', { href: addressOf({ event: row.id, list: row.list }) }, row.action === '' ? row.log : spoken(row.action)),
    ),
    element('p', { class: 'where' }, [row.list, `${spoken(row.log)} log`, row.host].filter(text => text !== '').join(' · ')),
    element('pre', {}, row.text),
    ...(row.inferred === '' ? [] : [element('p', { class: 'note' }, `Tied to this message: ${row.inferred}.`)]),
  )
}

async function show(): Promise<void> {
  const time = timeIn((await getSite()).zone)
  if (id === '') return
  const { total, rows, fates } = await get<Way>('message', new URLSearchParams({ id }))
  const [first, last] = [rows[0], rows.at(-1)]
  part('summary').replaceChildren(
    first === undefined || last === undefined
      ? 'No event names this message. It may never have reached Mailman, or be older than what is kept.'
      : `${number(total)} ${total === 1 ? 'event' : 'events'}${total > rows.length ? `, of which these are the first ${number(rows.length)}` : ''}` +
          (last.timestampMs === first.timestampMs
            ? ', all in one second.'
            : `, in ${sayDuration(last.timestampMs - first.timestampMs)}.`),
  )
  part('fates').replaceChildren(
    ...fates.map(({ list, title, sentence: text }) =>
      element(
        'div',
        { class: 'advice' },
        element('p', {}, element('strong', {}, list === '' ? title : `${list}: ${title}`)),
        element('p', {}, ...sentence(text)),
      ),
    ),
  )
  part('steps').replaceChildren(...rows.map((row, i) => stepElement(row, rows[i - 1], time)))
  part('note').hidden = rows.length === 0
}

await show().catch(showTrouble)
