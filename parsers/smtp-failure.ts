/**
 * `smtp-failure`: refusals and broken sessions (Handlers/SMTPDirect.py). A remote server's reply may go on over unstamped
 * lines; Mailman's Python 3 forks write it as a bytes repr.
 */
import { badFormat } from './_bad-format.js'
import { defineParser, type Pattern } from './_contract.js'
import { pattern } from './_template.js'

const failure = { outcome: 'failure' } as const

const closed = { ...failure, open: false } as const
const DELIVERY = 'delivery to {plainRecipient} failed with code {smtpCode}, '
const EXCEPTION = 'response exception: ({smtpCode}, '

/**
 * mta/base.py, mta/deliver.py and runners/outgoing.py, in smtp.log. A message id may hold anything, and so may a reply; but a
 * reply is a repr, so of the first and the last place that look like the end of the id only one has a whole repr behind it.
 */
export const mailman3: readonly Pattern[] = [
  ...['{messageId}', '{messageId*}'].flatMap(id => [
    pattern('message-delivery-failed', `${id} ${DELIVERY}{smtpBytes}`, closed),
    pattern('message-delivery-failed', `${id} recipients refused: {refusalsDict}`, closed),
    pattern('message-delivery-failed', `${id} ${EXCEPTION}{smtpBytes})`, closed),
    pattern('message-delivery-failed', `${id} ${EXCEPTION}{smtpBytes*}, '{sender}')`, closed), // SMTPSenderRefused
  ]),
  pattern('delivery-abandoned', 'Discarding message with persistent temporary failures: {messageId}', failure),
  pattern('smtp-connect-failed', 'while connecting to SMTP: {error}', failure),
  // Python's own words, or a line that was cut.
  pattern('message-delivery-failed', `{messageId*} ${DELIVERY}{smtpText}`, failure),
  pattern('message-delivery-failed', '{messageId*} low level smtp error: {error}', failure),
  pattern('message-delivery-failed', '{messageId*} recipients refused: {refusals}', failure),
  pattern('message-delivery-failed', `{messageId*} ${EXCEPTION}{smtpText}`, failure),
]

export default defineParser([
  pattern('message-delivery-failed', 'delivery to {recipient} failed with code {smtpCode}: {smtpText}', failure),
  pattern('message-delivery-failed', 'All recipients refused: {refusals*}, msgid: {messageId}', failure),
  pattern('message-delivery-failed', 'All recipients refused: {refusals}', failure), // a line that was cut
  pattern('message-delivery-failed', 'SMTP session failure: {smtpCode}, {smtpText*}, msgid: {messageId}', failure),
  pattern('message-delivery-failed', 'SMTP session failure: {smtpCode}, {smtpText}', failure), // the first line of a long reply
  pattern('message-delivery-failed', 'Low level smtp error: {error*}, msgid: {messageId}', failure),
  pattern('message-delivery-failed', 'Low level smtp error: {error}', failure),
  pattern('message-delivery-failed', 'Low level SMTP error: {error*}, msgid: {messageId}', failure), // as quoted in public
  pattern('message-delivery-failed', 'Low level SMTP error: {error}', failure),
  pattern('message-delivery-failed', 'Low level smtp connection error: {error}', failure), // before 2.1.4
  pattern('message-delivery-failed', 'Temporary SMTP failure, will retry: {smtpText}', failure), // a Python 3 fork
  ...['TLS', 'EHLO', 'HELO', 'AUTH'].flatMap(step => [
    pattern('smtp-auth-failed', `SMTP ${step} error: ({smtpCode}, {smtpRepr})`, closed),
    pattern('smtp-auth-failed', `SMTP ${step} error: {error}`, failure),
  ]),
  pattern('smtp-auth-failed', 'SMTP - no suitable authentication method found: {error}', failure),
  // The Python 3 forks.
  pattern('message-delivery-failed', 'Permanent delivery failure for {recipient}: code {smtpCode}, message: {smtpText}', failure),
  pattern('message-delivery-failed', 'Temporary delivery failure for {recipient}: code {smtpCode}, message: {smtpText}', failure),
  pattern('message-delivery-failed', 'SMTP sendmail error: {error}', failure),
  pattern('smtp-connect-failed', 'SMTP connection error: {error}', failure),
  pattern('debug-traced', 'SMTP connection hostname: {server} (original: {rest})', { open: false }),
  pattern('debug-traced', 'TLS connection hostname: {server}'),
  pattern('debug-traced', 'Set TLS hostname to: {server}'),
  ...mailman3,
  badFormat,
])
