/**
 * The parsers as a library, without the agent:
 *
 *     import { parsers } from 'mailman-shipper/parsers'
 *     parsers.get('post')?.patterns
 *
 * Each file of this folder whose name has no leading underscore is a parser, named as the log it reads; there is no other list.
 */
import { readdirSync } from 'node:fs'
import type { Parser, Pattern, Value } from './_contract.js'

export type { Parser, Pattern, Value } from './_contract.js'
export { readStamp, type Stamp } from './_mailman-line.js'

const modules = readdirSync(import.meta.dirname)
  .filter(name => /^[a-z][a-z-]*\.[jt]s$/.test(name))
  .sort()

/** Log name (`smtp-failure`) → its parser. */
export const parsers: ReadonlyMap<string, Parser> = new Map(
  await Promise.all(
    modules.map(async name => {
      const { default: parser } = (await import(`./${name}`)) as { default: Parser }
      return [name.slice(0, -3), parser] as const
    }),
  ),
)

/** A text without its stamp, matched against a log's templates; undefined where none fits or the log has no parser. */
export function parseText(log: string, text: string): { pattern: Pattern; values: Value[] } | undefined {
  const parser = parsers.get(log)
  if (parser === undefined) return undefined
  for (const pattern of parser.patterns) {
    const values = pattern.match(text)
    if (values !== undefined) return { pattern, values }
  }
  return undefined
}
