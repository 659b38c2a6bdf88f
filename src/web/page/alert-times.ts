/** When alerts were open: a strip for each severity, as long as a month. */
import type { ShownAlert } from '../answers.js'
import { isOpen, lastingOf, severities } from './alert-state.js'
import { element } from './elements.js'
import type { Time } from './time.js'

const DAY_MS = 86_400_000
const LONGEST_MS = 30 * DAY_MS
const PARTS = 4

/** @param open gets the key of the one that was clicked; the rows below serve who uses no mouse */
export function timesElement(alerts: readonly ShownAlert[], time: Time, nowMs: number, open: (key: string) => void): HTMLElement {
  const oldest = Math.min(...alerts.map(({ sinceMs }) => sinceMs))
  const latest = Math.max(...alerts.map(({ sinceMs, endedMs }) => endedMs ?? sinceMs))
  // Of alerts that are all long over, their own time.
  const untilMs = latest < nowMs - LONGEST_MS ? latest + DAY_MS : nowMs
  const sinceMs = Math.max(untilMs - LONGEST_MS, Math.min(oldest - DAY_MS / 24, untilMs - DAY_MS))
  const share = (ms: number): number => (100 * (Math.min(Math.max(ms, sinceMs), untilMs) - sinceMs)) / (untilMs - sinceMs)
  const shown = alerts.filter(alert => (alert.endedMs ?? alert.sinceMs) >= sinceMs)

  const strips = severities.map(severity => {
    const strip = element('div', { class: 'strip' })
    const ofThis = shown.filter(alert => alert.severity === severity)
    for (const alert of ofThis) {
      const endMs = alert.endedMs ?? (isOpen(alert, nowMs) ? untilMs : alert.sinceMs)
      const mark = element('span', {
        class: `mark ${severity}`,
        title: `${alert.title}: ${time.say(alert.sinceMs)}, ${lastingOf(alert, nowMs)}`,
      })
      mark.style.setProperty('--at', `${share(alert.sinceMs)}%`)
      mark.style.setProperty('--wide', `${share(endMs) - share(alert.sinceMs)}%`)
      mark.addEventListener('click', () => open(alert.key))
      strip.append(mark)
    }
    return element('div', { class: 'lane' }, element('span', {}, `${severity} `, element('b', {}, String(ofThis.length))), strip)
  })
  const isShort = untilMs - sinceMs < 3 * DAY_MS
  const ticks = Array.from({ length: PARTS }, (_, i) => {
    const text = time.say(sinceMs + (i * (untilMs - sinceMs)) / PARTS)
    return element('span', {}, isShort ? text.slice(5, 16) : text.slice(0, 10))
  })
  const says = severities.map(severity => `${shown.filter(alert => alert.severity === severity).length} ${severity}`).join(', ')
  return element(
    'div',
    {
      class: 'card lanes',
      role: 'img',
      'aria-label': `When alerts were open, ${time.say(sinceMs)} to ${time.say(untilMs)}: ${says}.`,
    },
    ...strips,
    element('div', { class: 'lane ticks' }, element('span'), element('div', {}, ...ticks)),
  )
}
