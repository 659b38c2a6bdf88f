/**
 * What says who people are, kept, hashed or dropped as the configuration wishes: in each field, and in the text of the record.
 *
 * A template knows where in its text an address, a name, a subject or a web client stands; these parts are replaced first. All
 * the rest, and all of a text that no template takes, is searched for addresses and IP addresses. Names and subjects are
 * known by their place only: where no template says it, they stay.
 */

import type { Pattern, Personal, Span, Value } from '../../parsers/_contract.js'
import type { FieldName } from '../../parsers/_fields.js'
import { normaliseAddress, undouble, unfold } from '../../parsers/_normalise.js'
import { spansOfTokenOwner } from '../../parsers/_personal.js'
import type { Config } from '../config/options.js'
import { describeBody } from './body.js'
import { isOfList, type OwnList } from './own-list.js'
import { type Kind, Pseudonyms } from './pseudonym.js'
import { redact } from './redact.js'
import { scrubAddresses, scrubIps } from './scrub.js'

export type PrivacyOptions = Omit<Config['privacy'], 'keyFile'>

const modeOf: Readonly<Record<Kind, keyof PrivacyOptions>> = {
  address: 'addresses',
  name: 'names',
  subject: 'subjects',
  ip: 'ips',
}

const kindOfField = new Map<FieldName, Kind | 'id' | 'client'>([
  ['email.from.address', 'address'],
  ['email.message_id', 'id'],
  ['email.subject', 'subject'],
  ['email.to.address', 'address'],
  ['mailman.moderation.comment', 'subject'],
  ['mailman.subject.raw', 'subject'],
  ['source.address', 'ip'],
  ['source.ip', 'client'],
  ['user.changes.email', 'address'],
  ['user.email', 'address'],
  ['user.full_name', 'name'],
  ['user.name', 'name'],
])

const ONE_ADDRESS = /^((?:"(?:[^"\\\n]|\\.){0,256}"|[^\s"<>()@,;:[\]]{1,1024}))@([\w.\-\x80-\uffff]{1,255}|\[[^\]\s]{1,64}\])$/
/** What Mailman says where it knows no sender, client or subject. */
const NOBODY = /^(?:|n\/a|none|<missing>|unidentified origin|\(no subject\)|\[no reason given\])$/i
/** A part of a moderated message in a line that was cut off from its record. */
const LOOSE_SUBJECT = /(?:^|\n)\t(?:Subject|Reason): /
/** Mailman 3 quotes the header that a rule matched. */
const QUOTED_HEADER = 'Header "'
const QUOTED_HEADER_ENDS = '" matched a '
/** The same as a tuple's repr: `('Header "{}" matched a header rule', 'NAME: VALUE')`. */
const HEADER_IN_TUPLE = /^\{\}" matched a [a-z_ ]{1,40}', ["']/
/** Between a hash and its domain: else it could end as somebody's mailbox does, `…0a@example.org`. */
const NO_MAILBOX = '_'
const MARKS = 0xe000

export class Privacy {
  readonly #options: PrivacyOptions
  readonly #keys: Pseudonyms | undefined

  /** @param key needed where anything is to be hashed */
  constructor(options: PrivacyOptions, key: string | undefined) {
    this.#options = options
    this.#keys = key === undefined ? undefined : new Pseudonyms(key)
  }

