// Outages: of the whole host as in 2015, and of single lists. How many held messages, and seconds, until each way of looking tells.
import { randomOf } from '../support/chance.mjs'
import { DAY, HOUR, MINUTE } from '../support/traffic/calendar.mjs'
import { makeHost } from '../support/traffic/host.mjs'
import { live } from '../support/traffic/life.mjs'
import { restart } from '../support/traffic/plan.mjs'
import { readEvents, withoutSender } from './alerting-events.mjs'
import { rules, seenOf } from './alerting-rules.mjs'
import { built } from './program.mjs'

const { Detector } = await import(built('src/alerts/detector.js'))

const SHARES = [0.1, 0.2, 0.3]
const REASONS = ['header', 'stranger', 'mixed']
const BEGIN = Date.UTC(2015, 0, 4) / 1000
const LASTS = 3 * HOUR

/** Three to four weeks of usual days, then from a restart on all is held. Each seed has its own weeks, day, hour, share and reason. */
export function outageOf(seed) {
  const random = randomOf(seed ^ 0x2015)
  const from = BEGIN + Math.floor(random() * 250) * DAY
  const at = from + 21 * DAY + Math.floor(random() * 7 * DAY)
  // For seconds, or for an hour of maintenance, after which all that waited comes at once.
  const outage = {
    ...restart(at, seed % 2 === 0 ? Math.floor(5 + random() * 55) : 56 * MINUTE),
    reason: REASONS[Math.floor(seed / 3) % 3],
  }
  outage.errors = Math.floor(seed / 2) % 2 === 0 ? 6 : 0
  outage.until = outage.started + LASTS
  return { from, to: outage.started + LASTS, seed, share: SHARES[seed % 3], plan: { outage, clears: clearsOf(from, at, random) } }
}

const clearsOf = (from, to, random) => {
  const clears = []
  for (let at = from + DAY; at < to; at += (1 + random()) * DAY)
    clears.push({ at: Math.floor(at), count: 300, isLogged: random() < 0.5 })
  return clears
}

/**
 * @returns for each way of looking: undefined where it did not tell within three hours, else { missed, held, seconds, before }:
 * messages held that would have been posted, all that were held, since the first post that should have been posted
 */
export function measureOutage(options, { isWithoutSendersToo = false } = {}) {
  const { outage } = options.plan
  let now = 0
  let held = 0
  let missed = 0
  let firstMissed
  const told = new Map()
  const falsely = new Map()
  const tell = (name, more) => {
    if (now < outage.started) falsely.set(name, (falsely.get(name) ?? 0) + 1)
    else if (!told.has(name))
      told.set(name, { missed, held, seconds: now - (firstMissed ?? now), sinceStart: now - outage.started, ...more })
  }
  const detectorOf = name =>
    new Detector({
      raised: ({ kind, list, before }) => {
        const namesRestart = before.some(({ what }) => what === 'restart' || what === 'start')
        if (kind === 'holds-spike' && list === null) tell(name, { namesRestart })
      },
      ended: () => {},
    })
  const events = readEvents()
  const detector = detectorOf('ours')
  const blind = isWithoutSendersToo ? detectorOf('ours, no senders') : undefined
  const others = Object.entries(rules).filter(([name]) => !/list/.test(name))
  const ways = others.map(([name, make]) => make(() => tell(name)))
  for (const records of live(options)) {
    for (const record of records) {
      now = record.at
      if (record.action === 'message-held' && now >= outage.started) {
        held++
        if (record.wouldPost) missed++
        if (record.wouldPost) firstMissed ??= now
      }
      const event = events(record)
      if (event === undefined) continue
      detector.see(event)
      blind?.see(withoutSender(event))
      // Rules that look at a week need no more than that.
      if (now < outage.stopped - 8 * DAY) continue
      const seen = seenOf(event)
      if (seen !== undefined) for (const way of ways) way.see(seen)
    }
    now = Math.floor(now / MINUTE + 1) * MINUTE
    detector.tick(now * 1000)
    blind?.tick(now * 1000)
    if (now > outage.stopped - DAY) for (const way of ways) way.minute(now * 1000)
    if (told.size === ways.length + (blind === undefined ? 1 : 2)) break
  }
  return { told, falsely }
}

const OF_LIST = 2.5 * DAY

/** Ten lists of about ten posts a day, one after the other: from some hour on each holds all that is written to it. */
export function listOutagesOf(seed, lists = 10) {
  const random = randomOf(seed ^ 0x115f)
  const from = BEGIN + Math.floor(random() * 200) * DAY
  const heldLists = Array.from({ length: lists }, (_, i) => {
    const at = from + 21 * DAY + Math.floor((i * 2.7 + random() * 0.2) * DAY)
    return { index: TEN_A_DAY[Math.floor(random() * TEN_A_DAY.length)], from: at, until: at + OF_LIST, reason: REASONS[i % 3] }
  })
  const to = heldLists.at(-1).until
  return { from, to, seed, share: SHARES[seed % 3], plan: { heldLists, clears: clearsOf(from, to, random) } }
}

/** Lists that get 8 to 12 posts a day of 3,600; the busier ones come first. */
const TEN_A_DAY = (() => {
  const { lists } = makeHost(700, () => 0.5)
  const total = lists.at(-1).upTo
  const perDay = ({ upTo, index }) => (3600 * (upTo - (lists[index - 1]?.upTo ?? 0))) / total
  return lists.filter(list => perDay(list) > 8 && perDay(list) < 12).map(({ index }) => index)
})()

/** @returns for each list, and each way of looking, as measureOutage; seconds since the list's first held post */
export function measureLists(options) {
  const { heldLists } = options.plan
  const { lists } = makeHost(700, randomOf(options.seed))
  const outages = heldLists.map(each => ({ ...each, name: lists[each.index].name, held: 0, missed: 0, told: new Map() }))
  let now = 0
  const tell = (way, list) => {
    const outage = outages.find(({ name, from, until }) => name === list && now >= from && now < until)
    if (outage === undefined || outage.told.has(way)) return
    const { held, missed, firstMs } = outage
    outage.told.set(way, { missed, held, seconds: now - (firstMs ?? now) })
  }
  const events = readEvents()
  const detector = new Detector({ raised: ({ kind, list }) => kind === 'holds-spike' && tell('ours', list), ended: () => {} })
  const ways = Object.entries(rules).flatMap(([name, make]) => (/list/.test(name) ? [make(list => tell(name, list))] : []))
  for (const records of live(options)) {
    for (const record of records) {
      const event = events(record)
      if (event === undefined) continue
      now = record.at
      const seen = seenOf(event)
      if (record.action === 'message-held')
        for (const outage of outages)
          if (outage.name === seen.list && now >= outage.from && now < outage.until) {
            outage.held++
            if (!record.wouldPost) continue
            outage.missed++
            outage.firstMs ??= now
          }
      detector.see(event)
      if (seen !== undefined) for (const way of ways) way.see(seen)
    }
    now = Math.floor(now / MINUTE + 1) * MINUTE
    detector.tick(now * 1000)
    if (now > options.from + 20 * DAY) for (const way of ways) way.minute(now * 1000)
  }
  return outages
}
