/**
 * What fills the holes of a document (shape.ts), packed into one text: most of it stands in the message, or follows from the columns
 * of the event's row. First the message, then for each other hole a separator and
 *
 *     \x01            what the row says: the time, the offset, the id
 *     \x02 at length  a part of the message, as two characters
 *     \x03 hole       what fills an earlier hole, too
 *     \x04 number     of a name (names.ts), base 36
 *     otherwise       the filling itself
 *
 * Fillings hold no control character (shape.ts), and the characters of places and lengths are above them.
 */
import type { FieldName } from '../../parsers/_fields.js'
import type { Shape } from './shape.js'

/** Of an event's row, what the document says too. */
export interface Row {
  readonly timestampMs: number
  readonly offset: number
  /** As it follows from the row; undefined: it does not. */
  readonly id: string | undefined
}

const SEPARATOR = '\x1f'
const OF_ROW = '\x01'
const PART = '\x02'
const SAME = '\x03'
const NAME = '\x04'
const FIRST_CHARACTER = 0x20
// Above are the surrogates.
const MAX_PLACE = 0xd000
// A part takes as much.
const MIN_PART = 4

/** The longest text, which holds most of the others. */
const bases: readonly FieldName[] = ['event.original', 'message']
/** One for each file. */
const NAMED: FieldName = 'log.file.path'

interface Plan {
  readonly base: number | undefined
  readonly named: number | undefined
  /** Of each hole, what the row says of it. */
  readonly ofRow: readonly (((row: Row) => string | undefined) | undefined)[]
}

const plans = new WeakMap<Shape, Plan>()

function planOf(shape: Shape): Plan {
  const known = plans.get(shape)
  if (known !== undefined) return known
  const ofRow: (((row: Row) => string | undefined) | undefined)[] = shape.isText.map(() => undefined)
  const add = (field: FieldName, read: (row: Row) => string | undefined) => {
    const hole = shape.holeOf(field)
    if (hole !== undefined) ofRow[hole] = read
  }
  add('@timestamp', row => timeOf(row.timestampMs))
  add('log.offset', row => String(row.offset))
  add('event.id', row => row.id)
  const base = bases.map(field => shape.holeOf(field)).find(hole => hole !== undefined && shape.isText[hole])
  const plan = { base, named: shape.holeOf(NAMED), ofRow }
  plans.set(shape, plan)
  return plan
}

let lastMs = Number.NaN
let lastTime = ''

/** Events come many in a second. */
function timeOf(ms: number): string {
  if (ms !== lastMs) {
    lastTime = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastTime
}

/** @param numberOf a name */
export function pack(shape: Shape, fillings: readonly string[], row: Row, numberOf: (name: string) => number): string {
  const { base, named, ofRow } = planOf(shape)
  const message = base === undefined ? '' : fillings[base]!
  let packed = message
  for (let i = 0; i < fillings.length; i++) {
    if (i === base) continue
    const filling = fillings[i]!
    packed += SEPARATOR
    if (ofRow[i]?.(row) === filling) packed += OF_ROW
    else if (i === named) packed += NAME + numberOf(filling).toString(36)
    else if (filling.length < MIN_PART) packed += filling
    else packed += partOf(message, filling) ?? sameAs(fillings, i) ?? filling
  }
  return packed
}

function partOf(message: string, filling: string): string | undefined {
  const at = message.indexOf(filling)
  if (at < 0 || at >= MAX_PLACE || filling.length >= MAX_PLACE) return undefined
  return PART + String.fromCharCode(at + FIRST_CHARACTER, filling.length + FIRST_CHARACTER)
}

function sameAs(fillings: readonly string[], i: number): string | undefined {
  const same = fillings.indexOf(fillings[i]!)
  return same < i ? SAME + String.fromCharCode(same + FIRST_CHARACTER) : undefined
}

/** @param nameOf a number @returns what fills the holes */
export function unpack(shape: Shape, packed: string, row: Row, nameOf: (number: number) => string): string[] {
  const { base, ofRow } = planOf(shape)
  const [message, ...parts] = packed.split(SEPARATOR) as [string, ...string[]]
  if (base !== undefined) parts.splice(base, 0, message)
  for (let i = 0; i < parts.length; i++) {
    if (i === base) continue
    const part = parts[i]!
    const placeAt = (at: number) => part.charCodeAt(at) - FIRST_CHARACTER
    switch (part[0]) {
      case OF_ROW:
        parts[i] = ofRow[i]?.(row) ?? ''
        break
      case PART:
        parts[i] = message.substr(placeAt(1), placeAt(2))
        break
      case SAME:
        parts[i] = parts[placeAt(1)]!
        break
      case NAME:
        parts[i] = nameOf(Number.parseInt(part.slice(1), 36))
        break
    }
  }
  return parts
}
