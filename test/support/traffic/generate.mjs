/**
 * Mailman 2.1 logs of a host with many lists, as records in the order of time: daily and weekly rhythm, members and strangers,
 * spam in waves, moderators, restarts, and on request the incident of 2015. The same options give the same records. What lies
 * ahead (decisions of moderators, bounces) is all that is kept, so memory does not grow with the number of records.
 */
import { randomOf } from '../chance.mjs'
import { DAY, HOUR, MINUTE, rhythm, secondsOf, stampOf, weekdayOf } from './calendar.mjs'
import { makeHost, poisson } from './host.mjs'
import { makeMessages } from './messages.mjs'
import { makePrograms } from './programs.mjs'

/** 2015-05-19, UTC: Mailman is stopped, is started with errors, and holds every post until it is started again. */
export const incident2015 = {
  stopped: secondsOf('2015-05-19T17:04'),
  started: secondsOf('2015-05-19T18:00') + 7,
  mended: secondsOf('2015-05-19T20:58') + 21,
  reason: 'Message has a suspicious header',
}

/** For each post or spam, with all that follows from it (measured over a usual week). */
const RECORDS_PER_ARRIVAL = 2.35
const SPAM = 0.12

export const defaults = {
  lists: 700,
  from: '2015-05-12',
  to: '2015-05-20',
  /** Records, about; default 40 for each list and day. */
  events: undefined,
  seed: 1,
  /** '2015' */
  incident: undefined,
  /** Spam for 80 minutes of each Thursday, from 13:10, to all lists. */
  waves: true,
}

/** @yields the records of a minute: `{ at, log, text, action }`, `text` with its stamp and newlines, `action` as parsed */
export function* generate(options = {}) {
  const { lists, from, to, events, seed, incident, waves } = { ...defaults, ...options }
  const begin = secondsOf(from)
  const end = secondsOf(to) + DAY
  if (!(begin < end)) throw new Error('--from is after --to')
  const outage = incident === '2015' ? incident2015 : undefined
  const random = randomOf(seed)
  const chance = share => random() < share

  const ahead = new Map()
  let now = begin
  const put = (when, log, pid, text, action) => {
    let at = Math.max(when, now)
    // Nobody writes while Mailman is down; what was to be comes after it.
    if (outage !== undefined && at > outage.stopped && at < outage.started) at = outage.started + 60 + Math.floor(random() * 600)
    const minute = Math.floor(at / MINUTE)
    const records = ahead.get(minute)
    const record = { at, log, pid, text, action }
    if (records === undefined) ahead.set(minute, [record])
    else records.push(record)
  }

  const host = makeHost(lists, random)
  const programs = makePrograms(put, random)
  const messages = makeMessages({ put, host, programs, random, chance })
  let minutes = 0
  for (let at = begin; at < end; at += MINUTE) minutes += SPAM + (1 - SPAM) * rhythm(at)
  const perMinute = (events ?? (lists * 40 * (end - begin)) / DAY) / RECORDS_PER_ARRIVAL / minutes
  programs.start(begin)

  for (; now < end; now += MINUTE) {
    const second = () => now + Math.floor(random() * MINUTE)
    const within = at => at >= now && at < now + MINUTE
    if (outage !== undefined) {
      if (within(outage.stopped)) programs.stop(outage.stopped)
      if (within(outage.started)) startBadly(outage.started)
      if (within(outage.mended)) {
        programs.stop(outage.mended)
        programs.start(outage.mended + 9)
      }
    }
    if (now % DAY === 6 * HOUR + 25 * MINUTE) programs.reopen(now + 2)
    if (weekdayOf(now) === 0 && now % DAY === 4 * HOUR) programs.stop(now + 11, 'SIGINT')
    const isWave = waves && weekdayOf(now) === 4 && now % DAY >= 13 * HOUR + 10 * MINUTE && now % DAY < 14 * HOUR + 30 * MINUTE
    const posts = perMinute * (1 - SPAM) * rhythm(now)
    for (let n = poisson(posts, random); n > 0; n--) arrive(messages.post, second())
    for (let n = poisson(perMinute * (isWave ? 2.5 : SPAM), random); n > 0; n--) arrive(messages.spam, second())
    for (let n = poisson(posts * 0.03, random); n > 0; n--) messages.bounce(second())
    for (let n = poisson(posts * 0.03, random); n > 0; n--) messages.membership(second())
    for (let n = poisson(perMinute * 0.004, random); n > 0; n--) messages.noise(second())

    const minute = now / MINUTE
    const records = ahead.get(minute)
    if (records === undefined) continue
    ahead.delete(minute)
    records.sort((a, b) => a.at - b.at)
    yield records.map(({ at, log, pid, text, action }) => ({ at, log, text: `${stampOf(at)} (${pid}) ${text}\n`, action }))
  }

  /** Mail waits in the mail server while Mailman is down, and comes within minutes afterwards. */
  function arrive(message, at) {
    if (outage === undefined || at < outage.stopped || at >= outage.mended) return message(at, undefined)
    const when = at < outage.started ? outage.started + 15 + Math.floor(random() * 500) : at
    message(when, when < outage.mended ? outage.reason : undefined)
  }

  function startBadly(at) {
    programs.start(at)
    for (let i = 0; i < 6; i++) {
      const list = host.busyList()
      programs.shunt(
        at + 2 + i * 3,
        'IncomingRunner',
        `IOError: [Errno 13] Permission denied: '/var/lib/mailman/lists/${list.name}/request.pck'`,
      )
    }
  }
}
