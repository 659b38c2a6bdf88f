/** The outage of 2015 as if it began now: the weeks before it are written as logs, what comes then is given out line by line. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { stampOf } from './traffic/calendar.mjs'
import { writeLogs } from './traffic/files.mjs'
import { generate, incident2015, type TrafficOptions, type TrafficRecord } from './traffic/generate.mjs'

/** 80 posts an hour on 100 lists, ten days. */
const weeks: TrafficOptions = { lists: 100, from: '2015-05-10', to: '2015-05-19', events: 50_000, incident: '2015', seed: 7 }
const STAMP = 20

export interface OutageStory {
  /** What was written before the start that brings the outage. */
  readonly records: number
  /** The start, on the clock. */
  readonly startedMs: number
  /** Writes what comes up to so many seconds after the start, as far as it is not written yet. */
  goOn(seconds: number): void
}

/** @param directory of the logs */
export function tellOutage(directory: string, nowMs = Date.now()): OutageStory {
  const shift = Math.floor(nowMs / 1000) - incident2015.started
  const later: TrafficRecord[] = []
  function* before(): Generator<TrafficRecord[]> {
    for (const records of generate(weeks)) {
      const moved = records.map(record => ({
        ...record,
        at: record.at + shift,
        text: `${stampOf(record.at + shift)}${record.text.slice(STAMP)}`,
      }))
      if (records.every(({ at }) => at < incident2015.started)) yield moved
      else later.push(...moved)
    }
  }
  const { records } = writeLogs(directory, before())
  const startedMs = (incident2015.started + shift) * 1000
  let next = 0
  return {
    records,
    startedMs,
    goOn(seconds) {
      const until = startedMs / 1000 + seconds
      for (; next < later.length && later[next]!.at <= until; next++)
        appendFileSync(join(directory, later[next]!.log), later[next]!.text)
    },
  }
}
