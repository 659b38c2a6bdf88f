/** A stretch of a chart chosen by mouse, finger or pen; a click or tap chooses the bar that is hit. */
import type { Chart } from './chart.js'

const MIN_PIXELS = 6

/** @param choose gets both ends in pixels from the left of the plotting area; the same twice: a click */
export function makeDraggable(chart: Chart, choose: (left: number, right: number) => void): void {
  const { over } = chart
  let begun: number | undefined
  const at = (event: PointerEvent): number => {
    const { left, width } = over.getBoundingClientRect()
    return Math.min(Math.max(event.clientX - left, 0), width)
  }
  const show = (left: number, width: number): void => chart.setSelect({ left, width, top: 0, height: over.clientHeight }, false)
  over.addEventListener('pointerdown', event => {
    if (event.button !== 0) return
    begun = at(event)
    over.setPointerCapture(event.pointerId)
  })
  over.addEventListener('pointermove', event => {
    if (begun === undefined) return
    const now = at(event)
    show(Math.min(begun, now), Math.abs(now - begun))
  })
  over.addEventListener('pointerup', event => {
    if (begun === undefined) return
    const now = at(event)
    const isClick = Math.abs(now - begun) < MIN_PIXELS
    choose(isClick ? now : Math.min(begun, now), isClick ? now : Math.max(begun, now))
    begun = undefined
    show(0, 0)
  })
  // Else the click that follows a tap hits what has moved below the finger meanwhile.
  over.addEventListener('touchend', event => event.preventDefault(), { passive: false })
  // The finger scrolls the page instead.
  over.addEventListener('pointercancel', () => {
    begun = undefined
    show(0, 0)
  })
}
