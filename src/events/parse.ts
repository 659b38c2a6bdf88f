/**
 * The text of a record → which of the parser's templates it is, and its values. Decodes, tries the templates, redacts; a parser
 * that throws counts as one that does not fit.
 *
 * Redaction comes last, for the text and for each value: what looks like a secret may be a message id that its sender chose so,
 * and a record must not become unreadable by that.
 */
import type { Parser, Pattern, Value } from '../../parsers/_contract.js'
import { hideBodies, hideLooseBody } from './body.js'
import { lookAt, PLAIN, SUSPICIOUS } from './look.js'
import type { Privacy } from './privacy.js'
import { redact, redactSuspicious } from './redact.js'
import { decodeText } from './text.js'

export interface Interpreted {
  /** Decoded, without secrets. */
  readonly text: string
  /** The text needs no escape, nor does any value. */
  readonly plain: boolean
  readonly pattern: Pattern | undefined
  readonly values: readonly Value[]
}

const NONE: readonly Value[] = []

/**
 * @param bytes the record's text without its stamp, a byte string
 * @param labelled a script wrote it to its standard error
 * @param privacy undefined: all that is personal stays, but for lines of messages
 * @param traits of the text, or of the line that it is the end of
 */
export function interpret(
  bytes: string,
  parser: Parser | undefined,
  labelled: boolean,
  privacy?: Privacy,
  traits = lookAt(bytes).traits,
): Interpreted {
  const plain = (traits & PLAIN) !== 0
  const text = plain ? bytes : decodeText(bytes)
  const clean = (traits & SUSPICIOUS) === 0 ? text : redactSuspicious(text)
  if (parser !== undefined) {
    for (const pattern of parser.candidates(text)) {
      const values = pattern.stderr && !labelled ? undefined : match(pattern, text)
      if (values === undefined) continue
      if (privacy !== undefined) return { plain: false, pattern, ...privacy.protect(text, pattern, values) }
      if (pattern.holdsBody) return { text: redact(hideBodies(text, pattern)), plain, pattern, values: values.map(redactValue) }
      // What a script printed is put together anew, with newlines that the text has not.
      const isPart = plain && !pattern.stderr
      return { text: clean, plain: isPart, pattern, values: clean === text ? values : values.map(redactValue) }
    }
  }
  const rest = hideLooseBody(text, privacy)
  if (privacy !== undefined) return { plain: false, pattern: undefined, ...privacy.protect(rest, undefined, NONE) }
  return { text: rest === text ? clean : rest, plain, pattern: undefined, values: NONE }
}

function redactValue(value: Value): Value {
  if (typeof value === 'string') return redact(value)
  return Array.isArray(value) ? value.map(redact) : value
}

function match(pattern: Pattern, text: string): Value[] | undefined {
  try {
    return pattern.match(text)
  } catch {
    return undefined
  }
}
