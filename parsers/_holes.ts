/**
 * The holes that a template may have: what text fits, and which fields it becomes. A hole's name is what Mailman's source or
 * the catalogue of its messages calls that place. Every conversion is pure, takes any text and never throws.
 */
import { isIP } from 'node:net'
import type { Value } from './_contract.js'
import type { FieldName } from './_fields.js'
import { slugOfHoldReason } from './_hold-reasons.js'
import { addressInHeader, normaliseAddress, normaliseMessageId, undouble, unfold } from './_normalise.js'
import { unquoteBytes } from './_python-text.js'
import { parseRefusals } from './_refusals.js'
import { readCrash, readRaised, TRACEBACK } from './_traceback.js'

/**
 * `word`: no blank, at most 1,024 characters · `int`: digits, perhaps with a minus · `float`: digits with a point ·
 * `text`: anything, also nothing, also newlines.
 */
export type HoleKind = 'word' | 'int' | 'float' | 'text'

export interface Hole {
  readonly kind: HoleKind
  readonly fields: readonly FieldName[]
  /** Puts one value for each of `fields` into `values`, from index `at` on. */
  convert(raw: string, values: Value[], at: number): void
}

const MAX_ADDRESSES = 100

const hole = (kind: HoleKind, fields: readonly FieldName[], convert: Hole['convert']): Hole => ({ kind, fields, convert })

/** One field, one value. */
const one = (kind: HoleKind, field: FieldName, convert: (raw: string) => Value): Hole =>
  hole(kind, [field], (raw, values, at) => {
    values[at] = convert(raw)
  })

/** A number that JSON and a `long` can hold, or none. */
function number(raw: string): Value {
  const value = Number(raw)
  return Number.isSafeInteger(value) ? value : undefined
}

const present = (raw: string): Value => (raw === '' ? undefined : raw)

/** Text that is stored as it stands. */
const text = (field: FieldName): Hole => one('text', field, raw => present(unfold(raw).trim()))

/** An address, in a field that holds several. */
const address = (field: 'email.from.address' | 'email.to.address', find = normaliseAddress): Hole =>
  one('text', field, raw => {
    const found = find(raw)
    return found === undefined ? undefined : [found]
  })

/** Where a web client says that it comes from: it may say anything, so an IP address is one only if it reads like one. */
function putClient(raw: string, values: Value[], at: number): void {
  values[at] = present(raw)
  values[at + 1] = isIP(raw) === 0 || raw.includes('%') ? undefined : raw // no zone ids: an `ip` field takes none
}

const list = (kind: HoleKind): Hole =>
  hole(kind, ['mailman.list.name', 'mailman.list.host', 'mailman.list.fqdn'], (raw, values, at) => {
    const list = raw.trim().toLowerCase()
    const host = list.indexOf('@')
    values[at] = present(host < 0 ? list : list.slice(0, host))
    values[at + 1] = host < 0 ? undefined : present(list.slice(host + 1))
    values[at + 2] = host < 0 ? undefined : list
  })

