/**
 * The parsers as a library, without the agent:
 *
 *     import { parseLine, parsers } from 'mailman-shipper/parsers'
 *     parseLine('vette', line).fields['mailman.hold.reason']
 *
 * Each file of this folder whose name has no leading underscore is a parser, named as the log it reads; there is no other list.
 */
import type { ActionName } from './_actions.js'
import type { Parser, Pattern, Value } from './_contract.js'
import { type FieldName, fields as known } from './_fields.js'
import { parserFiles } from './_logs.js'
import { readAnyStamp } from './_mailman3-line.js'

export { type ActionName, actions } from './_actions.js'
export type { Parser, Pattern, Value } from './_contract.js'
export type { FieldName } from './_fields.js'
export { type HoldReasonSlug, holdReasons } from './_hold-reasons.js'
export { readStamp, type Stamp } from './_mailman-line.js'

/** Log name (`smtp-failure`) → its parser. */
export const parsers: ReadonlyMap<string, Parser> = new Map(
  await Promise.all(
    parserFiles.map(async name => {
      const { default: parser } = (await import(`./${name}`)) as { default: Parser }
      return [name.slice(0, -3), parser] as const
    }),
  ),
)

export interface ParsedLine {
  /** The stamp's time, as it stands: local time without a zone, in Mailman's own lines. Undefined: the line has no stamp. */
  readonly time: string | undefined
  readonly pid: number | undefined
  /** The text behind the stamp. */
  readonly text: string
  /** Whose kind of event it is: the log asked for, or, in a file that several logs share, the one that the text is of. */
  readonly log: string
  /** Undefined: no template of this log fits. */
  readonly action: ActionName | undefined
  readonly outcome: Pattern['outcome']
  /** ECS and `mailman.*` fields by their dotted names; absent ones are left out. */
  readonly fields: Readonly<Partial<Record<FieldName, Value>>>
}

/**
 * What a line of a log says: `parseLine('post', 'Nov 22 17:04:43 2026 (7660) post to dev from …')`. A record of several lines is
 * handed over whole, its lines joined by newlines. Takes any text, of any log; never throws; linear time. Nothing is redacted.
 */
export function parseLine(log: string, line: string): ParsedLine {
  const stamp = readAnyStamp(line)
  const text = stamp === undefined ? line : line.slice(stamp.textStart)
  const parsed = stamp === undefined ? undefined : parseText(log, text, stamp.label !== '')
  const { pattern, values } = parsed ?? {}
  const fields: Partial<Record<FieldName, Value>> = {}
  for (const [field, value] of Object.entries(pattern?.constants ?? {}) as [FieldName, string | boolean][])
    fields[field] = known[field].array === true ? [`${value}`] : value
  pattern?.fields.forEach((field, i) => {
    if (values![i] !== undefined) fields[field] = values![i]
  })
  return {
    time: stamp?.time,
    pid: stamp?.pid,
    text,
    log: pattern?.log ?? log,
    action: pattern?.action,
    outcome: pattern?.outcome,
    fields,
  }
}

/** A text without its stamp, matched against a log's templates; undefined where none fits or the log has no parser. */
export function parseText(log: string, text: string, labelled = false): { pattern: Pattern; values: Value[] } | undefined {
  for (const pattern of parsers.get(log)?.candidates(text) ?? []) {
    const values = pattern.stderr && !labelled ? undefined : pattern.match(text)
    if (values !== undefined) return { pattern, values }
  }
  return undefined
}
