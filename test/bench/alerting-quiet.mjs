// Ninety days of a host that is well (support/traffic/plan.mjs): whatever is told is told falsely, but for waves of spam as such.
import { deserialize, serialize } from 'node:v8'
import { randomOf } from '../support/chance.mjs'
import { DAY, MINUTE } from '../support/traffic/calendar.mjs'
import { holdsPerHour, live } from '../support/traffic/life.mjs'
import { quietPlan } from '../support/traffic/plan.mjs'
import { readEvents, withoutSender } from './alerting-events.mjs'
import { rules, seenOf } from './alerting-rules.mjs'
import { built } from './program.mjs'

const { Detector } = await import(built('src/alerts/detector.js'))

const SHARES = [0.1, 0.2, 0.3]
/** With the change of clocks in March, or in October. */
const BEGINS = [Date.UTC(2015, 0, 20) / 1000, Date.UTC(2015, 7, 20) / 1000]
/** Days of old logs that are fed anew: of one log, of all, and of all between events of now. */
const BACKFILLS = [
  { days: 3, isOf: record => record.log === 'vette', isMixed: false },
  { days: 2, isOf: () => true, isMixed: false },
  { days: 2, isOf: () => true, isMixed: true },
]

export function quietOf(seed, days = 90) {
  const share = SHARES[seed % 3]
  const from = BEGINS[seed % 2]
  const to = from + days * DAY
  const plan = quietPlan({ from, to, seed, holdsPerHour: holdsPerHour({ perHour: 150, share }) })
  return { from, to, seed, share, plan }
}

/** @returns { days, told: [{ way, kind, severity, list, at, inWave, … }], waves: [{ …, isTold }] } */
export function measureQuiet(options, { hasSenders = true, restarts = 15, withRules = true } = {}) {
  const { from, to, seed, plan } = options
  const random = randomOf(seed ^ 0x9e37)
  const told = []
  let now = from
  const tell = (way, kind, severity, list, more) => {
    const wave = plan.waves.find(each => now >= each.from && now < each.to + 10 * MINUTE)
    told.push({ way, kind, severity, list, at: now, inWave: wave !== undefined, ...more })
  }
  const keys = new Set()
  const ends = new Map()
  const seeing = {
    raised(alert) {
      // Told again after a crash: it is the same, and people are not told twice.
      if (!keys.has(alert.key)) tell('ours', alert.kind, alert.severity, alert.list, { alert })
      keys.add(alert.key)
    },
    ended: ({ key, endedMs }) => ends.set(key, endedMs / 1000),
  }
  const read = readEvents()
  const events = record => {
    const event = read(record)
    return event === undefined || hasSenders ? event : withoutSender(event)
  }
  const ways = withRules ? Object.entries(rules).map(([name, make]) => make(list => tell(name, 'holds', 'alert', list))) : []
  let detector = new Detector(seeing)
  const see = event => detector.see(event, clockMs())
  const clockMs = () => {
    const wrong = plan.clocks.find(each => now >= each.from && now < each.to)
    return (now + (wrong?.by ?? 0)) * 1000
  }
  // Killed up to a minute after it had saved what it knows.
  const kills = Array.from({ length: restarts }, () => Math.floor(from + random() * (to - from)))
    .sort((a, b) => a - b)
    .map(at => ({ at, savedAt: at - Math.floor(random() * 60) }))
  let saved
  const killOrSave = () => {
    if (kills.length === 0 || now < kills[0].savedAt) return
    saved ??= serialize(detector.state)
    if (now < kills[0].at) return
    detector = new Detector(seeing, deserialize(saved))
    saved = undefined
    kills.shift()
  }

  const backfills = BACKFILLS.map((backfill, i) => {
    const oldFrom = from + Math.floor(5 + random() * 20) * DAY
    return {
      ...backfill,
      oldFrom,
      oldTo: oldFrom + backfill.days * DAY,
      at: from + Math.floor((45 + i * 12 + random() * 10) * DAY),
      old: [],
    }
  })
  let mixed = []
  for (const records of live(options)) {
    for (const backfill of backfills) {
      if (backfill.at > records[0].at || backfill.isDone) continue
      backfill.isDone = true
      tell('backfill')
      if (backfill.isMixed) mixed = backfill.old
      else for (const event of backfill.old) see(event)
    }
    for (const record of records) {
      now = record.at
      killOrSave()
      const event = events(record)
      if (event === undefined) continue
      for (const { oldFrom, oldTo, old, isOf } of backfills) if (now >= oldFrom && now < oldTo && isOf(record)) old.push(event)
      see(event)
      if (mixed.length > 0) see(mixed.shift())
      const seen = withRules ? seenOf(event) : undefined
      if (seen !== undefined) for (const way of ways) way.see(seen)
    }
    now = Math.floor(now / MINUTE + 1) * MINUTE
    detector.tick(clockMs())
    for (const way of ways) way.minute(now * 1000)
  }
  // One alert may last for two waves.
  const standing = told
    .filter(({ kind }) => kind === 'spam-wave')
    .map(({ at, alert }) => ({ from: at, to: ends.get(alert.key) ?? Number.POSITIVE_INFINITY }))
  const waves = plan.waves.map(wave => ({
    ...wave,
    isTold: standing.some(({ from, to }) => from < wave.to + 10 * MINUTE && to > wave.from),
  }))
  return { days: (to - from) / DAY, told: told.filter(({ way }) => way !== 'backfill'), waves, all: told }
}
