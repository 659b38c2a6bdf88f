/** What becomes of a post, of spam, of a bounce, of somebody who joins: the records that each leaves, some of them days later. */
import { HOUR } from './calendar.mjs'

const MEMBER_REASONS = [
  'Post to moderated list',
  'Message has implicit destination',
  'Message may contain administrivia',
  'Message body is too big: 70072 bytes with a limit of 40 KB',
  'Too many recipients to the message',
]
export const NON_MEMBER = 'Post by non-member to a members-only list'
const SUBJECTS = ['build is broken', '[RFC] new layout', 'minutes of the meeting', 'patch 1/4: fix parser', 'question on dumps']
const SPAM_SUBJECTS = ['You have won', 'Cheap offers for you', 'Invoice attached', 'Re: your request']

const MODERATED = 'Post to moderated list'

/**
 * @param put (at, log, pid, text, action) @param host see host.mjs @param programs see programs.mjs
 * @param members share of posts by members @param isModerated lists that hold what members write, always
 * @param backlog takes 2 of 5 held messages, which wait until `clear` is called for them
 */
export function makeMessages({ put, host, programs, random, chance, members = 0.93, isModerated = () => false, backlog }) {
  const pick = from => from[Math.floor(random() * from.length)]
  let serial = 0
  const newId = at => `<${at.toString(36)}.${(++serial).toString(36)}.${Math.floor(random() * 1e6)}@mail.example.org>`
  const seconds = recipients => (0.02 + recipients * 0.0004 * (0.5 + random())).toFixed(3)

  /** Handed to the mail server; one recipient in some hundreds is refused, and bounces count from then on. */
  function deliver(at, list, from, id) {
    const pid = programs.pid('OutgoingRunner')
    const refused = chance(0.03) ? 1 + Math.floor(random() * Math.min(3, list.size)) : 0
    put(
      at,
      'smtp',
      pid,
      `${id} smtp to ${list.name} for ${list.size} recips, completed in ${seconds(list.size)} seconds`,
      'message-delivered',
    )
    const end = refused === 0 ? 'success' : `${refused} failures`
    const size = 1500 + Math.floor(random() ** 4 * 60_000)
    put(at, 'post', pid, `post to ${list.name} from ${from}, size=${size}, message-id=${id}, ${end}`, 'message-posted')
    for (let i = 0; i < refused; i++) {
      const to = host.member(list)
      const [code, text] = pick([
        [550, `5.1.1 <${to}>: Recipient address rejected: User unknown`],
        [552, `5.2.2 <${to}>: Over quota`],
        [450, `4.2.0 <${to}>: Recipient address rejected: Greylisted`],
      ])
      put(at, 'smtp-failure', pid, `delivery to ${to} failed with code ${code}: ${text}`, 'message-delivery-failed')
      if (code === 550) put(at + 60, 'bounce', pid, `${list.name}: ${to} bounce score: 1.0`, 'bounce-received')
    }
  }

  /** To the list's owner or the sender. */
  function notice(at, list) {
    const id = `<mailman.${++serial}.${at}.${programs.pid('VirginRunner')}.${list.name}@lists.example.org>`
    put(
      at + 1,
      'smtp',
      programs.pid('OutgoingRunner'),
      `${id} smtp to ${list.name} for 1 recips, completed in 0.0${10 + Math.floor(random() * 80)} seconds`,
      'message-delivered',
    )
  }

  function hold(at, list, from, id, reason) {
    const text = `${list.display} post from ${from} held, message-id=${id}: ${reason}`
    const record = put(at, 'vette', programs.pid('IncomingRunner'), text, 'message-held')
    notice(at, list)
    return record
  }

  /** @param good share of such posts that moderators let through; a part of the rest is never decided on */
  function moderate(at, list, from, id, good, subjects) {
    if (backlog !== undefined && chance(0.4)) return backlog.push({ at, list, from, id, good, subjects })
    const when = at + Math.floor(600 + random() ** 2 * 30 * HOUR)
    const choice = random()
    if (choice < good) {
      put(when, 'vette', programs.web(), `${list.name}: held message approved, message-id: ${id}`, 'message-approved')
      deliver(when + 2, list, from, id)
    } else if (choice < good + (1 - good) * 0.65) {
      const text = `\n\tFrom: ${from}\n\tSubject: ${pick(subjects)}`
      put(when, 'vette', programs.web(), `${list.name}: Discarded posting:${text}`, 'message-discarded')
    } else if (choice < good + (1 - good) * 0.7) {
      const text = `\n\tFrom: ${from}\n\tSubject: ${pick(subjects)}\n\tReason: Non-members are not allowed to post messages to this list.`
      put(when, 'vette', programs.web(), `${list.name}: Refused posting:${text}`, 'message-rejected')
      notice(when, list)
    }
  }

  const usualReason = list => (isModerated(list) ? MODERATED : chance(0.02) ? pick(MEMBER_REASONS) : undefined)

  return {
    /** @param everyPost the reason for which all are held, members' too, or which of a list; undefined: as usual */
    post(at, everyPost) {
      const list = host.busyList()
      const isMember = chance(members)
      const from = isMember ? host.member(list) : host.stranger()
      const id = newId(at)
      const forced = typeof everyPost === 'function' ? everyPost(list) : everyPost
      const reason = forced ?? (isMember ? usualReason(list) : NON_MEMBER)
      if (reason === undefined) return deliver(at + Math.floor(random() * 5), list, from, id)
      const record = hold(at, list, from, id, reason)
      if (record !== undefined && forced !== undefined && isMember && !isModerated(list)) record.wouldPost = true
      moderate(at, list, from, id, 0.65, SUBJECTS)
    },

    /** @param to one of these lists; default: any */
    spam(at, everyPost, to) {
      const list = to === undefined ? (chance(0.5) ? host.busyList() : host.anyList()) : pick(to)
      const from = host.spammer()
      const id = newId(at)
      const forced = typeof everyPost === 'function' ? everyPost(list) : everyPost
      if (forced === undefined && chance(0.3)) {
        const text = `Message discarded, msgid: ${id}'\n        list: ${list.display},\n        handler: SpamDetect`
        return put(at, 'vette', programs.pid('IncomingRunner'), text, 'message-discarded')
      }
      hold(at, list, from, id, forced ?? NON_MEMBER)
      moderate(at, list, from, id, 0, SPAM_SUBJECTS)
    },

    /** A moderator decides on many at once, three a second. @param isLogged Mailman says which were let through */
    clear(at, waiting, isLogged) {
      waiting.forEach(({ list, from, id, good, subjects }, i) => {
        const when = at + Math.floor(i / 3)
        if (chance(good)) {
          if (isLogged)
            put(when, 'vette', programs.web(), `${list.name}: held message approved, message-id: ${id}`, 'message-approved')
          deliver(when + 2, list, from, id)
        } else {
          const text = `\n\tFrom: ${from}\n\tSubject: ${pick(subjects)}`
          put(when, 'vette', programs.web(), `${list.name}: Discarded posting:${text}`, 'message-discarded')
        }
      })
    },

    /** @param isLogged as Mailman 3 does, among the posts */
    digest(at, list, isLogged) {
      const pid = programs.pid('OutgoingRunner')
      const id = `<mailman.${++serial}.${at}.${pid}.${list.name}@lists.example.org>`
      const recipients = Math.ceil(list.size / 10)
      const sent = `${id} smtp to ${list.name} for ${recipients} recips, completed in ${seconds(recipients)} seconds`
      put(at, 'smtp', pid, sent, 'message-delivered')
      if (!isLogged) return
      const text = `post to ${list.name} from ${list.name}-request@lists.example.org, size=40000, message-id=${id}, success`
      put(at, 'post', pid, text, 'message-posted')
    },

    bounce(at) {
      const list = host.busyList()
      const who = host.member(list)
      const pid = programs.pid('BounceRunner')
      put(
        at,
        'bounce',
        pid,
        `<BounceRunner at ${139917874681408 + pid}> processing ${1 + Math.floor(random() * 3)} queued bounces`,
        'bounces-processed',
      )
      put(at, 'bounce', pid, `${list.name}: ${who} current bounce score: ${1 + Math.floor(random() * 4)}.0`, 'bounce-received')
      if (!chance(0.1)) return
      put(at, 'bounce', pid, `${list.name}: ${who} disabling due to bounce score 5.0 >= 5.0`, 'member-disabled')
    },

    membership(at) {
      const list = host.anyList()
      const who = host.stranger()
      if (chance(0.3))
        return put(
          at,
          'subscribe',
          programs.web(),
          `${list.name}: deleted ${host.member(list)}; member mgt page`,
          'member-unsubscribed',
        )
      put(
        at,
        'subscribe',
        programs.web(),
        `${list.name}: pending New Person <${who}>  192.0.2.${Math.floor(random() * 250)}`,
        'subscription-pending',
      )
      const then = at + 120 + Math.floor(random() * 1800)
      if (chance(0.7))
        put(
          then,
          'subscribe',
          programs.pid('CommandRunner'),
          `${list.name}: new New Person <${who}>, via email confirmation`,
          'member-subscribed',
        )
    },

    /** What is always in `error`, `locks` and `mischief` of a host that is well. */
    noise(at) {
      const list = host.anyList()
      if (chance(0.6)) put(at, 'error', programs.web(), `admin: No such list "${list.name}x": \n`, 'list-missing')
      else
        put(
          at,
          'mischief',
          programs.web(),
          `Reminder attempt of non-member w/ private rosters: ${host.stranger()}`,
          'account-probe',
        )
    },
  }
}
