/** `post`: one line for each list post handed to the mail server (Handlers/SMTPDirect.py; CookHeaders.py for anonymous lists). */
import { defineParser } from './_contract.js'
import { pattern } from './_template.js'

export default defineParser([
  pattern('message-posted', 'post to {list} from {sender}, size={size}, message-id={messageId}, success', { outcome: 'success' }),
  pattern('message-posted', 'post to {list} from {sender}, size={size}, message-id={messageId}, {refused} failures', {
    outcome: 'failure',
  }),
  pattern('message-anonymized', 'post to {list} from {fromHeader} anonymized'),
  // The delivery module Sendmail.py (before 2.1.18) logs no message id.
  pattern('message-posted', 'post to {list} from {sender}, size={size}, success', { outcome: 'success' }),
  pattern('message-posted', 'post to {list} from {sender}, size={size}, failure={errorCode}', { outcome: 'failure' }),
])
