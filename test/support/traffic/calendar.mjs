/** Time as the generator needs it: seconds since 1970, Mailman's stamps in UTC, and how busy an hour of a week is. */

export const MINUTE = 60
export const HOUR = 3600
export const DAY = 86_400

/** `2015-05-12` or `2015-05-12T17:04` → seconds, UTC. */
export function secondsOf(text) {
  const seconds = Date.parse(/T/.test(text) ? `${text}Z` : `${text}T00:00Z`) / 1000
  if (!Number.isInteger(seconds)) throw new Error(`${text} is no day; 2015-05-12 is`)
  return seconds
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const two = Array.from({ length: 60 }, (_, n) => `${n}`.padStart(2, '0'))
let ofDay = Number.NaN
let day = ''
let year = ''

/** `May 19 18:00:07 2015`: each log line pays for it, so a day's part is made once. */
export function stampOf(at) {
  const n = Math.floor(at / DAY)
  if (n !== ofDay) {
    const date = new Date(n * DAY * 1000)
    ofDay = n
    day = `${months[date.getUTCMonth()]} ${two[date.getUTCDate()]}`
    year = `${date.getUTCFullYear()}`
  }
  const second = at - n * DAY
  return `${day} ${two[Math.floor(second / HOUR)]}:${two[Math.floor(second / MINUTE) % 60]}:${two[second % 60]} ${year}`
}

/** 0: Sunday. */
export const weekdayOf = at => (Math.floor(at / DAY) + 4) % 7

const hours = [3, 2, 2, 2, 2, 3, 4, 6, 9, 11, 12, 11, 10, 12, 13, 13, 12, 11, 10, 9, 8, 7, 6, 4]
const weekdays = [0.45, 1.1, 1.15, 1.15, 1.1, 0.95, 0.5]
const mean = hours.reduce((sum, n) => sum + n, 0) / 24
const meanDay = weekdays.reduce((sum, n) => sum + n, 0) / 7

/** How busy people are; 1 in the mean of a week. Machines that send spam know no hours. */
export const rhythm = at => ((hours[Math.floor(at / HOUR) % 24] / mean) * weekdays[weekdayOf(at)]) / meanDay
