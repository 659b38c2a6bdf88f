/** The two charts over time: how many events, with those that were held; and the share of posts that is held. */
import type { Options, default as Plot } from 'uplot'
import type { Times } from '../answers.js'
import { makeDraggable } from './drag.js'
import { number, part } from './elements.js'
import type { Time } from './time.js'

export type Chart = Plot
// The library's script, which stands before ours in the page.
declare const uPlot: typeof Plot

const HEIGHT = 150
const SHARE_HEIGHT = 84
const SYNC = 'time'
const HINT = 'Drag over a chart, or click a bar, to narrow the time.'

let charts: readonly Plot[] = []
/** Draws them again, where colours or the width change. */
let draw = (): void => {}

const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** @param choose gets the stretch that was dragged over, end exclusive */
export function showTimes(times: Times, time: Time, choose: (sinceMs: number, untilMs: number) => void): void {
  const { startsMs, counts, held, shares, bucketMs } = times
  draw = () => {
    for (const chart of charts) chart.destroy()
    charts = []
    if (startsMs.length === 0) return
    const x = startsMs.map(ms => ms / 1000)
    const bars = uPlot.paths.bars!({ size: [0.86, 64], align: 1 })
    const events = new uPlot(
      optionsOf(times, time, HEIGHT, [
        { stroke: colour('--bar'), fill: colour('--bar'), paths: bars, points: { show: false } },
        { stroke: colour('--held'), fill: colour('--held'), paths: bars, points: { show: false } },
      ]),
      [x, barsOf(counts), barsOf(held)],
      part('events-chart'),
    )
    const share = new uPlot(
      {
        ...optionsOf(times, time, SHARE_HEIGHT, [
          {
            stroke: colour('--held'),
            fill: colour('--held'),
            paths: bars,
            points: { show: false },
          },
        ]),
        scales: { x: { range: rangeOf(times) }, y: { range: [0, 1] } },
      },
      [x, shares as (number | null)[]],
      part('share-chart'),
    )
    charts = [events, share]
    for (const chart of charts)
      makeDraggable(chart, (left, right) => {
        const [from, to] = [left, right].map(pixel => chart.posToVal(pixel, 'x') * 1000) as [number, number]
        const since = Math.floor(from / bucketMs) * bucketMs
        choose(since, Math.max(Math.ceil(to / bucketMs) * bucketMs, since + bucketMs))
      })
  }
  draw()
  describe(times, time)
}

/** Nothing is no bar, not a flat one. */
const barsOf = (counts: readonly number[]): (number | null)[] => counts.map(count => (count === 0 ? null : count))

function optionsOf(times: Times, time: Time, height: number, series: Options['series']): Options {
  const ink = colour('--soft')
  const axis = {
    stroke: ink,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  }
  const isShare = height === SHARE_HEIGHT
  return {
    width: Math.max(part('events-chart').clientWidth, 240),
    height,
    legend: { show: false },
    tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), time.zone),
    padding: [8, 22, 0, 0],
    cursor: { drag: { x: false, y: false }, sync: { key: SYNC }, points: { show: false }, y: false },
    scales: { x: { range: rangeOf(times) }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] } },
    axes: [
      {
        ...axis,
        space: 84,
        grid: { show: false },
        size: isShare ? 6 : 26,
        ...(isShare ? { values: () => [] } : { values: ticksIn(time.zone) }),
      },
      {
        ...axis,
        size: 46,
        space: isShare ? 28 : 36,
        values: (_, values) =>
          values.map(value => (isShare ? `${Math.round(value * 100)} %` : Number.isInteger(value) ? number(value) : '')),
      },
    ],
    series: [{}, ...series],
    hooks: { setCursor: [({ cursor: { idx } }) => point(times, time, idx ?? undefined)] },
  }
}

const rangeOf =
  ({ startsMs, bucketMs }: Times) =>
  (): [number, number] => [startsMs[0]! / 1000, (startsMs.at(-1)! + bucketMs) / 1000]

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAY_S = 86_400

/** As coarse as the steps between them; the larger unit is said where it changes. */
const ticksIn =
  (zone: string) =>
  (_plot: Plot, values: number[], _axis: number, _space: number, stepSeconds: number): string[] => {
    let before = ''
    return values.map(value => {
      const date = uPlot.tzDate(new Date(value * 1000), zone)
      const two = (n: number): string => String(n).padStart(2, '0')
      const day = `${date.getDate()} ${months[date.getMonth()]}`
      const [small, large] =
        stepSeconds >= 360 * DAY_S
          ? [String(date.getFullYear()), '']
          : stepSeconds >= 27 * DAY_S
            ? [months[date.getMonth()]!, String(date.getFullYear())]
            : stepSeconds >= DAY_S
              ? [day, String(date.getFullYear())]
              : [`${two(date.getHours())}:${two(date.getMinutes())}${stepSeconds < 60 ? `:${two(date.getSeconds())}` : ''}`, day]
      const isNew = large !== before
      before = large
      return large !== '' && isNew ? `${small} ${large}` : small
    })
  }

/** What the cursor points at. */
function point(times: Times, time: Time, index: number | undefined): void {
  const start = index === undefined ? undefined : times.startsMs[index]
  part('pointed').textContent =
    index === undefined || start === undefined
      ? HINT
      : `${time.say(start)}: ${number(times.counts[index]!)} events, ${number(times.held[index]!)} held${sayShare(times.shares[index])}`
}

const sayShare = (share: number | null | undefined): string =>
  share === null || share === undefined ? '' : `; ${Math.round(share * 100)} % of posts held`

/** The same in words, for those who do not see it. */
function describe({ startsMs, counts, held, shares, bucketMs }: Times, time: Time): void {
  const most = counts.reduce((best, count, i) => (count > counts[best]! ? i : best), 0)
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
  const highest = Math.max(...shares.map(share => share ?? 0), 0)
  const says = (text: string, id: string): void => part(id).setAttribute('aria-label', text)
  if (startsMs.length === 0) {
    says('No events.', 'events-chart')
    says('No posts.', 'share-chart')
    return
  }
  const span = `${time.say(startsMs[0]!)} to ${time.say(startsMs.at(-1)! + bucketMs)}`
  says(
    `Events over time, ${span}: ${number(sum(counts))} events, ${number(sum(held))} of them held messages; most at ${time.say(startsMs[most]!)}.`,
    'events-chart',
  )
  says(`Share of posts that were held over time, at most ${Math.round(highest * 100)} %.`, 'share-chart')
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => draw())
let width = 0
new ResizeObserver(([entry]) => {
  const now = Math.round(entry!.contentRect.width)
  if (now !== width) requestAnimationFrame(() => draw())
  width = now
}).observe(part('events-chart'))
