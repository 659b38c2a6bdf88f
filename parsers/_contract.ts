/**
 * What a parser is. A parser is the file `parsers/<log name>.ts`; its default export is `defineParser(…)`: a list of the
 * templates that Mailman's own `syslog(…)` calls hold, each with the `event.action` it means. Copy `post.ts` to begin.
 *
 * A parser is pure: text in, values out. No I/O, no clock, no state; it may be handed any text at all and must neither throw
 * nor take more than linear time.
 */
import type { ActionName } from './_actions.js'
import type { FieldName } from './_fields.js'

/** What one field of an event may hold. `undefined`: the field is absent. */
export type Value = string | number | string[] | undefined

/** One message template of Mailman, compiled. */
export interface Pattern {
  /** The template as written in the parser, for tables and messages. */
  readonly template: string
  readonly action: ActionName
  readonly outcome: 'success' | 'failure' | 'unknown' | undefined
  /** The fields that `match` fills, in the order of its values. */
  readonly fields: readonly FieldName[]
  /** Fields that are the same in every event of this pattern. */
  readonly constants: Readonly<Partial<Record<FieldName, string>>>
  /** The record may go on in unstamped lines, even if it is complete as it stands. A record that is not open never takes them. */
  readonly open: boolean
  /** The next stamped record is part of this one if it is of the same process and second and begins with this text ('': is empty). */
  readonly joins: string | undefined
  /** Values in the order of `fields`, or undefined where the text is not of this template. Linear in the text's length. */
  match(text: string): Value[] | undefined
}

export interface Parser {
  /** In the order in which they are tried; the first that matches wins. */
  readonly patterns: readonly Pattern[]
}

export function defineParser(patterns: readonly Pattern[]): Parser {
  return { patterns }
}
