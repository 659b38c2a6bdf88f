/**
 * Templates of Mailman's messages, compiled to straight code.
 *
 *     post to {list} from {sender}, size={size}, message-id={messageId}, success
 *
 * Literal text must stand as written; a hole in braces takes what its kind allows (`_holes.ts`). A hole of text ends at the
 * first place where all that follows up to the next hole of text fits, or at the last such place when marked `{sender*}`;
 * what follows the last hole of text must reach the end. Senders write most of what stands in holes of text, so a template
 * is anchored at both ends, and there is no backtracking: each such hole is ended once, and time stays linear.
 */
import type { ActionName } from './_actions.js'
import type { Pattern, Span, Value } from './_contract.js'
import type { FieldName } from './_fields.js'
import type { Hole } from './_hole.js'
import { type HoleName, holes } from './_holes.js'

/** A hole in its place: `at`, its first value; `slot`, its bounds. */
interface Place {
  readonly hole: Hole
  readonly at: number
  readonly slot: number
  /** Of a hole of text: it ends at the last place where what follows fits. */
  readonly last: boolean
}
/** Literal text, or (literal '') a hole that is not of text. */
interface Piece {
  readonly literal: string
  readonly place: Place | undefined
}
/** Pieces between two holes of text: all of them have a fixed beginning once the first one has. */
type Group = readonly Piece[]

export interface Options {
  readonly outcome?: Pattern['outcome']
  readonly constants?: Pattern['constants']
  /** Default: a template that ends in a hole of text is open. */
  readonly open?: boolean
  readonly joins?: Pattern['joins']
  readonly joinsMany?: true
  readonly stderr?: true
}

const MAX_WORD = 1024
const MAX_DIGITS = 20
/** Python writes up to 17 digits of a float, behind leading zeros or with an exponent. */
const MAX_FLOAT = 32
/** How many places are tried for the end of a template, from the right. */
const MAX_TRIES_FROM_RIGHT = 8

export function pattern(action: ActionName, template: string, options: Options = {}): Pattern {
  const { groups, textHoles, places, fields } = compile(template)
  const endsInText = groups.at(-1)?.length === 0
  const head = groups[0]![0]?.literal ?? ''
  const tail = groups.at(-1)!.at(-1)?.literal ?? ''
  const first = head.charCodeAt(0)
  const last = tail.charCodeAt(tail.length - 1)
  // Most texts are told by their ends, and by the characters there faster than by strings: no template is looked at further.
  const matchText = (text: string): Value[] | undefined =>
    (head === '' || (text.charCodeAt(0) === first && text.startsWith(head))) &&
    (tail === '' || (text.charCodeAt(text.length - 1) === last && text.endsWith(tail)))
      ? match(text, groups, textHoles, places, fields.length)
      : undefined
  return {
    action,
    template,
    outcome: options.outcome,
    log: undefined,
    fields,
    constants: options.constants ?? {},
    open: options.open ?? endsInText,
    joins: options.joins,
    joinsMany: options.joinsMany === true,
    stderr: options.stderr === true,
    holdsBody: places.some(({ hole }) => hole.personal === 'body'),
    match: matchText,
    spans: text => (matchText(text) === undefined ? [] : spansOf(text, places)),
  }
}

function compile(template: string) {
  const groups: Piece[][] = [[]]
  const places: Place[] = []
  const textHoles: Place[] = []
  const fields: FieldName[] = []
  for (const part of template.split(/(\{\w+\*?\})/)) {
    const name = /^\{(\w+)(\*?)\}$/.exec(part)
    if (name === null) {
      if (part !== '') groups.at(-1)!.push({ literal: part, place: undefined })
      continue
    }
    const hole = holes[name[1] as HoleName] as Hole | undefined
    if (hole === undefined) throw new Error(`no hole is named ${name[1]}: ${template}`)
    const place = { hole, at: fields.length, slot: places.length * 2, last: name[2] === '*' }
    places.push(place)
    fields.push(...hole.fields)
    if (hole.kind === 'text') {
      textHoles.push(place)
      groups.push([])
    } else groups.at(-1)!.push({ literal: '', place })
  }
  groups.slice(1).forEach((group, i) => {
    const isOpenEnd = group.length === 0 && i === textHoles.length - 1
    if (!isOpenEnd && (group[0]?.literal ?? '') === '') throw new Error(`literal text must follow a hole of text: ${template}`)
  })
  return { groups, textHoles, places, fields }
}

