/** One event whole: what it means, what to do, its text and all its fields. */
import type { Details } from '../answers.js'
import { messageAddress } from './address.js'
import { element, sentence, spoken } from './elements.js'
import type { Time } from './time.js'

const texts = new Set(['message', 'error.stack_trace', 'event.original'])

export function detailsElement(details: Details, time: Time): HTMLElement {
  const { action, reasons, fields, messageId, isCut } = details
  const at = fields.find(([path]) => path === 'event.action')?.[1]
  const advice = [
    ...(action === null ? [] : [adviceElement(spoken(at ?? ''), action)]),
    ...reasons.map(reason => adviceElement(`Held: ${spoken(reason.reason)}`, reason)),
  ]
  const links =
    messageId === ''
      ? []
      : [element('p', { class: 'links' }, element('a', { href: messageAddress(messageId) }, 'The way of this message'))]
  return element(
    'div',
    { class: 'details' },
    ...advice,
    ...fields
      .filter(([path]) => texts.has(path))
      .map(([path, value]) => element('pre', { 'aria-label': path, tabindex: 0, role: 'region' }, value)),
    ...links,
    ...(isCut
      ? [element('p', { class: 'note' }, 'Some of it is too long for this page: `mailman-shipper search --json` shows all.')]
      : []),
    element(
      'dl',
      {},
      element('div', {}, element('dt', {}, 'time'), element('dd', {}, `${time.say(details.timestampMs)} (${time.zone})`)),
      ...fields
        .filter(([path]) => !texts.has(path))
        .map(([path, value]) => element('div', {}, element('dt', {}, path), element('dd', {}, element('bdi', {}, value)))),
    ),
  )
}

export function adviceElement(
  title: string,
  { meaning, advice }: { readonly meaning: string; readonly advice: string },
): HTMLElement {
  return element(
    'div',
    { class: 'advice' },
    element('p', {}, element('strong', {}, title), ' ', ...sentence(meaning)),
    element('p', { class: 'do' }, element('span', {}, 'What to do'), ' ', ...sentence(advice)),
  )
}
