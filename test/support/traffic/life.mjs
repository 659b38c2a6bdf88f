/**
 * A host of Mailman 2.1 over months, by a plan (plan.mjs): the parts of generate.mjs, with more of what happens to a host. Records
 * come in the order of true time; what the logs say may differ from it, where the host's clock was wrong.
 */
import { randomOf } from '../chance.mjs'
import { DAY, HOUR, MINUTE, rhythm, stampOf, weekdayOf } from './calendar.mjs'
import { makeHost, poisson } from './host.mjs'
import { makeMessages, NON_MEMBER } from './messages.mjs'
import { europe } from './plan.mjs'
import { makePrograms } from './programs.mjs'

/** Of posts by people, so many are held: strangers', members' for a word in them, those to moderated lists. */
const STRANGERS = 0.02
const HELD_OF_PEOPLE = 0.053
const DISCARDED = 0.3

export const defaults = { lists: 700, perHour: 150, share: 0.2, seed: 1, plan: {} }

/** Spam that is held in an hour, so that it makes up the share of holds together with what is held of people's. */
const spamPerHour = ({ perHour, share }) => (perHour * Math.max(0, share - HELD_OF_PEOPLE)) / (1 - share)

export const holdsPerHour = options => options.perHour * HELD_OF_PEOPLE + spamPerHour(options)

/** Small lists for announcements: what members write waits as well. */
const isModerated = ({ index }) => index >= 100 && index % 20 === 7

const reasons = {
  header: () => 'Message has a suspicious header',
  stranger: () => NON_MEMBER,
  mixed: random => (random() < 0.5 ? NON_MEMBER : 'Message has implicit destination'),
}

/** As Mailman writes it. */
export const textOf = ({ loggedAt, pid, text }, offsetOf = europe) =>
  `${stampOf(loggedAt + offsetOf(loggedAt))} (${pid}) ${text}\n`

/**
 * @param options from, to: seconds; lists, perHour (posts by people), share (of holds), seed; plan
 * @yields the records of a minute: { at, loggedAt, log, pid, text, action, wouldPost }
 */
export function* live(options) {
  const { lists, from, to, seed, perHour, share, plan } = { ...defaults, ...options }
  const { paces = [], waves = [], stops = [], clears = [], clocks = [], outage, heldLists = [], digestsAreLogged } = plan
  const random = randomOf(seed)
  const chance = part => random() < part
  const downs = outage === undefined ? stops : [...stops, outage].sort((a, b) => a.stopped - b.stopped)

  const ahead = new Map()
  let now = from
  const put = (when, log, pid, text, action) => {
    let at = Math.max(when, now)
    for (const { stopped, started } of downs) {
      if (at <= stopped) break
      // A restart within seconds puts off what was to be by as much.
      if (at < started) at = started + 1 + Math.floor(random() * Math.min(600, started - stopped))
    }
    const record = { at, loggedAt: at, log, pid, text, action, wouldPost: false }
    const minute = Math.floor(at / MINUTE)
    const records = ahead.get(minute)
    if (records === undefined) ahead.set(minute, [record])
    else records.push(record)
    return record
  }

  const host = makeHost(lists, random)
  const programs = makePrograms(put, random)
  const backlog = []
  const messages = makeMessages({ put, host, programs, random, chance, members: 1 - STRANGERS, isModerated, backlog })
  const targets = waves.map(wave => wave.lists && Array.from({ length: wave.lists }, host.busyList))
  const spamPerMinute = spamPerHour({ perHour, share }) / 60
  programs.start(from)

  for (; now < to; now += MINUTE) {
    const isNow = at => at >= now && at < now + MINUTE
    const local = now + europe(now)
    for (const stop of stops) if (isNow(stop.stopped)) stopFor(stop)
    if (outage !== undefined && isNow(outage.stopped)) stopFor(outage)
    if (outage !== undefined && isNow(outage.until)) stopFor({ stopped: outage.until, started: outage.until + 9 })
    if (local % DAY === 6 * HOUR + 25 * MINUTE) programs.reopen(now + 2)
    if (weekdayOf(local) === 0 && local % DAY === 4 * HOUR) programs.stop(now + 11, 'SIGINT')
    if (local % DAY === 12 * HOUR)
      for (const list of host.lists.slice(0, 300))
        if (chance(0.5)) messages.digest(now + Math.floor(random() * 240), list, digestsAreLogged)
    for (const { at, count, isLogged } of clears) if (isNow(at)) messages.clear(at, backlog.splice(0, count), isLogged)

    const pace = rhythm(local) * (paces.find(each => local >= each.from && local < each.to)?.pace ?? 1)
    const posts = (perHour / 60) * pace
    come(posts, messages.post)
    come(spamPerMinute / (1 - DISCARDED), messages.spam)
    waves.forEach((wave, i) => {
      if (now >= wave.from && now < wave.to)
        come(wave.perHour / 60 / (1 - DISCARDED), (at, why) => messages.spam(at, why, targets[i]))
    })
    come(posts * 0.03, messages.bounce)
    come(posts * 0.03, messages.membership)
    come(0.012, messages.noise)

    const records = ahead.get(now / MINUTE)
    if (records === undefined) continue
    ahead.delete(now / MINUTE)
    records.sort((a, b) => a.at - b.at)
    for (const record of records)
      for (const { from, to, by } of clocks) if (record.at >= from && record.at < to) record.loggedAt += by
    yield records
  }

  function come(mean, message) {
    for (let n = poisson(mean, random); n > 0; n--) {
      let at = now + Math.floor(random() * MINUTE)
      // Mail waits in the mail server while Mailman is down.
      for (const { stopped, started } of downs)
        if (at >= stopped && at < started) at = started + 2 + Math.floor(random() * Math.min(500, started - stopped))
      const reason =
        outage !== undefined && at >= outage.started && at < outage.until ? reasons[outage.reason](random) : undefined
      message(at, reason ?? (list => reasonOf(list, at)))
    }
  }

  function reasonOf({ index }, at) {
    const held = heldLists.find(each => each.index === index && at >= each.from && at < each.until)
    return held && reasons[held.reason](random)
  }

  function stopFor({ stopped, started, errors = 0 }) {
    programs.stop(stopped)
    programs.start(started)
    for (let i = 0; i < errors; i++) {
      const file = `/var/lib/mailman/lists/${host.busyList().name}/request.pck`
      programs.shunt(started + 2 + i * 3, 'IncomingRunner', `IOError: [Errno 13] Permission denied: '${file}'`)
    }
  }
}
