/**
 * Event → JSON, by a writer compiled once for each shape of document: constant text with gaps. Writing a document is then
 * joining strings; no object is built and none is walked. The document is a byte string (model.ts), and text that is plain
 * (text.ts) goes in as it is.
 */
import { actions } from '../../parsers/_actions.js'
import type { Pattern, Value } from '../../parsers/_contract.js'
import { type FieldName, fields } from '../../parsers/_fields.js'
import { datasetOf } from '../../parsers/_logs.js'
import { quote } from './text.js'

/** What all documents of one log have in common. */
export interface DocumentSource {
  readonly hostName: string
  readonly instance: string
  readonly namespace: string
  /** `smtp-failure`; the dataset is made from it, where the pattern names no other. */
  readonly log: string
  readonly provider: 'mailman2' | 'mailman3'
  /** Undefined: the host had several. */
  readonly timezone: string | undefined
}

/** What differs. Absent parts are undefined, and then their fields are absent too. */
export interface DocumentParts {
  readonly timestamp: string
  readonly id: string
  readonly path: string
  readonly offset: number
  readonly message: string
  readonly pid: number | undefined
  readonly processName: string | undefined
  readonly tags: readonly string[] | undefined
  readonly original: string | undefined
  readonly longBytes: number | undefined
  readonly longSha256: string | undefined
  readonly pattern: Pattern | undefined
  readonly values: readonly Value[]
  /** Message, original and values need no escape. */
  readonly plain: boolean
}

/** Where the parts go; the order is that of the presence bits. Values follow from FIRST_VALUE on. */
const partFields: readonly FieldName[] = [
  '@timestamp',
  'event.id',
  'log.file.path',
  'log.offset',
  'message',
  'process.pid',
  'process.name',
  'tags',
  'event.original',
  'mailman.line.bytes',
  'mailman.line.sha256',
]
const ALWAYS = 5
const threeDigits = Array.from({ length: 1000 }, (_, number) => `${number}`.padStart(3, '0'))
const FIRST_VALUE = partFields.length
const RELATED: ReadonlySet<FieldName> = new Set(['email.from.address', 'email.to.address', 'user.changes.email', 'user.email'])

/** texts[0] + slot + texts[1] + slot … + texts[n]; a slot below 0 stands for all addresses of the event. */
interface Writer {
  readonly texts: readonly string[]
  readonly slots: readonly number[]
  readonly related: readonly number[]
}
const RELATED_SLOT = -1

export class DocumentWriter {
  readonly #source: DocumentSource
  readonly #writers = new Map<Pattern | undefined, Map<number, Writer>>()
  #path = ''
  #pathInside = ''
  #thousands = 0
  #thousandsInside = ''

  constructor(source: DocumentSource) {
    this.#source = source
  }

  /** The document, on one line, without a newline. */
  write(parts: DocumentParts): string {
    const { pattern, values } = parts
    let present = (1 << ALWAYS) - 1
    if (parts.pid !== undefined) present |= 1 << 5
    if (parts.processName !== undefined) present |= 1 << 6
    if (parts.tags !== undefined) present |= 1 << 7
    if (parts.original !== undefined) present |= 1 << 8
    if (parts.longBytes !== undefined) present |= 3 << 9
    for (let i = 0; i < values.length; i++) if (isPresent(values[i])) present |= 1 << (FIRST_VALUE + i)

    const { texts, slots, related } = this.#writer(pattern, present)
    let json = texts[0]!
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!
      json += slot === RELATED_SLOT ? addressesInside(parts, related) : this.#inside(parts, slot)
      json += texts[i + 1]!
    }
    return json
  }

  #inside(parts: DocumentParts, slot: number): string {
    if (slot >= FIRST_VALUE) return insideOf(parts.values[slot - FIRST_VALUE]!, parts.plain)
    switch (slot) {
      case 0:
        return parts.timestamp
      case 1:
        return parts.id
      case 2:
        if (parts.path !== this.#path) {
          this.#path = parts.path
          this.#pathInside = insideOf(parts.path, false)
        }
        return this.#pathInside
      case 3:
        return this.#offsetInside(parts.offset)
      case 4:
        return insideOf(parts.message, parts.plain)
      case 5:
        return `${parts.pid}`
      case 6:
        return insideOf(parts.processName!, false)
      case 7:
        return insideOf(parts.tags!, true)
      case 8:
        return insideOf(parts.original!, parts.plain)
      case 9:
        return `${parts.longBytes}`
      default:
        return parts.longSha256!
    }
  }

  /** V8 keeps the text of each number that it writes for a while, which for offsets is for nothing: they do not come again. */
  #offsetInside(offset: number): string {
    const thousands = Math.floor(offset / 1000)
    if (thousands !== this.#thousands) {
      this.#thousands = thousands
      this.#thousandsInside = `${thousands}`
    }
    return thousands === 0 ? `${offset}` : this.#thousandsInside + threeDigits[offset % 1000]!
  }

  #writer(pattern: Pattern | undefined, present: number): Writer {
    let shapes = this.#writers.get(pattern)
    if (shapes === undefined) {
      shapes = new Map()
      this.#writers.set(pattern, shapes)
    }
    let writer = shapes.get(present)
    if (writer === undefined) {
      writer = compile(this.#source, pattern, present)
      shapes.set(present, writer)
    }
    return writer
  }
}

