/** Holes of Mailman 3's smtp.log: what its delivery says, and the conversations of its LMTP server (aiosmtpd). */
import type { Hole } from './_hole.js'
import { hole, integer, one, present } from './_hole.js'
import { deliveryHoles } from './_holes-delivery.js'
import { normaliseAddress } from './_normalise.js'
import type { FindSpans } from './_personal.js'
import { readPythonString, readPythonStrings } from './_python-text.js'
import { parseRefusals } from './_refusals.js'

const MAX_ADDRESSES = 100
/** An address, or none. Strangers choose what is quoted in it; other text of a line does not look like one. */
const MAILBOX = /^(?:|"(?:[^"\\]|\\.)*"(?:@[^\s'"]+)?|[^\s"]+)$/
const NAME = /^[\w.+-]+$/
const PORT = /^\d{1,5}(?:, \d+)*$/
const COMMAND = /^(mail from|rcpt to):\s*<(.*)>([^>]*)$/is
/** The same as it stands in the line. */
const ADDRESSED = /^b['"](?:mail from|rcpt to):\s*<(.+)>/is
const SIZE = /\bsize=(\d{1,15})\b/i

const list = (address: string | undefined): string[] | undefined => (address === undefined ? undefined : [address])

const mailbox = (field: 'email.from.address' | 'email.to.address'): Hole => ({
  ...one('text', field, raw => list(normaliseAddress(raw)), 'address'),
  fits: raw => MAILBOX.test(raw),
})

const spansOfCommand: FindSpans = raw => {
  const found = ADDRESSED.exec(raw)
  if (found === null) return []
  const end = found[0].length - 1
  return [{ personal: 'address', start: end - found[1]!.length, end }]
}

/** The text is one bytes repr from end to end: so a text that only begins like such a line is told from one. */
const isPythonString = (raw: string): boolean => readPythonString(raw, 0)?.end === raw.length

export const smtpHoles = {
  /** A subscriber's address, which Mailman takes without blanks only. */
  plainRecipient: one('word', 'email.to.address', raw => list(normaliseAddress(raw)), 'address'),
  /** A name of Mailman's or a domain, that no field holds but the message. */
  plainWord: { ...hole('word', [], () => {}), fits: (raw: string) => NAME.test(raw) },
  senderMailbox: mailbox('email.from.address'),
  recipientMailbox: mailbox('email.to.address'),
  /** What the mail server said, as the repr of its bytes. */
  smtpBytes: { ...deliveryHoles.smtpText, fits: isPythonString },
  refusalsDict: { ...deliveryHoles.refusals, fits: (raw: string) => parseRefusals(raw, 0).complete },
  /** `['ann@example.org', "o'hara@example.com"]` */
  recipientList: hole('text', ['email.to.address', 'mailman.smtp.recipients'], (raw, values, at) => {
    const addresses = readPythonStrings(raw)
    values[at] = addresses.length === 0 ? undefined : addresses.slice(0, MAX_ADDRESSES).map(address => address.toLowerCase())
    values[at + 1] = addresses.length
  }),
  /** An IPv6 peer has two more numbers: `('::1', 52444, 0, 0)`. */
  peerPort: { ...one('text', 'source.port', raw => integer(raw.split(',', 1)[0]!)), fits: (raw: string) => PORT.test(raw) },
  /** A line that the mail server sent, as the repr of its bytes: `b'MAIL FROM:<ann@example.org> SIZE=412'`. */
  command: {
    ...hole(
      'text',
      ['email.from.address', 'email.to.address', 'mailman.message.size'],
      (raw, values, at) => {
        const command = COMMAND.exec(readPythonString(raw, 0)?.value.trimEnd() ?? '')
        if (command === null) return
        const addresses = list(normaliseAddress(command[2]!))
        if (command[1]!.toLowerCase() === 'rcpt to') values[at + 1] = addresses
        else {
          values[at] = addresses
          const size = SIZE.exec(command[3]!)?.[1]
          values[at + 2] = size === undefined ? undefined : integer(size)
        }
      },
      spansOfCommand,
    ),
    fits: isPythonString,
  },
  /** A line of a message, as the repr of its bytes. */
  bodyBytes: { ...hole('text', [], () => {}, 'body'), fits: isPythonString },
  /** What Mailman's own server answered, likewise. */
  reply: { ...hole('text', [], () => {}), fits: isPythonString },
  serverText: one('text', 'server.address', present),
} as const satisfies Record<string, Hole>
