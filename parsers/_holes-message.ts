/** Holes that say which message, of which list, from whom, to whom, and why. */
import { decodeHeader } from './_encoded-words.js'
import { slugOfHoldReason } from './_hold-reasons.js'
import type { Hole, HoleKind } from './_hole.js'
import { hole, integer, LIST_FIELDS, one, present, putList, text, word } from './_hole.js'
import { addressInHeader, normaliseAddress, normaliseMessageId, undouble, unfold } from './_normalise.js'
import { spansOfHeader, spansOfId, spansOfRestOfId } from './_personal.js'

/** A name alone, or with its host behind `separator`. */
const list = (kind: HoleKind, separator: '@' | '.'): Hole =>
  hole(kind, LIST_FIELDS, (raw, values, at) => putList(unfold(raw).trim().toLowerCase(), separator, values, at))

/** An address, in a field that holds several. */
const address = (
  field: 'email.from.address' | 'email.to.address',
  find = normaliseAddress,
  personal: Hole['personal'] = 'address',
): Hole =>
  one(
    'text',
    field,
    raw => {
      const found = find(raw)
      return found === undefined ? undefined : [found]
    },
    personal,
  )

export const messageHoles = {
  /** Internal name or `real_name`, alone (2.1) or with its host (3, vhost forks). */
  list: list('word', '@'),
  /** A name that somebody asked for: no list may have it. */
  listText: list('text', '@'),
  /** Mailman 3's list id: `dev.lists.example.org`. A list's own name has no dot in it there. */
  listId: list('word', '.'),
  /** The -request address of a list. */
  requestAddress: hole('text', [...LIST_FIELDS, 'email.to.address'], (raw, values, at) => {
    const found = normaliseAddress(raw)
    const host = found?.lastIndexOf('@') ?? -1
    const name = host < 0 ? found : found!.slice(0, host)
    values[at] = name?.endsWith('-request') ? present(name.slice(0, -8)) : undefined
    values[at + 1] = host < 0 ? undefined : present(found!.slice(host + 1))
    values[at + 2] = values[at] === undefined || values[at + 1] === undefined ? undefined : `${values[at]}@${values[at + 1]}`
    values[at + 3] = found === undefined ? undefined : [found]
  }),
  sender: address('email.from.address'),
  recipient: address('email.to.address'),
  fromHeader: address('email.from.address', addressInHeader, spansOfHeader),
  /** ListAdmin.py escapes sender, subject and comment of a refused or discarded post for an interpolation. */
  escapedSender: address('email.from.address', raw => normaliseAddress(undouble(raw))),
  escapedSubject: hole(
    'text',
    ['email.subject', 'mailman.subject.raw'],
    (raw, values, at) => {
      const subject = undouble(unfold(raw)).trim()
      const decoded = decodeHeader(subject).trim()
      values[at] = present(decoded)
      values[at + 1] = decoded === subject ? undefined : subject
    },
    'subject',
  ),
  moderatorComment: one(
    'text',
    'mailman.moderation.comment',
    raw => {
      const comment = undouble(raw).trimEnd()
      return comment === '[No reason given]' ? undefined : present(comment)
    },
    'subject',
  ),
  /** The same as 3 logs them: as they are. */
  subject: text('email.subject', 'subject'),
  comment: one('text', 'mailman.moderation.comment', raw => present(raw.trimEnd()), 'subject'),
  /** What people wrote, that no field holds but the message. */
  freeText: hole('text', [], () => {}, 'subject'),
  messageId: one('text', 'email.message_id', normaliseMessageId, spansOfId),
  /** A message id whose opening bracket is literal text of the template. */
  idInBrackets: one('text', 'email.message_id', raw => normaliseMessageId(`<${raw}`), spansOfRestOfId),
  size: one('int', 'mailman.message.size', integer),
  handler: word('mailman.handler'),
  pipeline: word('mailman.pipeline'),
  /** One reason, as 2.1 logs it. */
  holdReason: hole('text', ['mailman.hold.reason', 'mailman.hold.reason_text'], (raw, values, at) => {
    const reason = unfold(raw).trim()
    values[at] = [slugOfHoldReason(reason)]
    values[at + 1] = present(reason)
  }),
  reason: text('event.reason'),
  precedence: one('text', 'event.reason', raw => `Precedence: ${unfold(raw).trim()}`),
  dmarcDomain: one('word', 'mailman.dmarc.domain', raw => raw.toLowerCase()),
  dmarcPolicy: word('mailman.dmarc.policy'),
  dmarcRecord: text('mailman.dmarc.record'),
  /** A queue file's base: `<time>+<hash>`. */
  queueFile: word('email.local_id'),
} as const satisfies Record<string, Hole>
