/** Holes of what only Mailman 3 logs. */
import type { Span, Value } from './_contract.js'
import { holdReasonSlugs } from './_hold-reasons.js'
import type { Hole } from './_hole.js'
import { hole, LIST_FIELDS, present, putList } from './_hole.js'
import { type Moderated, readDiscarded, readHeld } from './_moderation-reasons.js'
import { normaliseAddress, normaliseMessageId } from './_normalise.js'
import { spansOfId } from './_personal.js'
import { type Raised, readRaised, TRACEBACK } from './_traceback.js'

const BANNED = /Message sender (?:\{\} is banned from this list['"], ['"])?([^\s'"]{1,320})/g
/** A whole reason of rules/banned_address.py. */
const BANNED_SENDER = /^Message sender (\S{1,320}) is banned from this list$/

/** The id, and whom a reason calls banned. */
function spansOfModerated(raw: string, messageId: string): Span[] {
  const reasons = raw.slice(messageId.length)
  return [
    ...spansOfId(messageId),
    ...[...reasons.matchAll(BANNED)].map(({ 0: found, 1: address = '', index }) => {
      const end = messageId.length + index + found.length
      return { personal: 'address', start: end - address.length, end } as const
    }),
  ]
}

const MODERATED_FIELDS = ['email.message_id', 'mailman.hold.reason', 'mailman.hold.reason_text'] as const

function putModerated({ messageId, reasons }: Moderated, values: Value[], at: number): void {
  values[at] = normaliseMessageId(messageId)
  values[at + 1] = reasons.length === 0 ? undefined : holdReasonSlugs(reasons)
  values[at + 2] = present(reasons.join('; '))
}

/** `ADDR is already a member of mailing list LIST`, `ADDR is not allowed to subscribe to LIST` (mailman/interfaces/member.py). */
const REFUSALS = /^(\S{1,320}) is (?:already an? \w{1,20} of mailing list|not allowed to subscribe to) (\S{1,320})$/
/** A list id or posting address in a path; what a client makes up is neither. */
const LIST_PATH = /^\/[\d.]{1,8}\/lists\/([\w+-][\w.+-]{0,254})(?:(?:@|%40)([\w.-]{1,255}))?(?:\/held\/(\d{1,20}))?(?:\/|$)/

/** `/3.1/addresses/ann@example.org`; a list's address is nobody's. */
function spansOfPath(raw: string): Span[] {
  const spans: Span[] = []
  let start = 0
  let before = ''
  for (const part of raw.split('?', 1)[0]!.split('/')) {
    if (before !== 'lists' && /@|%40/.test(part)) spans.push({ personal: 'address', start, end: start + part.length })
    start += part.length + 1
    before = part
  }
  return spans
}

const raised = (traceback: string): Raised => readRaised(traceback.split('\n'))

/** What Mailman's own exceptions say: who was refused, and by which list. */
const refusal: Hole = {
  ...hole(
    'text',
    ['error.type', 'error.message', 'error.stack_trace', 'mailman.culprit', 'user.email', ...LIST_FIELDS],
    (raw, values, at) => {
      const { type, message, culprit } = raised(raw)
      const said = REFUSALS.exec(message ?? '')
      values[at] = type
      values[at + 1] = message
      values[at + 2] = `${TRACEBACK}\n${raw.trimEnd()}`
      values[at + 3] = culprit
      values[at + 4] = said === null ? undefined : normaliseAddress(said[1]!)
      if (said !== null) putList(said[2]!.toLowerCase(), '@', values, at + 5)
    },
    raw => {
      const said = REFUSALS.exec(raised(raw).message ?? '')
      const start = said === null ? -1 : raw.lastIndexOf(said[0]!)
      return start < 0 ? [] : [{ personal: 'address', start, end: start + said![1]!.length }]
    },
  ),
  fits: raw => raised(raw).type?.startsWith('mailman.interfaces.') === true,
}

export const mailman3Holes = {
  /** Message id and reasons. */
  held: hole(
    'text',
    MODERATED_FIELDS,
    (raw, values, at) => putModerated(readHeld(raw), values, at),
    raw => spansOfModerated(raw, readHeld(raw).messageId),
  ),
  /** The same. No other reason than that its sender is banned says who sent it. */
  discarded: hole(
    'text',
    [...MODERATED_FIELDS, 'email.from.address'],
    (raw, values, at) => {
      const moderated = readDiscarded(raw)
      putModerated(moderated, values, at)
      const senders = moderated.reasons.flatMap(reason => normaliseAddress(BANNED_SENDER.exec(reason)?.[1] ?? '') ?? [])
      values[at + 3] = senders.length === 0 ? undefined : senders
    },
    raw => spansOfModerated(raw, readDiscarded(raw).messageId),
  ),
  /** The traceback of a runner that was told to stop. */
  interruption: { ...hole('text', [], () => {}), fits: raw => raised(raw).type === 'mailman.interfaces.runner.RunnerInterrupt' },
  /** The traceback of what is no fault of Mailman's: its own exceptions, such as `mailman.interfaces.member.AlreadySubscribedError`. */
  refusal,
  /** The same, because of a ban. */
  ban: { ...refusal, fits: raw => raised(raw).type?.endsWith('.MembershipIsBannedError') === true },
  /** What was asked of the REST API: the path without its query, and the list and held message that it names. */
  apiPath: hole(
    'text',
    ['url.path', ...LIST_FIELDS, 'mailman.hold.request_id'],
    (raw, values, at) => {
      const path = raw.split('?', 1)[0]!
      values[at] = present(path)
      const named = LIST_PATH.exec(path)
      if (named === null) return
      const [, name = '', host, request] = named
      if (host !== undefined) putList(`${name}@${host}`.toLowerCase(), '@', values, at + 1)
      else if (name.includes('.')) putList(name.toLowerCase(), '.', values, at + 1)
      values[at + 4] = request
    },
    spansOfPath,
  ),
} as const satisfies Record<string, Hole>
