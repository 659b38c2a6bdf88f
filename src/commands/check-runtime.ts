/** What `check` says of Node.js itself: an agent that is forgotten outlives the runtime it was installed with. Never a refusal. */
import { type Finding, warning } from './check-host.js'

/**
 * Major version → the last day on which its faults are mended, UTC. From schedule.json of https://github.com/nodejs/Release
 * (commit e4bf922, 2026-07-02), which says that dates are subject to change. Of newer ones nothing is known here.
 */
const LAST_DAYS: ReadonlyMap<number, string> = new Map([
  [20, '2026-04-30'],
  [21, '2024-06-01'],
  [22, '2027-04-30'],
  [23, '2025-06-01'],
  [24, '2028-04-30'],
  [25, '2026-06-01'],
  [26, '2029-04-30'],
  [27, '2030-04-30'],
])
const DAY_MS = 86_400_000
const MONTHS_BEFORE = 3

const REMEDY =
  'Install a newer Node.js (https://nodejs.org/en/about/previous-releases), or the newest package of mailman-shipper where it brings its own.'

/** @param version as `process.version` says it: `v22.12.0` */
export function checkRuntime(version: string, nowMs: number): Finding[] {
  const lastDay = LAST_DAYS.get(Number.parseInt(version.slice(1), 10))
  if (lastDay === undefined) return []
  const what = `Node.js ${version.slice(1)}`
  if (nowMs >= Date.parse(lastDay) + DAY_MS)
    return [warning('runtime', `${what} is past its end of life, ${lastDay}: holes in it are mended no more`, REMEDY)]
  const soon = new Date(lastDay)
  soon.setUTCMonth(soon.getUTCMonth() - MONTHS_BEFORE)
  return nowMs < soon.getTime() ? [] : [warning('runtime', `${what} comes to its end of life on ${lastDay}`, REMEDY)]
}
