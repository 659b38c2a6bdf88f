/**
 * What events of one kind have in common. A document is its shape, JSON with holes, and what fills the holes: a kilobyte becomes the
 * two hundred bytes that differ from the next event's. Putting one into the other gives the document again, byte by byte.
 *
 * A hole is a text between its quotes (TEXT) or any other value (VALUE): both as they stand in the JSON, so neither holds a control
 * character, and control characters can mark what is ours.
 */
import type { FieldName } from '../../parsers/_fields.js'

export type Document = Readonly<Record<string, unknown>>

/** Reads one field of an event; undefined: it has none. */
export type ReadField = (field: FieldName) => unknown

const TEXT = '\x01'
const VALUE = '\x02'
const eachHole = /[\x01\x02]/g

/** What a site's configuration and our own vocabulary say: the same in so many events that it is part of the shape. Never a log's text. */
const constantFields: ReadonlySet<string> = new Set<FieldName>([
  'data_stream.dataset',
  'data_stream.namespace',
  'data_stream.type',
  'ecs.version',
  'event.action',
  'event.category',
  'event.dataset',
  'event.kind',
  'event.module',
  'event.outcome',
  'event.provider',
  'event.timezone',
  'event.type',
  'host.name',
  'mailman.hold.reason',
  'mailman.instance',
  'mailman.log',
  'service.type',
])

interface Slot {
  readonly hole: number
  /** The one item of an array. */
  readonly isItem: boolean
}

export class Shape {
  readonly number: number
  /** The JSON between the holes: one more than there are holes. */
  readonly literals: readonly string[]
  /** Of each hole, whether it is a text. */
  readonly isText: readonly boolean[]
  readonly #slots = new Map<string, Slot>()
  readonly #constants = new Map<string, unknown>()

  /** @param skeleton of a document, by skeletonOf */
  constructor(number: number, skeleton: string) {
    this.number = number
    this.literals = skeleton.split(eachHole)
    this.isText = [...skeleton.matchAll(eachHole)].map(([mark]) => mark === TEXT)
    let hole = 0
    // Numbers in the holes: so the parser finds out which field each one is in.
    const numbered = skeleton.replace(eachHole, mark => (mark === TEXT ? `\\u0001${hole++}` : `"\\u0001${hole++}"`))
    this.#name('', JSON.parse(numbered))
  }

  #name(path: string, value: unknown): void {
    const isItem = Array.isArray(value) && value.length === 1
    const text: unknown = isItem ? value[0] : value
    if (typeof text === 'string' && text.startsWith('\x01')) this.#slots.set(path, { hole: Number(text.slice(1)), isItem })
    else if (typeof value !== 'object' || value === null || Array.isArray(value)) this.#constants.set(path, value)
    else for (const [name, inner] of Object.entries(value)) this.#name(path === '' ? name : `${path}.${name}`, inner)
  }

  /** Which hole this field fills; undefined: none. */
  holeOf(field: FieldName): number | undefined {
    return this.#slots.get(field)?.hole
  }

  /** @param fillings of the holes */
  read(fillings: readonly string[], field: FieldName): unknown {
    const slot = this.#slots.get(field)
    if (slot === undefined) return this.#constants.get(field)
    const filling = fillings[slot.hole]!
    if (!this.isText[slot.hole]) return /^[1-9][0-9]{0,14}$/.test(filling) ? Number(filling) : JSON.parse(filling)
    return slot.isItem ? [decode(filling)] : decode(filling)
  }

  /** The document's JSON. */
  fill(fillings: readonly string[]): string {
    const { literals } = this
    let text = literals[0]!
    for (const [i, filling] of fillings.entries()) text += filling + literals[i + 1]!
    return text
  }
}

/** Not as they are in JSON: a text that holds any of these means another one, or is none. */
export const escaped = /[\x00-\x1f\\]/

/** @param text of a string in JSON, between its quotes; throws where it is none */
export function decode(text: string): string {
  return escaped.test(text) ? (JSON.parse(`"${text}"`) as string) : text
}

/** @returns the document's JSON with holes, and what fills them */
export function skeletonOf(document: Document): { readonly skeleton: string; readonly fillings: readonly string[] } {
  const fillings: string[] = []
  const textHole = (text: string): string => {
    fillings.push(JSON.stringify(text).slice(1, -1))
    return `"${TEXT}"`
  }
  const walk = (path: string, value: unknown): string => {
    if (constantFields.has(path)) return JSON.stringify(value)
    if (typeof value === 'string') return textHole(value)
    if (Array.isArray(value) && value.length === 1 && typeof value[0] === 'string') return `[${textHole(value[0])}]`
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const inner = Object.entries(value).map(
        ([name, item]) => `${JSON.stringify(name)}:${walk(path === '' ? name : `${path}.${name}`, item)}`,
      )
      return `{${inner.join()}}`
    }
    fillings.push(JSON.stringify(value))
    return VALUE
  }
  return { skeleton: walk('', document), fillings }
}