// Where each hole of the match at hand begins and ends; read before the next match begins.
const bounds = new Int32Array(64)

const spansOf = (text: string, places: readonly Place[]): Span[] =>
  places.flatMap(({ hole: { personal }, slot }) => {
    const start = bounds[slot]!
    const end = bounds[slot + 1]!
    if (personal === undefined) return []
    if (typeof personal === 'string') return [{ personal, start, end }]
    return personal(text.slice(start, end)).map(part => ({ ...part, start: start + part.start, end: start + part.end }))
  })

function match(
  text: string,
  groups: readonly Group[],
  textHoles: readonly Place[],
  places: readonly Place[],
  size: number,
): Value[] | undefined {
  let at = matchGroup(text, groups[0]!, 0)
  if (at < 0) return undefined
  const last = textHoles.length - 1
  if (last < 0 && at !== text.length) return undefined
  for (let i = 0; i <= last; i++) {
    const textHole = textHoles[i]!
    const group = groups[i + 1]!
    const start = i === last ? findTail(text, group, at) : find(text, group, at, textHole.last)
    if (start < 0) return undefined
    bounds[textHole.slot] = at
    bounds[textHole.slot + 1] = start
    at = groupEnd
  }
  const values: Value[] = new Array(size)
  for (let i = 0; i < places.length; i++) {
    const { hole, at, slot } = places[i]!
    const raw = text.slice(bounds[slot], bounds[slot + 1])
    if (hole.fits?.(raw) === false) return undefined
    hole.convert(raw, values, at)
  }
  return values
}

/** Where the group ends that `find` found last. */
let groupEnd = 0

/** The first (or last) place from `from` on where the whole group fits. */
function find(text: string, group: Group, from: number, last: boolean): number {
  const { literal } = group[0]!
  let at = last ? text.lastIndexOf(literal) : text.indexOf(literal, from)
  while (at >= from) {
    groupEnd = matchGroup(text, group, at)
    if (groupEnd >= 0) return at
    at = last ? (at === 0 ? -1 : text.lastIndexOf(literal, at - 1)) : text.indexOf(literal, at + 1)
  }
  return -1
}

/** The place from `from` on where the group fits and reaches the end of the text. */
function findTail(text: string, group: Group, from: number): number {
  if (group.length === 0) return text.length
  const { literal } = group[0]!
  // A single piece is the template's tail, which the text has.
  let at = group.length === 1 ? text.length - literal.length : text.lastIndexOf(literal)
  if (group.length === 1) return at >= from ? at : -1
  for (let tries = 0; tries < MAX_TRIES_FROM_RIGHT && at >= from; tries++) {
    if (matchGroup(text, group, at) === text.length) return at
    if (at === 0) break
    at = text.lastIndexOf(literal, at - 1)
  }
  return -1
}

/** The end of the group that begins at `at`, or -1. */
function matchGroup(text: string, group: Group, at: number): number {
  for (let i = 0; i < group.length; i++) {
    const piece = group[i]!
    const { literal, place } = piece
    if (place === undefined) {
      if (!text.startsWith(literal, at)) return -1
      at += literal.length
    } else {
      const end = endOfHole(text, place.hole, at, group[i + 1]?.literal ?? '')
      if (end <= at) return -1
      bounds[place.slot] = at
      bounds[place.slot + 1] = end
      at = end
    }
  }
  return at
}

function endOfHole(text: string, hole: Hole, at: number, next: string): number {
  let end = at
  if (hole.kind === 'word') {
    while (end - at <= MAX_WORD && text.charCodeAt(end) > 32) end++ // NaN past the end
    if (end - at > MAX_WORD) return -1
    // A literal that begins inside the word ends it: the colon of `list: …`.
    if (next !== '' && !text.startsWith(next, end)) {
      for (let inside = at + 1; inside < end; inside++) if (text.startsWith(next, inside)) return inside
      return -1
    }
    return end
  }
  if (text.charCodeAt(end) === 45) end++
  const digits = end
  const most = hole.kind === 'float' ? MAX_FLOAT : MAX_DIGITS
  while (end - digits <= most) {
    const code = text.charCodeAt(end)
    const fits = (code >= 48 && code <= 57) || (hole.kind === 'float' && (code === 46 || code === 101 || code === 45))
    if (!fits) break
    end++
  }
  return end === digits || end - digits > most ? -1 : end
}
