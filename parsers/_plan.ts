/**
 * A template as it is matched: its holes of text, and the groups of literal text and other holes between them. A group has a
 * fixed beginning once its first literal text has one, and it neither begins nor ends at more than one place from there on: so
 * one look at its characters reads it (`_match.ts`), in linear time.
 */
import type { FieldName } from './_fields.js'
import type { Hole, HoleKind } from './_hole.js'
import { type HoleName, holes } from './_holes.js'

/** A hole in its place: `at`, its first value. */
export interface Place {
  readonly hole: Hole
  readonly at: number
  /** Of a hole of text: it ends at the last place where what follows fits. */
  readonly last: boolean
}
/** Literal text, or a hole. */
export type Part = string | Place

/** A hole of a group, and the literal text behind it. */
export interface Step {
  readonly kind: Exclude<HoleKind, 'text'>
  readonly then: string
  /** A word ends before this, too: what follows it begins inside the word, as the colon of `list: …`. '': at a blank only. */
  readonly stop: string
}

/** What stands between two holes of text, or before the first, or behind the last. */
export interface Group {
  /** What it begins with; '': a hole, or nothing. */
  readonly literal: string
  readonly steps: readonly Step[]
  /** The hole of its first step, counted from the template's first one. */
  readonly firstHole: number
}

export interface Plan {
  readonly parts: readonly Part[]
  /** One more than `textHoles`. */
  readonly groups: readonly [Group, ...Group[]]
  readonly textHoles: readonly Place[]
  /** All holes, in order. */
  readonly places: readonly Place[]
  readonly fields: readonly FieldName[]
  /** Literal text that it ends with; '': none. */
  readonly tail: string
}

export function compile(template: string): Plan {
  const parts: Part[] = []
  const fields: FieldName[] = []
  for (const part of template.split(/(\{\w+\*?\})/)) {
    const name = /^\{(\w+)(\*?)\}$/.exec(part)
    if (name === null) {
      if (part !== '') parts.push(part)
      continue
    }
    const hole = holes[name[1] as HoleName] as Hole | undefined
    if (hole === undefined) throw new Error(`no hole is named ${name[1]}: ${template}`)
    parts.push({ hole, at: fields.length, last: name[2] === '*' })
    fields.push(...hole.fields)
  }
  const textHoles: Place[] = []
  const grouped: Part[][] = [[]]
  for (const part of parts) {
    if (typeof part === 'string' || part.hole.kind !== 'text') grouped.at(-1)!.push(part)
    else {
      textHoles.push(part)
      grouped.push([])
    }
  }
  grouped.slice(1).forEach((group, i) => {
    const isOpenEnd = group.length === 0 && i === textHoles.length - 1
    if (!isOpenEnd && typeof group[0] !== 'string') throw new Error(`literal text must follow a hole of text: ${template}`)
  })
  let holesBefore = 0
  const [first, ...rest] = grouped.map(group => {
    const made = groupOf(group, holesBefore)
    holesBefore += made.steps.length + 1
    return made
  })
  const last = parts.at(-1)
  return {
    parts,
    groups: [first!, ...rest],
    textHoles,
    places: parts.filter(part => typeof part !== 'string'),
    fields,
    tail: typeof last === 'string' ? last : '',
  }
}

function groupOf(parts: readonly Part[], firstHole: number): Group {
  const steps: Step[] = []
  parts.forEach((part, i) => {
    if (typeof part === 'string' || part.hole.kind === 'text') return
    const next = parts[i + 1]
    const then = typeof next === 'string' ? next : ''
    steps.push({ kind: part.hole.kind, then, stop: then.charCodeAt(0) > 32 ? then : '' })
  })
  const [first] = parts
  return { literal: typeof first === 'string' ? first : '', steps, firstHole }
}
