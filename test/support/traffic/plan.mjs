/** What befalls a host that is well, in so many days: nothing of it is trouble, and none of it should wake anybody. */
import { randomOf } from '../chance.mjs'
import { DAY, HOUR, MINUTE } from './calendar.mjs'

/** Europe: clocks go forward on the last Sunday of March, and back on that of October, at 01:00 UTC. @returns seconds from UTC */
export function europe(at) {
  const year = new Date(at * 1000).getUTCFullYear()
  if (year !== known.year) Object.assign(known, { year, from: lastSunday(year, 2), to: lastSunday(year, 9) })
  return at >= known.from && at < known.to ? 2 * HOUR : HOUR
}
const known = { year: 0, from: 0, to: 0 }

export function lastSunday(year, month) {
  const last = Date.UTC(year, month + 1, 0, 1) / 1000
  return last - ((Math.floor(last / DAY) + 4) % 7) * DAY
}

/** Mailman is down from the first to the second; what was to be written comes afterwards. @param seconds that it takes */
export const restart = (at, seconds) => ({ stopped: Math.floor(at), started: Math.floor(at) + seconds })

/** @param holdsPerHour that are usual on this host */
export function quietPlan({ from, to, seed, holdsPerHour }) {
  const random = randomOf(seed ^ 0x51a9)
  const days = Math.round((to - from) / DAY)
  const between = (low, high) => low + random() * (high - low)
  const pick = values => values[Math.floor(random() * values.length)]
  const some = (n, make) => Array.from({ length: n }, (_, i) => make(i)).sort((a, b) => a.from - b.from)
  const anyTime = () => Math.floor(between(from + HOUR, to - 6 * HOUR))
  const dayOf = n => from + Math.floor(n) * DAY

  const week = dayOf(between(10, days - 10))
  const holidays = [
    ...some(5, () => dayOf(between(3, days - 1))).map(at => ({ from: at, to: at + DAY })),
    { from: week, to: week + 7 * DAY },
  ]

  const waves = some(Math.round(days / 6), () => {
    const at = anyTime()
    const times = Math.exp(between(Math.log(3), Math.log(20)))
    const to = Math.floor(at + Math.exp(between(Math.log(15), Math.log(300))) * MINUTE)
    // To all lists, to a few, to one.
    return { from: at, to, times, perHour: (times - 1) * holdsPerHour, lists: pick([undefined, undefined, 20, 1]) }
  })

  const stops = [
    ...Array.from({ length: Math.round(days / 12) }, () => restart(anyTime(), Math.floor(between(3, 60)))),
    // For longer, and in the middle of waves.
    restart(anyTime(), Math.floor(between(5, 25)) * MINUTE),
    ...Array.from({ length: 3 }, () => pick(waves)).map(wave => restart(between(wave.from, wave.to), Math.floor(between(3, 30)))),
  ].sort((a, b) => a.stopped - b.stopped)

  const clears = []
  for (let at = from + DAY; at < to; at += between(0.2, 1.2) * DAY)
    clears.push({
      at: Math.floor(at),
      count: Math.floor(Math.exp(between(Math.log(50), Math.log(900)))),
      isLogged: random() < 0.5,
    })

  const clocks = some(2, () => {
    const at = anyTime()
    return { from: at, to: Math.floor(at + between(0.2, 30) * HOUR), by: pick([-1, 1]) * Math.floor(between(1, 20) * MINUTE) }
  })
  return {
    paces: holidays.map(day => ({ ...day, pace: 0.2 })),
    waves,
    stops: apart(stops),
    clears,
    clocks: clocks[1].from > clocks[0].to ? clocks : [clocks[0]],
    digestsAreLogged: random() < 0.5,
  }
}

const apart = stops => stops.filter(({ stopped }, i) => i === 0 || stopped > stops[i - 1].started + 10 * MINUTE)
