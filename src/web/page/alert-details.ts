/** One alert in full: how much, what was just before, where to look, and that somebody knows of it. */
import type { ShownAlert } from '../answers.js'
import { addressOf, messageAddress } from './address.js'
import { isOpen } from './alert-state.js'
import { post, sayRefusal } from './api.js'
import { button, element, sentence, spoken } from './elements.js'
import { sayDuration, type Time } from './time.js'

const BEFORE_MS = 15 * 60_000
const AFTER_MS = 5 * 60_000

/** @param again after it was acknowledged: asks anew */
export function alertDetails(alert: ShownAlert, time: Time, nowMs: number, again: () => void): HTMLElement {
  const { list, sinceMs, raisedMs, endedMs, before, reasons, examples, runbook } = alert
  const around = {
    ...(list === '' ? {} : { list }),
    since: new Date(sinceMs - BEFORE_MS).toISOString(),
    until: new Date((endedMs ?? Math.max(nowMs, sinceMs)) + AFTER_MS).toISOString(),
  }
  const facts: readonly (readonly [string, string])[] = [
    ['since', time.say(sinceMs)],
    ['noticed', raisedMs === null ? '' : `${time.say(raisedMs)}, ${sayDuration(Math.max(raisedMs - sinceMs, 0))} later`],
    ['over', endedMs === null ? '' : `${time.say(endedMs)}, after ${sayDuration(Math.max(endedMs - sinceMs, 0))}`],
    ['acknowledged', alert.acknowledgedMs === null ? '' : time.say(alert.acknowledgedMs)],
    ['list', list],
    ['kind', alert.kind],
    ['host', alert.instance === 'main' ? alert.host : `${alert.host}, ${alert.instance}`],
    ['key', alert.key],
  ]
  return element(
    'div',
    { class: 'details' },
    element('p', { class: 'figures' }, element('bdi', {}, `${alert.figures}.`)),
    ...(before.length === 0
      ? []
      : [
          element(
            'div',
            { class: 'advice' },
            element('p', {}, element('strong', {}, 'Just before')),
            element('ul', {}, ...before.map(({ atMs, text }) => element('li', {}, ...beforeWords(atMs, text, sinceMs, time)))),
          ),
        ]),
    ...linked('Held for', reasons, reason => [spoken(reason), addressOf({ ...around, action: 'message-held', reason })]),
    ...linked('Such as', examples, id => [`<${id}>`, messageAddress(id)]),
    element(
      'p',
      { class: 'links' },
      element('a', { href: addressOf(around) }, 'Show the events of that time'),
      ' · ',
      ...(/^https?:/.test(runbook)
        ? [element('a', { href: runbook, rel: 'noreferrer' }, 'What to do')]
        : sentence(`What to do: \`${runbook}\``)),
    ),
    ...(alert.severity === 'critical' && isOpen(alert, nowMs) && alert.acknowledgedMs === null
      ? [acknowledging(alert, again)]
      : []),
    element(
      'dl',
      {},
      ...facts
        .filter(([, value]) => value !== '')
        .map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, element('bdi', {}, value)))),
    ),
  )
}

function beforeWords(atMs: number | null, text: string, sinceMs: number, time: Time): (Node | string)[] {
  const words = element('bdi', {}, text)
  if (atMs === null) return [words]
  const when = element('span', { class: 'soft' }, ` (${time.say(atMs)})`)
  return [`${sayDuration(Math.max(sinceMs - atMs, 0))} before: `, words, when]
}

function linked(title: string, texts: readonly string[], link: (text: string) => readonly [string, string]): HTMLElement[] {
  if (texts.length === 0) return []
  const links = texts.flatMap((text, i) => {
    const [words, href] = link(text)
    return [i === 0 ? '' : ', ', element('a', { href }, element('bdi', {}, words))]
  })
  return [element('p', { class: 'soft' }, `${title}: `, ...links)]
}

function acknowledging({ key }: ShownAlert, again: () => void): HTMLElement {
  const answer = element('p', { role: 'status', class: 'note' }, 'Then it is not said again; it stays here until it is over.')
  const press = async (): Promise<void> => {
    made.disabled = true
    try {
      await post('acknowledge', { key })
      again()
    } catch (error) {
      made.disabled = false
      answer.replaceChildren(...sentence(sayRefusal(error)))
    }
  }
  const made = button({ class: 'main' }, () => void press(), 'Acknowledge')
  return element('div', { class: 'acknowledge' }, made, answer)
}
