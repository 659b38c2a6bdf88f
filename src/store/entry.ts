/**
 * What the embedded store indexes of a document. The document itself is kept as it is; this is only what it is found by.
 * Words are split by SQLite's `unicode61`; keys are exact values, each made a single word of that tokenizer.
 */
import { addressFields, wordFields } from './query.js'
import type { Document, ReadField } from './shape.js'

export interface Entry {
  readonly timestampMs: number
  readonly offset: number
  readonly list: string | undefined
  readonly fqdn: string | undefined
  readonly action: string | undefined
  readonly dataset: string | undefined
  /** Of a hold, as a JSON array of texts. */
  readonly reasons: string | undefined
  readonly words: string
  readonly keys: string
}

const otherWordFields = wordFields.slice(1)

// A private-use character is a word of its own: no phrase is found across two fields.
const BETWEEN_FIELDS = ' \ue000 '

/** @returns undefined where `@timestamp` is not a time: Elasticsearch would refuse the document too. */
export function readEntry(read: ReadField): Entry | undefined {
  const timestampMs = Date.parse(textOf(read('@timestamp')) ?? '')
  if (Number.isNaN(timestampMs)) return undefined
  const offset = read('log.offset')
  return {
    timestampMs,
    offset: Number.isSafeInteger(offset) ? (offset as number) : 0,
    list: textOf(read('mailman.list.name')),
    fqdn: textOf(read('mailman.list.fqdn')),
    action: textOf(read('event.action')),
    dataset: textOf(read('event.dataset')),
    reasons: reasonsOf(read('mailman.hold.reason')),
    words: wordsOf(read),
    keys: keysOf(read),
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function reasonsOf(value: unknown): string | undefined {
  if (typeof value === 'string') return JSON.stringify([value])
  if (!Array.isArray(value) || value.length === 0) return undefined
  return JSON.stringify(value)
}

/** Most fields are cut from the message; only what is not in it costs room of its own. */
function wordsOf(read: ReadField): string {
  const message = textOf(read('message')) ?? ''
  let words = message
  for (const field of otherWordFields) {
    const text = textOf(read(field))
    if (text !== undefined && !message.includes(text)) words += BETWEEN_FIELDS + text
  }
  // SQLite's C strings end at NUL.
  return words.includes('\0') ? words.replaceAll('\0', ' ') : words
}

function keysOf(read: ReadField): string {
  const addresses = new Set<string>()
  for (const field of addressFields) {
    const value = read(field)
    if (typeof value === 'string') addresses.add(value)
    else if (Array.isArray(value)) for (const item of value) if (typeof item === 'string') addresses.add(item)
  }
  let keys = ''
  for (const address of addresses) keys += ` ${addressKey(address)}`
  const messageId = textOf(read('email.message_id'))
  return messageId === undefined ? keys : `${keys} ${messageIdKey(messageId)}`
}

export const addressKey = (address: string): string => asOneWord('a', address.toLowerCase())
export const messageIdKey = (messageId: string): string => asOneWord('m', messageId)

/**
 * unicode61 folds case and parts words at punctuation. Each UTF-8 byte but a-z and 0-9 becomes a private-use character, which
 * it leaves alone: different values stay different, and a value is one word.
 */
function asOneWord(kind: string, value: string): string {
  const bytes = isPlain.test(value) ? value : Buffer.from(value, 'utf8').toString('latin1')
  let word = kind
  let start = 0
  for (let i = 0; i < bytes.length; i++) {
    const other = privateUse[bytes.charCodeAt(i)]!
    if (other === '') continue
    word += bytes.slice(start, i) + other
    start = i + 1
  }
  return word + bytes.slice(start)
}

const isPlain = /^[\0-\x7f]*$/
const privateUse = Array.from({ length: 256 }, (_, byte) =>
  /[a-z0-9]/.test(String.fromCharCode(byte)) ? '' : String.fromCharCode(0xe100 + byte),
)

export function valueAt(document: unknown, path: readonly string[]): unknown {
  let value: unknown = document
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Document)[name]
  }
  return value
}

export function textAt(document: unknown, path: readonly string[]): string | undefined {
  const value = valueAt(document, path)
  return typeof value === 'string' ? value : undefined
}
