/**
 * The text of a record → which of the parser's templates it is, and its values. Decodes, redacts, tries the templates; a parser
 * that throws counts as one that does not fit.
 */
import type { Parser, Pattern, Value } from '../../parsers/_contract.js'
import { redact } from './redact.js'
import { decodeText, isPlain } from './text.js'

export interface Interpreted {
  /** Decoded, without secrets. */
  readonly text: string
  /** The text, and so each part of it, needs no escape. */
  readonly plain: boolean
  readonly pattern: Pattern | undefined
  readonly values: readonly Value[]
}

const NONE: readonly Value[] = []

/** @param bytes the record's text without its stamp, a byte string */
export function interpret(bytes: string, parser: Parser | undefined): Interpreted {
  const plain = isPlain(bytes)
  const text = redact(plain ? bytes : decodeText(bytes))
  if (parser !== undefined) {
    for (const pattern of parser.patterns) {
      const values = match(pattern, text)
      if (values !== undefined) return { text, plain, pattern, values }
    }
  }
  return { text, plain, pattern: undefined, values: NONE }
}

function match(pattern: Pattern, text: string): Value[] | undefined {
  try {
    return pattern.match(text)
  } catch {
    return undefined
  }
}
