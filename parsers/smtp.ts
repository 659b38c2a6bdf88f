/** `smtp`: one line for each message of any kind handed to the mail server (Handlers/SMTPDirect.py, SMTP_LOG_EVERY_MESSAGE). */
import { defineParser } from './_contract.js'
import { pattern } from './_template.js'

export default defineParser([
  // The record begins with the message id, which its sender chose: only the last ` smtp to ` is Mailman's.
  pattern('message-delivered', '{messageId*} smtp to {list} for {recipients} recips, completed in {seconds} seconds', {
    outcome: 'success',
  }),
  // Before 2.1.6 without the list.
  pattern('message-delivered', '{messageId*} smtp for {recipients} recips, completed in {seconds} seconds', {
    outcome: 'success',
  }),
  pattern('delivery-skipped', 'Skipping VERP delivery to unqual recip: {recipient}', { open: false }),
])
