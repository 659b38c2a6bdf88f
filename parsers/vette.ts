/**
 * `vette`: what waits for a moderator, what became of it, who was banned (Handlers/Hold.py, ListAdmin.py, MailList.py, Queue/;
 * 3: chains/, app/moderator.py, core/pipelines.py, rules/dmarc.py, runners/).
 */
import { badFormat } from './_bad-format.js'
import { defineParser, inLog, type Pattern } from './_contract.js'
import { fixedHoldReasons } from './_hold-reasons.js'
import { pattern } from './_template.js'

const closed = { open: false } as const
const open = { open: true } as const
const HELD = '{list} post from {sender} held, message-id='
const REFUSED3 = '\n\tFrom: {sender}\n\tSubject: {subject}'

/** Mailman 3's logger `vette`. Only holds and decisions of moderators name their list. */
export const mailman3: readonly Pattern[] = inLog('vette', [
  pattern('message-accepted', 'ACCEPT: {messageId}'),
  pattern('message-held', 'HOLD: {list} post from {sender} held, message-id={held}'),
  pattern('message-rejected', 'REJECT: {messageId}'),
  pattern('message-discarded', 'DISCARD: {discarded}'),
  pattern('owner-message', 'OWNER: {messageId}'),
  pattern('message-approved', 'held message approved, message-id: {messageId}'),
  // The subject is on one line here, and a comment may hold any: the first `Reason:` is Mailman's.
  pattern('message-discarded', `{list}: Discarded posting:${REFUSED3}\n\tReason: {comment}`),
  pattern('message-discarded', `{list}: Discarded posting:${REFUSED3}`),
  pattern('message-discarded', '{list}: Discarded posting:{freeText}'),
  pattern('message-rejected', `{list}: Refused posting:${REFUSED3}\n\tReason: {comment}`),
  pattern('message-rejected', `{list}: Refused posting:${REFUSED3}`),
  pattern('message-rejected', '{list}: Refused posting:{freeText}'),
  pattern('autoresponse-suppressed', 'hold autoresponse limit hit: {recipient}', closed),
  pattern('autoresponse-suppressed', 'Automatic response limit discard: {recipient}', closed),
  pattern(
    'dmarc-policy-found',
    '{list}: DMARC lookup for {sender} (_dmarc.{dmarcDomain}) found p={dmarcPolicy} in {rest} = {dmarcRecord}',
  ),
  pattern('debug-traced', 'No cached copy of the public suffix list found'),
  pattern('debug-traced', 'Cached copy of public suffix list is out of date'),
  pattern('debug-traced', 'Using out of date public suffix list'),
  pattern('message-discarded', '{messageId*} discarded by "{pipeline}" pipeline handler "{handler}": {reason}'),
  pattern('message-rejected', '{messageId*} rejected by "{pipeline}" pipeline handler "{handler}": {reason}'),
  pattern('command-discarded', '{messageId*} Precedence: {precedence} message discarded by: {requestAddress}', open),
  pattern('command-discarded', '{messageId} -request message replied and discarded', open),
  pattern('command-discarded', '{messageId} -owner message replied and discarded', open),
  pattern('message-discarded', '{messageId} list post replied and discarded', open),
])

