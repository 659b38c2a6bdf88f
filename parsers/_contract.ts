/**
 * What a parser is. A parser is the file `parsers/<log name>.ts`; its default export is `defineParser(…)`: a list of the
 * templates that Mailman's own `syslog(…)` and `log.info(…)` calls hold, each with the `event.action` it means. Copy `post.ts`
 * to begin.
 *
 * A parser is pure: text in, values out. No I/O, no clock, no state; it may be handed any text at all and must neither throw
 * nor take more than linear time.
 */
import type { ActionName } from './_actions.js'
import { chooseBy } from './_candidates.js'
import type { FieldName } from './_fields.js'

/** What one field of an event may hold. `undefined`: the field is absent. */
export type Value = string | number | boolean | string[] | undefined

/**
 * What may be personal in a record's text. Free text that people write counts as `subject`; `body` is a line of a message; `id`
 * is a message id, which looks like an address and is none.
 */
export type Personal = 'address' | 'name' | 'subject' | 'ip' | 'body' | 'id'

/** A part of a text: from `start` up to `end`, in characters. */
export interface Span {
  readonly personal: Personal
  readonly start: number
  readonly end: number
}

/** One message template of Mailman, compiled. */
export interface Pattern {
  /** The template as written in the parser, for tables and messages. */
  readonly template: string
  /** Literal text that each text of it begins with; '': none. */
  readonly head: string
  /** Literal text that each text of it ends with; '': none. */
  readonly tail: string
  readonly action: ActionName
  readonly outcome: 'success' | 'failure' | 'unknown' | undefined
  /** The log whose kind of event this is, where one file holds several (Mailman 3); undefined: the file's own. */
  readonly log: string | undefined
  /** The fields that `match` fills, in the order of its values. */
  readonly fields: readonly FieldName[]
  /** Fields that are the same in every event of this pattern. */
  readonly constants: Readonly<Partial<Record<FieldName, string | boolean>>>
  /** The record may go on in unstamped lines, even if it is complete as it stands. A record that is not open never takes them. */
  readonly open: boolean
  /** Whether a stamped record of the same process and second, with this text, is part of this one. */
  readonly joins: ((text: string) => boolean) | undefined
  /** All that `joins` are part of it, not the first alone. */
  readonly joinsMany: boolean
  /** It fits only what a script wrote to its standard error: the stamp has a label. */
  readonly stderr: boolean
  /** A hole of it holds a line of a message: that must never leave the host. */
  readonly holdsBody: boolean
  /** Values in the order of `fields`, or undefined where the text is not of this template. Linear in the text's length. */
  match(text: string): Value[] | undefined
  /** What is personal in a text that `match` takes, in order. */
  spans(text: string): Span[]
}

export interface Parser {
  /** In the order in which they are tried; the first that matches wins. */
  readonly patterns: readonly Pattern[]
  /** Those of them that need to be tried for a text. */
  readonly candidates: (text: string) => readonly Pattern[]
}

export function defineParser(patterns: readonly Pattern[]): Parser {
  return { patterns, candidates: chooseBy(patterns) }
}

/** The same templates where Mailman 3 writes them into a file that several logs share. */
export function inLog(log: string, patterns: readonly Pattern[]): Pattern[] {
  return patterns.map(pattern => ({ ...pattern, log: pattern.log ?? log }))
}
