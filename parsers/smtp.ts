/**
 * `smtp`: one line for each message of any kind handed to the mail server (Handlers/SMTPDirect.py, SMTP_LOG_EVERY_MESSAGE).
 * Mailman 3 writes into it also what 2.1 has in `post` and `smtp-failure`, and what its LMTP server says.
 */
import { badFormat } from './_bad-format.js'
import { defineParser, inLog, type Pattern } from './_contract.js'
import { lmtp, lmtpRest } from './_lmtp.js'
import { pattern } from './_template.js'
import { mailman3 as post3 } from './post.js'
import { mailman3 as failure3 } from './smtp-failure.js'

const closed = { open: false } as const
const success = { outcome: 'success' } as const

/** mta/ at level debug. */
const outgoing: readonly Pattern[] = [
  pattern('content-traced', 'IndividualDelivery to: {recipient}', closed),
  pattern('content-traced', 'envsender: {sender}, recipients: {recipientList}, size(msg): {plainWord}'),
  pattern('content-traced', 'VERPing {messageId}'),
  pattern('debug-traced', 'Using agent: {rest}', closed),
  pattern('debug-traced', 'Connecting to {serverText*}:{port} with implicit TLS'),
  pattern('debug-traced', 'Connecting to {serverText*}:{port}'),
  pattern('debug-traced', 'Starttls'),
  pattern('debug-traced', 'logging in'),
]

export const mailman3: readonly Pattern[] = [
  // The record begins with the message id, which its sender chose: only the last ` smtp to ` is Mailman's.
  pattern('message-delivered', '{messageId*} smtp to {list} for {recipients} recips, completed in {seconds} seconds', success),
  ...inLog('post', post3),
  ...lmtp,
  pattern('delivery-skipped', 'Skipping VERP delivery to unqual recip: {recipient}', closed),
  ...inLog('smtp-failure', failure3),
  ...outgoing,
  ...lmtpRest,
]

export default defineParser([
  // 2.1 before 2.1.4, in this log; `All` would be taken for a message id of 3.
  pattern('message-delivery-failed', 'All recipients refused: {error}', { outcome: 'failure' }),
  ...mailman3,
  // 2.1 before 2.1.6, without the list.
  pattern('message-delivered', '{messageId*} smtp for {recipients} recips, completed in {seconds} seconds', success),
  // 2.0, without the message id too.
  pattern('message-delivered', 'smtp for {recipients} recips, completed in {seconds} seconds', success),
  badFormat,
])
