/** `smtp-failure`: refusals and broken sessions (Handlers/SMTPDirect.py). A remote server's reply may go on over unstamped lines. */
import { defineParser } from './_contract.js'
import { pattern } from './_template.js'

const failure = { outcome: 'failure' } as const

export default defineParser([
  pattern('message-delivery-failed', 'delivery to {recipient} failed with code {smtpCode}: {smtpText}', failure),
  pattern('message-delivery-failed', 'All recipients refused: {refusals*}, msgid: {messageId}', failure),
  pattern('message-delivery-failed', 'SMTP session failure: {smtpCode}, {smtpText*}, msgid: {messageId}', failure),
  pattern('message-delivery-failed', 'Low level smtp error: {error*}, msgid: {messageId}', failure),
  pattern('delivery-auth-failed', 'SMTP TLS error: {error}', failure),
  pattern('delivery-auth-failed', 'SMTP EHLO error: {error}', failure),
  pattern('delivery-auth-failed', 'SMTP HELO error: {error}', failure),
  pattern('delivery-auth-failed', 'SMTP AUTH error: {error}', failure),
  pattern('delivery-auth-failed', 'SMTP - no suitable authentication method found: {error}', failure),
])
