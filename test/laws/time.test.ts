import { performance } from 'node:perf_hooks'
import fc from 'fast-check'
import t from 'tap'
import { parsers } from '../../parsers/_index.js'
import { redact } from '../../src/events/redact.js'
import { decodeText } from '../../src/events/text.js'
import { hostileText, law } from '../support/law.js'

const SMALL = 16_000
const FACTOR = 4
/** Of what linear time would be. Quadratic time would be 4 times that, and cubic 16 times. */
const GENEROUS = 2.5
/** Slow ones found before a test stops looking: each costs seconds. */
const ENOUGH = 3
/** Below this, collectors and other processes say more than the work does; quadratic time is seconds here. */
const FLOOR_MS = 60

const timeOf = (work: (text: string) => void, text: string): number => {
  const before = performance.now()
  work(text)
  return performance.now() - before
}

/** Undefined, or how it grew: the best of a few tries, as other processes only ever add time. */
function growth(work: (text: string) => void, textOf: (length: number) => string): string | undefined {
  let [small, large] = [Infinity, Infinity]
  for (let tries = 0; tries < 4; tries++) {
    large = Math.min(large, timeOf(work, textOf(SMALL * FACTOR)))
    if (large < FLOOR_MS) return undefined
    small = Math.min(small, timeOf(work, textOf(SMALL)))
    if (large < small * FACTOR * GENEROUS) return undefined
  }
  return `${SMALL} characters: ${small.toFixed(1)} ms, ${SMALL * FACTOR}: ${large.toFixed(1)} ms`
}

const fill = (part: string, length: number): string => part.repeat(Math.ceil(length / part.length)).slice(0, length)

/** Texts that begin as a template does, and then repeat, instead of going on, what the search for its next literal meets. */
function* adversaries(template: string): Generator<(length: number) => string> {
  const parts = template.split(/\{\w+\*?\}/)
  for (let i = 0; i < parts.length; i++) {
    const before = `${parts.slice(0, i).join('7')}7`
    const next = parts[i] || ' '
    for (const part of [next, next.slice(0, -1) || ' ', `${next}7`, `${next}x `])
      for (const tail of ['', parts.at(-1)!]) yield length => before + fill(part, length) + tail
  }
  yield length => fill(`${parts.join('7')}\n`, length)
}

t.test('matching any template takes linear time', async t => {
  for (const [log, { patterns }] of parsers) {
    const slow: string[] = []
    for (const pattern of patterns)
      for (const textOf of adversaries(pattern.template)) {
        if (slow.length >= ENOUGH) break
        const grew = growth(text => pattern.match(text), textOf)
        if (grew !== undefined) slow.push(`${pattern.template}: ${grew} (${JSON.stringify(textOf(100))})`)
      }
    t.strictSame(slow, [], `${log}: ${patterns.length} templates`)
  }
})

t.test('so does reading what a hole holds', async t => {
  const slow: string[] = []
  const repeated = [
    'a',
    ' ',
    '\n',
    '\r',
    '\t',
    ' \n',
    '\n ',
    '<',
    '>',
    "'",
    '"',
    '\\',
    '\\x',
    "{'",
    "': (1, '",
    '(',
    '%',
    '%%',
    '@',
    '\u00fc',
    '  File "',
    'Traceback (most recent call last):\n',
    '\tREMOTE_ADDR: ',
    'a(1): ',
  ]
  const values = [
    ...repeated.map(part => (length: number) => fill(part, length)),
    ...repeated.map(part => (length: number) => `\n${fill(part, length)}x`),
    ...repeated.map(part => (length: number) => `{'a': (1, '${fill(part, length)}')}`),
  ]
  const templates = [...parsers.values()].flatMap(({ patterns }) => patterns).filter(({ template }) => template.includes('{'))
  for (const pattern of templates)
    for (const value of values) {
      const textOf = (length: number): string =>
        pattern.template.replace(/\{\w+\*?\}(?=[^{}]*$)/, () => value(length)).replace(/\{\w+\*?\}/g, '7')
      if (slow.length >= ENOUGH) break
      const grew = growth(text => pattern.match(text), textOf)
      if (grew !== undefined) slow.push(`${pattern.template}: ${grew} (${JSON.stringify(value(20))})`)
    }
  t.strictSame(slow, [])
})

t.test('so do decoding and redaction', async t => {
  const parts = [
    'http://',
    '://a:',
    '://',
    'pw',
    'pw=',
    'pw =',
    "pw='",
    'pw="',
    'password',
    'password ',
    'w_pw',
    'Cookie',
    'Cookie: ',
    'Set-',
    'Authorization',
    'HTTP_',
    'QUERY_STRING',
    'COOKIE',
    '_URI: /',
    '_URI: /?',
    '/confirm/',
    '/confirm/a/',
    'a',
    ' ',
    '=',
    '\r',
    '\u00fc',
    '\u00c3',
  ]
  const slow: string[] = []
  for (const head of ['', 'pw=x Cookie://'])
    for (const first of parts)
      for (const second of ['', ...parts]) {
        const grew = growth(
          text => redact(decodeText(text)),
          length => head + fill(first + second, length),
        )
        if (grew !== undefined) slow.push(`${JSON.stringify(first + second)}: ${grew}`)
      }
  t.strictSame(slow, [])
})

const secretive = fc
  .array(
    fc.constantFrom(
      ...[
        'Cookie: ',
        'Set-Cookie2',
        'Authorization: ',
        'QUERY_STRING=',
        'pw',
        'pw=',
        'pw =',
        'password',
        '_URI: /',
        '/confirm/',
        '0123456789abcdef',
      ],
      ...[
        'http://',
        '://',
        'u:p@h',
        '/?q',
        '[redacted]',
        'a',
        '"',
        "'",
        ' ',
        '\n',
        '\r',
        '\t',
        '?',
        '=',
        ':',
        ',',
        ';',
        '&',
        '_',
        '<',
        '>',
        '@',
        '\0',
      ],
    ),
    { maxLength: 14, size: 'max' },
  )
  .map(parts => parts.join(''))

law(
  t,
  'what is redacted stays so',
  fc.property(fc.oneof(hostileText, secretive), text => {
    const clean = redact(text)
    return redact(clean) === clean
  }),
)
