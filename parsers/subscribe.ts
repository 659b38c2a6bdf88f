/**
 * `subscribe`: who asked to join, who joined, who left (MailList.py, Bouncer.py; 3: app/subscriptions.py, app/moderator.py).
 *
 * Each departure is one `member-unsubscribed`, in 2.1 the line `deleted`, which MailList.py writes whoever asked for it. Where
 * Mailman itself takes away an address that was disabled for long (Bouncer.py), three lines tell of it: `deleted …; disabled
 * address`; in `bounce`, if bounces were the reason, `deleted after exhausting notices` (`member-removed`); and
 * `auto-unsubscribed [reason: …]`, which only says why (`removal-explained`).
 */
import { badFormat } from './_bad-format.js'
import { defineParser, type Pattern } from './_contract.js'
import { pattern } from './_template.js'

const closed = { open: false } as const
const digest = { 'mailman.subscribe.digest': true } as const

/**
 * A member is `NAME <ADDR>` as Python's `formataddr` writes it, or ADDR alone. An address has no blank. A name with one of
 * `()<>@,:;".[]\` stands in quotes, where even a newline may be, and behind it what looks like a record; so a first line with
 * an open quote is a record that goes on.
 */
const newMember = (kind: '' | ' (digest)', constants: Pattern['constants']): Pattern[] => [
  pattern('member-subscribed', `{list}: new${kind} "{quotedName*}" <{memberWord}>, {whence}`, { constants, open: false }),
  pattern('member-subscribed', `{list}: new${kind} "{unfinishedName}`, { constants }),
  pattern('member-subscribed', `{list}: new${kind} {memberWord}, {whence}`, { constants, open: false }),
  pattern('member-subscribed', `{list}: new${kind} {fullName} <{memberWord}>, {whence}`, { constants, open: false }),
  pattern('member-subscribed', `{list}: new${kind} {memberWord} ({fullName}), {whence}`, { constants, open: false }), // 2.1.4–6
]

const mailman2: readonly Pattern[] = [
  ...newMember(' (digest)', digest),
  ...newMember('', {}),

  // Two blanks before the origin; without one, the line ends in a blank.
  pattern('subscription-pending', '{list}: pending "{quotedName*}" <{memberWord}>  {origin}', closed),
  pattern('subscription-pending', '{list}: pending "{quotedName*}" <{memberWord}> '),
  pattern('subscription-pending', '{list}: pending "{unfinishedName}'),
  pattern('subscription-pending', '{list}: pending {fullName} <{memberWord}>  {origin}', closed),
  pattern('subscription-pending', '{list}: pending {fullName} <{memberWord}> '),
  pattern('subscription-pending', '{list}: pending {memberWord}  {origin}', closed),
  pattern('subscription-pending', '{list}: pending {memberWord} '),

  pattern('member-unsubscribed', '{list}: deleted {member}; {via}', closed), // without the end as in 3, below
  pattern('address-changed', '{list}: changed member address from {member} to {newAddress}', closed),
  pattern('removal-explained', '{list}: {member} auto-unsubscribed [reason: {reason}]'),
]

/** Who joined is not logged; who left, only where a moderator had to allow it. */
export const mailman3: readonly Pattern[] = [
  pattern('subscription-held', '{list}: held subscription request from {member}', closed),
  pattern('unsubscription-held', '{list}: held unsubscription request from {member}', closed),
  pattern('member-unsubscribed', '{list}: deleted {member}', closed),
]

export default defineParser([...mailman2, badFormat, ...mailman3])
