/** `post`: one line for each list post handed to the mail server (Handlers/SMTPDirect.py; CookHeaders.py for anonymous lists). */
import { badFormat } from './_bad-format.js'
import { defineParser, type Pattern } from './_contract.js'
import { pattern } from './_template.js'

const success = { outcome: 'success' } as const
const failure = { outcome: 'failure' } as const

/** mta/deliver.py, in smtp.log. Message id and sender may both hold more of such lines: the first and the last place are tried. */
export const mailman3: readonly Pattern[] = [
  ...[
    '{messageId} post to {list} from {senderMailbox}',
    '{messageId*} post to {list} from {senderMailbox}',
    '{messageId*} post to {list} from {sender}',
  ].flatMap(posted => [
    pattern('message-posted', `${posted}, {size} bytes`, success),
    pattern('message-posted', `${posted}, {size} bytes, {refused} failures`, failure),
  ]),
  pattern('message-anonymized', 'post to {list} from {fromHeader} anonymized'),
]

export default defineParser([
  pattern('message-posted', 'post to {list} from {sender}, size={size}, message-id={messageId}, success', { outcome: 'success' }),
  pattern('message-posted', 'post to {list} from {sender}, size={size}, message-id={messageId}, {refused} failures', {
    outcome: 'failure',
  }),
  // The delivery module Sendmail.py and Mailman before 2.1.4 log no message id.
  pattern('message-posted', 'post to {list} from {sender}, size={size}, success', { outcome: 'success' }),
  pattern('message-posted', 'post to {list} from {sender}, size={size}, failure={errorCode}', { outcome: 'failure' }),
  pattern('message-posted', 'post to {list} from {sender}, size={size}, {refused} failures', { outcome: 'failure' }),
  ...mailman3,
  badFormat,
])
