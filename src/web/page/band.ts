/** What is open now, above everything else on the first page. */
import type { Alerts } from '../answers.js'
import { alertAddress, isOpen, keyInAddress, lastingOf, OPEN_MS, subjectOf, worstFirst } from './alert-state.js'
import { get } from './api.js'
import { element, part } from './elements.js'
import type { Time } from './time.js'

const SHOWN = 3
const AGAIN_MS = 60_000

/** A link in a message leads to the first page, and on to its alert. @returns whether it does */
export function followAlert(): boolean {
  const key = keyInAddress()
  if (key !== undefined) location.replace(alertAddress(key))
  return key !== undefined
}

/** Shows it, now and as long as somebody looks. Trouble is told by what else is asked for. */
export function keepBand(time: Time): void {
  const show = (): void => void (document.hidden || showBand(time).catch(() => {}))
  show()
  setInterval(show, AGAIN_MS)
  document.addEventListener('visibilitychange', show)
}

async function showBand(time: Time): Promise<void> {
  const now = Date.now()
  const since = new Date(now - OPEN_MS).toISOString()
  const { alerts } = await get<Alerts>('alerts', new URLSearchParams({ since }))
  const open = alerts.filter(alert => isOpen(alert, now)).sort(worstFirst)
  const [worst] = open
  if (worst === undefined) return part('alerts').replaceChildren()
  const items = open.slice(0, SHOWN).map(alert => {
    const subject = subjectOf(alert)
    const [before] = alert.before
    const said = [`${lastingOf(alert, now)}, since ${time.say(alert.sinceMs)}`]
    if (before !== undefined) said.push(`after: ${before.text}`)
    if (alert.acknowledgedMs !== null) said.push('acknowledged')
    return element(
      'li',
      {},
      element('span', { class: `tag ${alert.severity}` }, alert.severity),
      element(
        'a',
        { href: alertAddress(alert.key) },
        alert.title,
        ...(subject === '' ? [] : [': ', element('bdi', {}, subject)]),
      ),
      element('span', { class: 'soft' }, element('bdi', {}, said.join(' · '))),
    )
  })
  const more = open.length - items.length
  if (more > 0) items.push(element('li', {}, element('a', { href: '/alerts' }, `and ${more} more`)))
  part('alerts').replaceChildren(
    element('section', { class: `band ${worst.severity}`, 'aria-label': 'Open alerts' }, element('ul', {}, ...items)),
  )
}