  /** Text and values of a record, decoded and with its secrets, as they may be stored. */
  protect(text: string, pattern: Pattern | undefined, values: readonly Value[]): { text: string; values: readonly Value[] } {
    const list = listOf(pattern, values)
    return {
      text: this.#text(text, pattern, list),
      values: values.map((value, i) => this.#value(pattern!.fields[i]!, value, list)),
    }
  }

  /** A line of a message: what stands in its place. */
  describeBody(body: string): string {
    return describeBody(body, this.#keys ?? null)
  }

  /** One address in the form in which events hold it. Needs `addresses: hash`. */
  hashAddress(address: string): string {
    return this.#address(address.trim().replace(/^<(.*)>$/, '$1'), undefined)!
  }

  #text(text: string, pattern: Pattern | undefined, list: OwnList | undefined): string {
    const spans = pattern === undefined ? looseSpans(text) : pattern.spans(text)
    if (spans.length === 0) return redact(this.#scrub(redact(text), list))
    // Marks hold the places, so that secrets are seen in the text as a whole and nothing is looked at twice.
    const parts: string[] = []
    let marked = ''
    let at = 0
    for (const { personal, start, end } of spans) {
      marked += unmarked(text.slice(at, start)) + String.fromCharCode(MARKS + parts.length)
      parts.push(this.#part(personal, text.slice(start, end), list))
      at = end
    }
    marked = this.#scrub(redact(marked + unmarked(text.slice(at))), list)
    return redact(marked.replace(/[\ue000-\uefff]/g, mark => parts[mark.charCodeAt(0) - MARKS] ?? mark))
  }

  #part(personal: Personal, raw: string, list: OwnList | undefined): string {
    if (personal === 'id') return redact(raw)
    if (personal === 'body') return this.describeBody(raw)
    const value = raw.trim()
    if (this.#options[modeOf[personal]] === 'keep' || NOBODY.test(value)) return this.#scrub(redact(raw), list)
    const hidden = (personal === 'address' ? this.#address(value, list) : this.#hide(personal, value)) ?? `[${personal}]`
    const before = raw.length - raw.trimStart().length
    return raw.slice(0, before) + hidden + raw.slice(before + value.length)
  }

  #value(field: FieldName, value: Value, list: OwnList | undefined): Value {
    if (Array.isArray(value)) {
      const values = value.map(item => this.#value(field, item, list)).filter(item => typeof item === 'string')
      return values.length === 0 ? undefined : values
    }
    if (typeof value !== 'string') return value
    const kind = kindOfField.get(field)
    if (kind === 'id') return redact(value)
    if (field === 'mailman.csrf.issued_for') return this.#owner(value, list)
    if (kind === 'client') return this.#options.ips === 'keep' ? value : undefined
    if (kind === undefined || this.#options[modeOf[kind]] === 'keep' || NOBODY.test(value))
      return this.#scrub(redact(value), list)
    return kind === 'address' ? this.#address(value, list) : this.#hide(kind, value)
  }

  /** Whose token it is, as in the text. */
  #owner(value: string, list: OwnList | undefined): string {
    const [span] = spansOfTokenOwner(value)
    if (span === undefined) return this.#scrub(redact(value), list)
    return value.slice(0, span.start) + this.#part(span.personal, value.slice(span.start), list)
  }

  /** Undefined: dropped. */
  #hide(kind: Kind, value: string): string | undefined {
    if (this.#options[modeOf[kind]] === 'drop') return undefined
    const plain = unfold(undouble(value)).trim().toLowerCase()
    return this.#keys!.of(kind, kind === 'name' ? plain.replace(/^"(.*)"$/s, '$1').replace(/\\(.)/gs, '$1') : plain)
  }

  /** What should be one address; senders may have made it anything. Undefined: dropped. */
  #address(value: string, list: OwnList | undefined): string | undefined {
    const address = normaliseAddress(undouble(value).replace(/^([^@%]+)%40([^@%]+)$/, '$1@$2')) ?? ''
    const [, local, domain] = ONE_ADDRESS.exec(address) ?? []
    if (local !== undefined && domain !== undefined) {
      if (isOfList(local, domain, list)) return address
      return this.#options.addresses === 'drop' ? undefined : this.#pseudonym(local, '@', domain)
    }
    if (this.#options.addresses === 'drop') return undefined
    const scrubbed = this.#scrub(redact(value), list)
    return scrubbed === value ? this.#keys!.of('address', address) : scrubbed
  }

  #pseudonym(local: string, sign: string, domain: string): string {
    const host = domain.toLowerCase()
    const person = this.#keys!.of('address', `${unfold(undouble(local)).toLowerCase()}@${host}`)
    return `${person}${NO_MAILBOX}${sign}${this.#scrubIps(host)}`
  }

  #scrub(text: string, list: OwnList | undefined): string {
    const { addresses } = this.#options
    let clean = this.#hideHeaders(text)
    if (addresses !== 'keep')
      clean = scrubAddresses(clean, (local, sign, domain) => {
        if (isOfList(local, domain, list)) return undefined
        return addresses === 'drop' ? '[address]' : this.#pseudonym(local, sign, domain)
      })
    return this.#scrubIps(clean)
  }

  #scrubIps(text: string): string {
    if (this.#options.ips === 'keep') return text
    return scrubIps(text, ip => this.#hide('ip', ip) ?? '[ip]')
  }

  #hideHeaders(text: string): string {
    if (this.#options.subjects === 'keep' || !text.includes(QUOTED_HEADER)) return text
    return text
      .split(QUOTED_HEADER)
      .map((part, i) => {
        const [start, end] = i === 0 ? [0, 0] : placeOfHeader(part)
        if (end <= start) return part
        return part.slice(0, start) + (this.#hide('subject', part.slice(start, end)) ?? '[subject]') + part.slice(end)
      })
      .join(QUOTED_HEADER)
  }
}

/** Where the header stands in what follows `Header "`. */
function placeOfHeader(text: string): [start: number, end: number] {
  const tuple = HEADER_IN_TUPLE.exec(text)?.[0].length
  if (tuple === undefined) return [0, text.indexOf(QUOTED_HEADER_ENDS)]
  const end = Math.max(text.lastIndexOf("')"), text.lastIndexOf('")'))
  return [tuple, end < tuple ? text.length : end]
}

/** A list that somebody only asked for may be anything, also a person's address. */
function listOf(pattern: Pattern | undefined, values: readonly Value[]): OwnList | undefined {
  if (pattern === undefined || pattern.template.includes('{listText')) return undefined
  const name = values[pattern.fields.indexOf('mailman.list.name')]
  const host = values[pattern.fields.indexOf('mailman.list.host')]
  return typeof name === 'string' ? { name, host: typeof host === 'string' ? host : undefined } : undefined
}

function looseSpans(text: string): Span[] {
  const found = LOOSE_SUBJECT.exec(text)
  return found === null ? [] : [{ personal: 'subject', start: found.index + found[0].length, end: text.length }]
}

/** Text in which no mark stands but ours. */
const unmarked = (text: string): string => text.replace(/[\ue000-\uefff]/g, '\ufffd')
