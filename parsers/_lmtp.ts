/**
 * Mailman 3's LMTP server in smtp.log: aiosmtpd, whose logger Mailman writes there, and runners/lmtp.py. At level info about ten
 * lines for each mail that comes in; at level debug also each line of it.
 *
 * What a line holds of a mail is a repr or a mailbox, checked to its end: a message id that begins like such a line, in a line of
 * the outgoing side, is told from one.
 */
import type { Pattern } from './_contract.js'
import { pattern } from './_template.js'
import { TRACEBACK } from './_traceback.js'

const closed = { open: false } as const
const failure = { outcome: 'failure' } as const
const PEER = "('{peer}', {peerPort})"

/** `log.exception(…)`: the traceback's lines follow in the same record. */
const exception = (template: string, traceback = '{onlyTraceback}'): Pattern[] => [
  pattern('lmtp-error', `${template}\n${TRACEBACK}\n${traceback}`, failure),
  pattern('lmtp-error', template, { ...failure, open: true }),
]

export const lmtp: readonly Pattern[] = [
  pattern('lmtp-traced', `${PEER} >> {command}`, closed),
  pattern('lmtp-traced', `${PEER} sender: <>`),
  pattern('lmtp-traced', `${PEER} sender: {senderMailbox}`, closed),
  pattern('lmtp-traced', `${PEER} recip: {recipientMailbox}`, closed),
  pattern('lmtp-traced', `${PEER} handling connection`),
  pattern('lmtp-traced', `${PEER} EOF received`),
  pattern('lmtp-traced', `${PEER} connection lost`),
  pattern('lmtp-traced', `${PEER} Connection lost during _handle_client()`),
  pattern('lmtp-traced', `${PEER} connection timeout`),
  pattern('lmtp-traced', `Peer: ${PEER}`),
  pattern('lmtp-traced', 'Available AUTH mechanisms: {rest}', closed),
  ...exception(`${PEER} SMTP session exception`),
  ...exception(`${PEER} Exception in handle_exception()`),
  pattern('lmtp-error', 'Connection lost during DATA', failure),

  // At level debug.
  pattern('content-traced', 'DATA readline: {bodyBytes}', closed),
  pattern('lmtp-traced', '_handle_client readline: {command}', closed),
  pattern('lmtp-traced', `${PEER} << {reply}`, closed),
  pattern('lmtp-traced', '{messageId*} to: {recipientMailbox}, list: {list}, sub: {plainWord}, dom: {plainWord}'),
  pattern('lmtp-traced', '{messageId*} subaddress: {plainWord}, queue: {plainWord}'),

  ...exception("Can't get list names: {error}", '{traceback}'),
  ...exception('Address verification: {recipient}'),
  ...exception('Queue detection: {messageId}'),
  pattern('lmtp-error', 'unknown sub-address: {plainWord}', failure),
  pattern('lmtp-error', '{messageId*} unknown sub-address: {plainWord}', failure),
]

/** To be tried last: lines that were cut, and what else aiosmtpd says of a connection, also in other versions. */
export const lmtpRest: readonly Pattern[] = [
  pattern('content-traced', 'DATA readline: {body}', closed),
  pattern('lmtp-traced', '_handle_client readline: {rest}', closed),
  pattern('lmtp-traced', `${PEER} {rest}`, closed),
]
