/** Holes of what happened between Mailman and the mail server, and of bounces. */

import type { Hole } from './_hole.js'
import { float, hole, integer, LIST_FIELDS, one, present, putList, text, whole } from './_hole.js'
import { readPythonString, unquoteBytes } from './_python-text.js'
import { parseRefusals } from './_refusals.js'

const MAX_ADDRESSES = 100
const ENHANCED_CODE = /^(?:b['"])?([245]\.\d{1,3}\.\d{1,3})\b/

export const deliveryHoles = {
  recipients: one('int', 'mailman.smtp.recipients', integer),
  refused: one('int', 'mailman.smtp.refused', integer),
  /** Seconds with a point → nanoseconds, as ECS wants durations. */
  seconds: one('float', 'event.duration', raw => whole(Math.round(Number(raw) * 1e9))),
  smtpCode: one('int', 'mailman.smtp.code', raw => raw),
  /** What the mail server said; it may quote the recipient. */
  smtpText: hole('text', ['error.message', 'mailman.smtp.enhanced_code'], (raw, values, at) => {
    const reply = unquoteBytes(raw).trimEnd()
    values[at] = present(reply)
    values[at + 1] = ENHANCED_CODE.exec(reply)?.[1]
  }),
  /** The same as the repr of a string or of bytes, from end to end. */
  smtpRepr: {
    ...hole('text', ['error.message', 'mailman.smtp.enhanced_code'], (raw, values, at) => {
      const reply = readPythonString(raw, 0)?.value.trimEnd() ?? raw
      values[at] = present(reply)
      values[at + 1] = ENHANCED_CODE.exec(reply)?.[1]
    }),
    fits: (raw: string) => readPythonString(raw, 0)?.end === raw.length,
  },
  /** The dict repr of `All recipients refused`: `{'ADDR': (N, 'TEXT'), …}`, hundreds of kilobytes at worst. */
  refusals: hole(
    'text',
    ['email.to.address', 'mailman.smtp.refused', 'mailman.smtp.code', 'error.message', 'mailman.smtp.enhanced_code'],
    (raw, values, at) => {
      const refusals = parseRefusals(raw, MAX_ADDRESSES)
      values[at] = refusals.addresses.length === 0 ? undefined : refusals.addresses
      values[at + 1] = refusals.count === 0 ? undefined : refusals.count
      values[at + 2] = refusals.code
      values[at + 3] = refusals.text
      values[at + 4] = refusals.text === undefined ? undefined : ENHANCED_CODE.exec(refusals.text)?.[1]
    },
  ),
  score: one('float', 'mailman.bounce.score', float),
  threshold: one('float', 'mailman.bounce.threshold', float),
  /** Mailman 3's are whole, and a full stop may follow. */
  wholeScore: one('int', 'mailman.bounce.score', integer),
  wholeThreshold: one('int', 'mailman.bounce.threshold', integer),
  bounceCount: one('int', 'mailman.bounce.count', integer),
  /** A number that says nothing, such as where an object stands in memory. */
  number: hole('int', [], () => {}),
  /** Mailman 3's list id where a full stop follows that is not part of it. */
  listIdText: hole('text', LIST_FIELDS, (raw, values, at) => putList(raw.toLowerCase(), '.', values, at)),
  /** What a list is called for people; Mailman 3's bounces name no other. */
  listDisplayName: text('mailman.list.display_name'),
  /** `b'…'`: bytes that are no UTF-8. */
  undecodedAddress: hole('text', [], () => {}, 'address'),
} as const satisfies Record<string, Hole>
