/** All alerts: which are open, which were, and when; the one that the address names is open in full. */
import type { Alerts, ShownAlert } from '../answers.js'
import { alertDetails } from './alert-details.js'
import { isOpen, keyInAddress, lastingOf, latestFirst, severities, subjectOf, worstFirst } from './alert-state.js'
import { timesElement } from './alert-times.js'
import { clearTrouble, get, getSite, showTrouble } from './api.js'
import { button, element, number, part } from './elements.js'
import { type Time, timeIn } from './time.js'

let time: Time
let alerts: Alerts = { alerts: [], isCut: false }

function open(key: string | undefined): void {
  history.pushState(null, '', key === undefined ? location.pathname : `#alert=${key}`)
  show()
}

function rowOf(alert: ShownAlert, nowMs: number): HTMLLIElement {
  const isShown = alert.key === keyInAddress()
  const { severity, key, endedMs, sinceMs } = alert
  const lasted = `${lastingOf(alert, nowMs)}${endedMs === null && alert.acknowledgedMs !== null ? ', acknowledged' : ''}`
  const subject = subjectOf(alert)
  return element(
    'li',
    { id: `alert-${key}` },
    button(
      { class: 'alert', 'aria-expanded': isShown ? 'true' : 'false', 'data-key': key },
      () => open(isShown ? undefined : key),
      element('span', { class: `tag ${severity}` }, severity),
      element(
        'span',
        { class: 'title' },
        alert.title,
        ...(subject === '' ? [] : [': ', element('b', {}, element('bdi', {}, subject))]),
      ),
      element('time', { datetime: new Date(sinceMs).toISOString() }, time.say(sinceMs)),
      element('span', { class: 'soft' }, lasted),
      element('span', { class: 'soft count' }, alert.count === 0 ? '' : `${number(alert.count)} in all`),
      ...(alert.before.length === 0 ? [] : [element('span', { class: 'soft first' }, `after: ${alert.before[0]!.text}`)]),
    ),
    ...(isShown ? [alertDetails(alert, time, nowMs, () => void load())] : []),
  )
}

function show(): void {
  const nowMs = Date.now()
  const opened = alerts.alerts.filter(alert => isOpen(alert, nowMs)).sort(worstFirst)
  const over = alerts.alerts.filter(alert => !isOpen(alert, nowMs)).sort(latestFirst)
  const focused = document.activeElement?.getAttribute('data-key')
  const counts = severities.map(severity => [opened.filter(alert => alert.severity === severity).length, severity] as const)
  const key = keyInAddress()
  const isMissing = key !== undefined && !alerts.alerts.some(alert => alert.key === key)
  const said = counts.flatMap(([count, severity]) => (count === 0 ? [] : [`${count} ${severity}`])).join(', ')
  part('summary').replaceChildren(
    opened.length === 0 ? 'Nothing is open.' : `Open: ${said}.`,
    isMissing ? ` The alert ${key} is not stored: it may be on its way, or older than what is kept.` : '',
  )
  part('times').replaceChildren(...(alerts.alerts.length === 0 ? [] : [timesElement(alerts.alerts, time, nowMs, open)]))
  for (const [name, some] of [
    ['open', opened],
    ['over', over],
  ] as const) {
    part(name).hidden = some.length === 0
    part(`${name}-rows`).replaceChildren(...some.map(alert => rowOf(alert, nowMs)))
  }
  part('cut').hidden = !alerts.isCut
  if (focused) document.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus()
}

async function load(): Promise<void> {
  alerts = await get<Alerts>('alerts', new URLSearchParams())
  clearTrouble()
  show()
  part('main').setAttribute('aria-busy', 'false')
}

window.addEventListener('popstate', show)
window.addEventListener('hashchange', show)

try {
  time = timeIn((await getSite()).zone)
  await load()
  const key = keyInAddress()
  if (key !== undefined) document.getElementById(`alert-${key}`)?.scrollIntoView({ block: 'center' })
} catch (error) {
  if (!showTrouble(error)) part('main').setAttribute('aria-busy', 'false')
}