function compile(source: DocumentSource, pattern: Pattern | undefined, present: number): Writer {
  const has = (slot: number): boolean => (present & (1 << slot)) !== 0
  const entries = new Map<FieldName, string | number>(constantsOf(source, pattern))
  partFields.forEach((field, slot) => {
    if (has(slot)) entries.set(field, slot)
  })
  const related: number[] = []
  pattern?.fields.forEach((field, i) => {
    if (!has(FIRST_VALUE + i)) return
    entries.set(field, FIRST_VALUE + i)
    if (RELATED.has(field)) related.push(i)
  })
  if (related.length > 0) entries.set('related.user', RELATED_SLOT)
  const texts: string[][] = [[]]
  const slots: number[] = []
  const put = (text: string): void => void texts.at(-1)!.push(text)
  writeTree([...entries].sort(byField), '', put, (slot, field) => {
    const [before, after] = wrapOf(field)
    put(before)
    slots.push(slot)
    texts.push([after])
  })
  // What `+=` makes is a tree of its pieces, which would be walked for each document again.
  return { texts: texts.map(pieces => pieces.join('')), slots, related }
}

const isPresent = (value: Value): boolean => value !== undefined && (typeof value !== 'object' || value.length > 0)

/** What stands around a field's value in any document: it is part of the constant text. */
function wrapOf(field: FieldName): readonly [string, string] {
  const { type, array } = fields[field]
  if (array) return ['["', '"]']
  return type === 'long' || type === 'float' || type === 'boolean' ? ['', ''] : ['"', '"']
}

/** A value without what `wrapOf` puts around it; items of an array are kept apart as JSON wants. */
function insideOf(value: Exclude<Value, undefined> | readonly string[], plain: boolean): string {
  if (typeof value === 'string') return plain ? value : quote(value).slice(1, -1)
  if (typeof value === 'number' || typeof value === 'boolean') return `${value}`
  return value.length === 1 ? insideOf(value[0]!, plain) : value.map(item => insideOf(item, plain)).join('","')
}

/** The addresses of all these values, each once. */
function addressesInside({ values, plain }: DocumentParts, slots: readonly number[]): string {
  if (slots.length === 1) return insideOf(values[slots[0]!]!, plain)
  return insideOf([...new Set(slots.flatMap(slot => values[slot] as string | string[]))], plain)
}

/** `@timestamp` first, for people who read NDJSON; then by name, so that fields of one object stand together. */
const byField = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1)

/** Writes entries, sorted by field name, as nested objects. `depth` is the dotted prefix they share, with its final dot. */
function writeTree(
  entries: readonly [FieldName, string | number][],
  prefix: string,
  put: (text: string) => void,
  slot: (slot: number, field: FieldName) => void,
): void {
  put('{')
  for (let i = 0; i < entries.length; ) {
    const [name, value] = entries[i]!
    const rest = name.slice(prefix.length)
    const dot = rest.indexOf('.')
    if (i > 0) put(',')
    if (dot < 0) {
      put(`"${rest}":`)
      if (typeof value === 'number') slot(value, name)
      else put(value)
      i++
      continue
    }
    const inner = prefix + rest.slice(0, dot + 1)
    let end = i
    while (end < entries.length && entries[end]![0].startsWith(inner)) end++
    put(`"${rest.slice(0, dot)}":`)
    writeTree(entries.slice(i, end), inner, put, slot)
    i = end
  }
  put('}')
}

/** Field → JSON, for the fields that every document of this log and pattern has. */
function constantsOf(source: DocumentSource, pattern: Pattern | undefined): Map<FieldName, string> {
  const constants = new Map<FieldName, string>()
  const dataset = datasetOf(pattern?.log ?? source.log)
  const set = (field: FieldName, value: string | boolean | readonly string[] | undefined): void => {
    if (value === undefined || value === '' || (typeof value === 'object' && value.length === 0)) return
    const json = typeof value === 'string' ? quote(value) : JSON.stringify(value)
    constants.set(field, fields[field].array === true && typeof value === 'string' ? `[${json}]` : json)
  }
  set('ecs.version', '9.4.0')
  set('data_stream.type', 'logs')
  set('data_stream.dataset', dataset)
  set('data_stream.namespace', source.namespace)
  set('event.kind', 'event')
  set('event.module', 'mailman')
  set('event.dataset', dataset)
  set('event.provider', source.provider)
  set('event.timezone', source.timezone)
  set('host.name', source.hostName)
  set('service.type', 'mailman')
  set('mailman.instance', source.instance)
  set('mailman.log', source.log)
  const action = pattern && actions[pattern.action]
  set('event.action', pattern?.action)
  set('event.category', action?.category)
  set('event.type', action?.type ?? ['info'])
  set('event.outcome', pattern?.outcome)
  for (const [field, value] of Object.entries(pattern?.constants ?? {})) set(field as FieldName, value)
  return constants
}
