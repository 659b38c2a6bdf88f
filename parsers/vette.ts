/** `vette`: what waits for a moderator, what became of it, who was banned (Handlers/Hold.py, ListAdmin.py, MailList.py, Queue/). */
import { defineParser } from './_contract.js'
import { fixedHoldReasons } from './_hold-reasons.js'
import { pattern } from './_template.js'

const closed = { open: false } as const
const HELD = '{list} post from {sender} held, message-id='

export default defineParser([
  // A fixed reason is looked for at the end, as the message id before it is its sender's; it is never wrapped over lines.
  ...[...fixedHoldReasons].map(([text, slug]) =>
    pattern('message-held', `${HELD}{messageId}: ${text}`, {
      constants: { 'mailman.hold.reason': slug, 'mailman.hold.reason_text': text },
    }),
  ),
  pattern('message-held', `${HELD}<{idInBrackets}>: {holdReason}`),
  pattern('message-held', `${HELD}{messageId}: {holdReason}`),

  pattern('message-approved', '{list}: held message approved, message-id: {messageId}'),
  pattern('message-approved', 'held message approved, message-id: {messageId}'), // before 2.1.18
  // A folded subject may hold a line that looks like the reason: the last one is the moderator's.
  pattern(
    'message-discarded',
    '{list}: Discarded posting:\n\tFrom: {escapedSender}\n\tSubject: {escapedSubject*}\n\tReason: {moderatorComment}',
  ),
  pattern('message-discarded', '{list}: Discarded posting:\n\tFrom: {escapedSender}\n\tSubject: {escapedSubject}'),
  pattern('message-discarded', '{list}: Discarded posting:{rest}'),
  pattern(
    'message-rejected',
    '{list}: Refused posting:\n\tFrom: {escapedSender}\n\tSubject: {escapedSubject*}\n\tReason: {moderatorComment}',
  ),
  pattern('message-rejected', '{list}: Refused posting:\n\tFrom: {escapedSender}\n\tSubject: {escapedSubject}'),
  pattern('message-rejected', '{list}: Refused posting:{rest}'),

  // The apostrophe is Mailman's (Queue/IncomingRunner.py).
  pattern('message-discarded', "Message discarded, msgid: {messageId*}'\n        list: {list},\n        handler: {handler}", {
    open: true,
  }),
  pattern('message-discarded', "Message discarded, msgid: {messageId}'", { open: true }),
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

  pattern('subscription-banned', '{list} banned subscription: {member} from {origin} (matched: {reason})', closed),
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
])