export default defineParser([
  // A fixed reason is looked for at the end, as the message id before it is its sender's; it is never wrapped over lines.
  ...[...fixedHoldReasons].map(([text, slug]) =>
    pattern('message-held', `${HELD}{messageId}: ${text}`, {
      constants: { 'mailman.hold.reason': slug, 'mailman.hold.reason_text': text },
    }),
  ),
  pattern('message-held', `${HELD}<{idInBrackets}>: {holdReason}`),
  pattern('message-held', `${HELD}{messageId}: {holdReason}`),
  pattern('message-held', '{list} post from {sender} held: {holdReason}'), // before 2.1.4

  pattern('message-approved', '{list}: held message approved, message-id: {messageId}'),
  // A folded subject may hold a line that looks like the reason: the last one is the moderator's.
  pattern(
    'message-discarded',
    '{list}: Discarded posting:\n\tFrom: {escapedSender}\n\tSubject: {escapedSubject*}\n\tReason: {moderatorComment}',
  ),
  pattern('message-discarded', '{list}: Discarded posting:\n\tFrom: {escapedSender}\n\tSubject: {escapedSubject}'),
  pattern('message-discarded', '{list}: Discarded posting:{freeText}'),
  pattern(
    'message-rejected',
    '{list}: Refused posting:\n\tFrom: {escapedSender}\n\tSubject: {escapedSubject*}\n\tReason: {moderatorComment}',
  ),
  pattern('message-rejected', '{list}: Refused posting:\n\tFrom: {escapedSender}\n\tSubject: {escapedSubject}'),
  pattern('message-rejected', '{list}: Refused posting:{freeText}'),

  // The apostrophe is Mailman's (Queue/IncomingRunner.py).
  pattern('message-discarded', "Message discarded, msgid: {messageId*}'\n        list: {list},\n        handler: {handler}", {
    open: true,
  }),
  pattern('message-discarded', "Message discarded, msgid: {messageId}'", { open: true }),
  // Python 3 forks have mended that.
  pattern('message-discarded', 'Message discarded, msgid: {messageId*}\n        list: {list},\n        handler: {handler}', open),
  pattern('message-discarded', 'Message discarded, msgid: {messageId}'), // before 2.1.20
  pattern(
    'message-rejected',
    'Message rejected, msgid: {messageId}\n        list: {list},\n        handler: {handler},\n        reason: {reason}',
  ),
  pattern('message-rejected', 'Message rejected, msgid: {messageId}'),
  // Debian's contrib/SpamAssassin.py.
  pattern('message-discarded', '{list} post from {sender} discarded: {reason}', {
    constants: { 'mailman.handler': 'SpamAssassin' },
  }),

  pattern('subscription-held', '{list}: held subscription request from {member}', closed),
  pattern('subscription-approved', '{list}: auto approved subscribe from {member}', closed),
  pattern('subscription-discarded', '{list}: discarded subscription request from {member}', closed),
  pattern('subscription-rejected', '{list}: rejected subscription request from {member}\n\tReason: {moderatorComment}'),
  pattern('subscription-rejected', '{list}: rejected subscription request from {member}'),
  pattern('unsubscription-held', '{list}: held unsubscription request from {member}', closed),
  pattern('unsubscription-discarded', '{list}: discarded unsubscription request from {member}', closed),
  pattern('unsubscription-rejected', '{list}: rejected unsubscription request from {member}\n\tReason: {moderatorComment}'),
  pattern('unsubscription-rejected', '{list}: rejected unsubscription request from {member}'),
  pattern('member-moderated', '{list}: Automatically Moderated {member} for verbose postings.'),

  pattern('subscription-banned', '{list} banned subscription: {member} from {whence} (matched: {reason})', closed),
  pattern('subscription-banned', '{list} banned subscription: {member} (matched: {reason})', closed), // before 2.1.20
  pattern('subscription-banned', 'banned subscription: {member} (matched: {reason})', closed), // 2.1.4
  pattern('subscription-banned', '{list} banned subscription: {member} from {origin} (Spamhaus IP)', {
    constants: { 'event.reason': 'Spamhaus IP' },
  }),
  pattern('subscription-banned', '{list} banned subscription: {member} (Spamhaus DBL)', {
    constants: { 'event.reason': 'Spamhaus DBL' },
  }),
  pattern('invitation-banned', '{list} banned invitation: {member} (matched: {reason})', closed),
  pattern('address-change-banned', '{list} banned address change: {member} -> {newAddress} (matched: {reason})', closed),

  pattern('command-discarded', 'No command, message discarded, msgid: {messageId}'),
  pattern('command-discarded', 'Precedence: {precedence} message discarded by: {requestAddress}', closed),
  pattern('command-discarded', 'replied and discard'),
  pattern('autoresponse-suppressed', '-request/hold autoresponse discarded for: {recipient}', closed),
  pattern('autoresponse-suppressed', '-request/hold autoresponse limit hit for: {recipient}', closed),

  // The TXT record is what the domain's owner wants it to be.
  pattern(
    'dmarc-policy-found',
    '{list}: DMARC lookup for {sender} (_dmarc.{dmarcDomain}) found p={dmarcPolicy} in {rest} = {dmarcRecord}',
  ),
  pattern(
    'dmarc-policy-found',
    'DMARC lookup for {sender} (_dmarc.{dmarcDomain}) found p={dmarcPolicy} in {rest} = {dmarcRecord}',
  ),
  ...mailman3,
  badFormat,
])