const ENHANCED_CODE = /^(?:b['"])?([245]\.\d{1,3}\.\d{1,3})\b/

const table = {
  /** Internal name or `real_name`, alone (2.1) or with its host (3, vhost forks). */
  list: list('word'),
  /** A name that somebody asked for: no list may have it. */
  listText: list('text'),
  /** The -request address of a list. */
  requestAddress: hole(
    'text',
    ['mailman.list.name', 'mailman.list.host', 'mailman.list.fqdn', 'email.to.address'],
    (raw, values, at) => {
      const found = normaliseAddress(raw)
      const host = found?.lastIndexOf('@') ?? -1
      const name = host < 0 ? found : found!.slice(0, host)
      values[at] = name?.endsWith('-request') ? present(name.slice(0, -8)) : undefined
      values[at + 1] = host < 0 ? undefined : present(found!.slice(host + 1))
      values[at + 2] = values[at] === undefined || values[at + 1] === undefined ? undefined : `${values[at]}@${values[at + 1]}`
      values[at + 3] = found === undefined ? undefined : [found]
    },
  ),
  sender: address('email.from.address'),
  recipient: address('email.to.address'),
  fromHeader: address('email.from.address', addressInHeader),
  /** ListAdmin.py escapes sender, subject and comment of a refused or discarded post for an interpolation. */
  escapedSender: address('email.from.address', raw => normaliseAddress(undouble(raw))),
  escapedSubject: one('text', 'email.subject', raw => present(undouble(unfold(raw)).trim())),
  moderatorComment: one('text', 'mailman.moderation.comment', raw => {
    const comment = undouble(raw).trimEnd()
    return comment === '[No reason given]' ? undefined : present(comment)
  }),
  member: one('text', 'user.email', normaliseAddress),
  newAddress: one('text', 'user.changes.email', normaliseAddress),
  client: hole('text', ['source.address', 'source.ip'], putClient),
  /** Where a request to join came from: the web client, or the From address of a mail. */
  origin: hole('text', ['source.address', 'source.ip', 'email.from.address'], (raw, values, at) => {
    const sender = raw.includes('@') ? normaliseAddress(raw) : undefined
    if (sender === undefined) putClient(raw, values, at)
    values[at + 2] = sender === undefined ? undefined : [sender]
  }),
  messageId: one('text', 'email.message_id', normaliseMessageId),
  /** A message id whose opening bracket is literal text of the template. */
  idInBrackets: one('text', 'email.message_id', raw => normaliseMessageId(`<${raw}`)),
  size: one('int', 'mailman.message.size', number),
  recipients: one('int', 'mailman.smtp.recipients', number),
  refused: one('int', 'mailman.smtp.refused', number),
  /** Seconds with a point → nanoseconds, as ECS wants durations. */
  seconds: one('float', 'event.duration', raw => number(`${Math.round(Number(raw) * 1e9)}`)),
  handler: one('word', 'mailman.handler', present),
  holdReason: hole('text', ['mailman.hold.reason', 'mailman.hold.reason_text'], (raw, values, at) => {
    const reason = unfold(raw).trim()
    values[at] = [slugOfHoldReason(reason)]
    values[at + 1] = present(reason)
  }),
  reason: text('event.reason'),
  precedence: one('text', 'event.reason', raw => `Precedence: ${unfold(raw).trim()}`),
  dmarcDomain: one('word', 'mailman.dmarc.domain', raw => raw.toLowerCase()),
  dmarcPolicy: one('word', 'mailman.dmarc.policy', present),
  dmarcRecord: text('mailman.dmarc.record'),
  smtpCode: one('int', 'mailman.smtp.code', raw => raw),
  smtpText: hole('text', ['error.message', 'mailman.smtp.enhanced_code'], (raw, values, at) => {
    const reply = unquoteBytes(raw).trimEnd()
    values[at] = present(reply)
    values[at + 1] = ENHANCED_CODE.exec(reply)?.[1]
  }),
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
  error: one('text', 'error.message', raw => present(raw.trimEnd())),
  errorCode: one('word', 'error.code', present),
  /** What follows the line `Traceback (most recent call last):`, where the exception's text stands before it. */
  traceback: hole('text', ['error.type', 'error.stack_trace', 'mailman.culprit'], (raw, values, at) => {
    const { type, culprit } = readRaised(raw.split('\n'))
    values[at] = type
    values[at + 1] = `${TRACEBACK}\n${raw.trimEnd()}`
    values[at + 2] = culprit
  }),
  /** The same, where nothing but the traceback says what was raised. */
  onlyTraceback: hole('text', ['error.message', 'error.type', 'error.stack_trace', 'mailman.culprit'], (raw, values, at) => {
    const { message, type, culprit } = readRaised(raw.split('\n'))
    values[at] = message
    values[at + 1] = type
    values[at + 2] = `${TRACEBACK}\n${raw.trimEnd()}`
    values[at + 3] = culprit
  }),
  /** The dump of a crashed page. */
  crash: hole(
    'text',
    ['error.message', 'error.type', 'error.stack_trace', 'mailman.culprit', 'url.path', 'source.address', 'source.ip'],
    (raw, values, at) => {
      const { message, type, traceback, culprit, remote, path } = readCrash(raw)
      values[at] = message
      values[at + 1] = type
      values[at + 2] = traceback
      values[at + 3] = culprit
      values[at + 4] = path
      if (remote !== undefined) putClient(remote, values, at + 5)
    },
  ),
  /** A queue file's base: `<time>+<hash>`. */
  queueFile: one('word', 'email.local_id', present),
  /** A program of the web interface. */
  program: one('word', 'process.name', present),
  path: text('file.path'),
  domain: one('word', 'url.domain', raw => raw.toLowerCase()),
  url: one('word', 'url.full', present),
  server: one('word', 'server.address', present),
  port: one('int', 'server.port', number),
  setting: one('word', 'mailman.setting.name', present),
  settingValue: text('mailman.setting.value'),
  /** Text that no field holds but the message. */
  rest: hole('text', [], () => {}),
} as const satisfies Record<string, Hole>

export type HoleName = keyof typeof table

export const holes: Readonly<Record<HoleName, Hole>> = table
