/** The events as rows, each of which opens. */
import type { Row } from '../answers.js'
import { button, element, spoken } from './elements.js'
import type { Time } from './time.js'

export const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, ' ')

export const toneOf = (row: Row): string => (row.isFailure ? 'bad' : row.action.endsWith('-held') ? 'held' : 'plain')

/** @param toggle what opens and closes the details below the row */
export function rowElement(row: Row, time: Time, isOpen: boolean, toggle: (id: string) => void): HTMLLIElement {
  const made = button(
    { class: 'row', 'aria-expanded': isOpen ? 'true' : 'false', 'data-id': row.id },
    () => toggle(row.id),
    element('time', { datetime: new Date(row.timestampMs).toISOString() }, time.say(row.timestampMs)),
    element('span', { class: 'log' }, row.log),
    element('span', { class: `action ${toneOf(row)}` }, row.action === '' ? '–' : spoken(row.action)),
    element('span', { class: 'list' }, row.list),
    element('span', { class: 'text' }, element('bdi', {}, oneLine(row.text))),
  )
  return element('li', {}, made)
}
