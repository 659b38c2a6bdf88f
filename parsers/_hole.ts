/** What a hole of a template is, and the ways to make one. The holes themselves are in the files `_holes-….ts`. */
import { isIP } from 'node:net'
import type { Personal, Value } from './_contract.js'
import type { FieldName } from './_fields.js'
import { unfold } from './_normalise.js'
import type { FindSpans } from './_personal.js'

/**
 * `word`: no blank, at most 1,024 characters · `int`: digits, perhaps with a minus · `float`: digits with a point, perhaps an
 * exponent · `text`: anything, also nothing, also newlines.
 */
export type HoleKind = 'word' | 'int' | 'float' | 'text'

export interface Hole {
  readonly kind: HoleKind
  readonly fields: readonly FieldName[]
  /** What its text may say of a person: all of it, or the parts that are found in it; undefined: nothing that is known. */
  readonly personal: Personal | FindSpans | undefined
  /** The template does not fit where this says no. Pure, takes any text, linear. */
  readonly fits?: (raw: string) => boolean
  /** Puts one value for each of `fields` into `values`, from index `at` on. Pure, takes any text, never throws. */
  convert(raw: string, values: Value[], at: number): void
}

export const hole = (
  kind: HoleKind,
  fields: readonly FieldName[],
  convert: Hole['convert'],
  personal?: Hole['personal'],
): Hole => ({
  kind,
  fields,
  personal,
  convert,
})

/** One field, one value. */
export const one = (kind: HoleKind, field: FieldName, convert: (raw: string) => Value, personal?: Hole['personal']): Hole =>
  hole(
    kind,
    [field],
    (raw, values, at) => {
      values[at] = convert(raw)
    },
    personal,
  )

export const present = (raw: string): Value => (raw === '' ? undefined : raw)

/** Text that is stored as it stands, on one line. */
export const text = (field: FieldName, personal?: Hole['personal']): Hole =>
  one('text', field, raw => present(unfold(raw).trim()), personal)

export const word = (field: FieldName): Hole => one('word', field, present)

/** A number that JSON and a `long` can hold, or none. */
export const whole = (value: number): Value => (Number.isSafeInteger(value) ? value : undefined)

export const integer = (raw: string): Value => whole(Number(raw))

/** A number that JSON and a `float` can hold, or none. */
export function float(raw: string): Value {
  const value = Number(raw)
  return Number.isFinite(value) ? value : undefined
}

export const LIST_FIELDS = ['mailman.list.name', 'mailman.list.host', 'mailman.list.fqdn'] as const

/** A list's name, alone or with its host behind `separator` → `LIST_FIELDS`. */
export function putList(list: string, separator: '@' | '.', values: Value[], at: number): void {
  const host = list.indexOf(separator)
  const name = host < 0 ? list : list.slice(0, host)
  values[at] = present(name)
  values[at + 1] = host < 0 ? undefined : present(list.slice(host + 1))
  values[at + 2] = values[at] === undefined || values[at + 1] === undefined ? undefined : `${name}@${values[at + 1]}`
}

/**
 * Where a web client says that it comes from → `source.address`, `source.ip`. It may say anything, so an IP address is one only
 * if it reads like one.
 */
export function putClient(raw: string, values: Value[], at: number): void {
  values[at] = present(raw)
  values[at + 1] = isIP(raw) === 0 || raw.includes('%') ? undefined : raw // no zone ids: an `ip` field takes none
}
