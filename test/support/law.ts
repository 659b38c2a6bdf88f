/**
 * Laws: properties that must hold for any input. `LAWS_SECONDS` (default 1.5 for each law) says how long to look for a
 * counterexample, `LAWS_SEED` replays a run.
 */
import fc from 'fast-check'
import type { Test } from 'tap'
import { allPairs } from './golden.js'

const seconds = Number(process.env.LAWS_SECONDS ?? 1.5)
const seed = process.env.LAWS_SEED === undefined ? Date.now() & 0x7fffffff : Number(process.env.LAWS_SEED)

export function law<Ts extends [unknown, ...unknown[]]>(t: Test, name: string, property: fc.IPropertyWithHooks<Ts>): void {
  const result = fc.check(property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1000,
    markInterruptAsFailure: false,
  })
  t.comment(`${name}: ${result.numRuns} runs, LAWS_SEED=${seed}`)
  t.ok(result.numRuns > 0 && !result.failed, name, result.failed ? { report: fc.defaultReportMessage(result) } : {})
}

/** Any bytes, newlines among them, as a byte string. */
export const bytes = fc
  .array(fc.oneof({ weight: 6, arbitrary: fc.nat(255) }, { weight: 2, arbitrary: fc.constantFrom(10, 13, 32, 0) }), {
    maxLength: 300,
    size: 'max',
  })
  .map(codes => String.fromCharCode(...codes))

/** Cuts `text` at places anywhere in it. */
export function chunksOf(text: string, cuts: readonly number[]): string[] {
  const places = [...new Set(cuts.map(cut => cut % (text.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((from, i) => text.slice(from, places[i] ?? text.length))
}

export const cuts = fc.array(fc.nat(100_000), { maxLength: 12, size: 'max' })

const goldenLines = allPairs().flatMap(({ input }) => input.toString('latin1').split('\n'))
const fragments = goldenLines.flatMap(line => line.split(/(?<=[ <>:,=])/)).filter(part => part !== '')

/** Text as a sender of mail might like it: pieces of real records, of secrets, of what escapes and syntax are made of. */
export const hostileText = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...new Set(fragments)) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          '<',
          '>',
          "'",
          '"',
          '\\',
          '%',
          '%%',
          '{',
          '}',
          '(',
          ')',
          ': ',
          ', ',
          '\\x',
          '\\u',
          '\n',
          '\n\t',
          '\r',
          '\0',
          '\x1b[31m',
        ),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          '__proto__',
          'constructor',
          'Cookie: ',
          'pw=',
          'http://u:p@h/?q',
          'Authorization: x',
          'QUERY_STRING: ',
          '_URI: /?',
          '/confirm/x/',
        ),
      },
      {
        weight: 1,
        arbitrary: fc.string({ unit: 'grapheme', maxLength: 10 }).map(text => Buffer.from(text, 'utf8').toString('latin1')),
      },
      { weight: 1, arbitrary: bytes },
    ),
    { maxLength: 40, size: 'max' },
  )
  .map(parts => parts.join(''))

/** Lines of a log: real ones in any order, hostile text with and without a stamp. */
export const logText = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...goldenLines) },
      { weight: 1, arbitrary: hostileText },
      { weight: 1, arbitrary: hostileText.map(text => `Oct 25 02:30:00 2026 (7660) ${text}`) },
    ),
    { maxLength: 30, size: 'max' },
  )
  .map(lines => lines.join('\n'))
