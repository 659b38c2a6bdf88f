// `npm run fuzz -- [--seconds N] [--log NAME] [--seed N]`: for N seconds for each parser (default 60), random and mutated lines of real
// and golden logs against all its templates and through the event stage. It fails where a parser throws, where a document is no JSON
// or has a field that we do not know, and where a text takes more than linear time. Prints one line for each parser.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { randomOf } from './chance.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const built = path => import(join(root, 'dist', path))
const { parsers } = await built('parsers/_index.js')
const { readAnyStamp } = await built('parsers/_mailman3-line.js')
const { fields } = await built('parsers/_fields.js')
const { loadConfig } = await built('src/config/load.js')
const { createSources } = await built('src/events/source.js')
const { EventAssembler } = await built('src/events/assemble.js')
const { contextOf } = await built('src/events/context.js')

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' }, log: { type: 'string' } },
})
const seconds = Number(values.seconds)
const seed = Number(values.seed ?? Date.now() % 2 ** 31)

/** A text is slow where a kilobyte takes longer than this, five times in a row, for all templates together. */
const SLOW_MS_PER_KB = 2
/** All templates of a parser on a text that is four times as long: more than this is more than linear, and no matter of chance. */
const MAX_GROWTH = 9
const LONG_BYTES = 200_000

// A seed replays a run.
const chance = randomOf(seed)
const random = below => Math.floor(chance() * below)
const oneOf = items => items[random(items.length)]

/** Records of the golden pairs and of the real samples of this log: texts without stamps. */
function corpusOf(log) {
  const places = [join(root, 'test/parsers', log)]
  const paths = places.flatMap(place => readdirSync(place).flatMap(name => (name.endsWith('.log') ? [join(place, name)] : [])))
  for (const folder of ['mailman-2.1', 'mailman-3'])
    for (const name of readdirSync(join(root, 'test/samples', folder)))
      if (name === log || name === `${log}.log`) paths.push(join(root, 'test/samples', folder, name))
  const texts = []
  for (const path of paths) {
    for (const line of readFileSync(path, 'latin1').split('\n')) {
      const stamp = readAnyStamp(line)
      if (stamp !== undefined) texts.push(line.slice(stamp.textStart))
      else if (texts.length > 0) texts.push(`${texts.pop()}\n${line}`)
    }
  }
  return texts.filter(text => text.length < 20_000)
}

const TOKENS = [
  ...[
    '<',
    '>',
    "'",
    '"',
    '\\',
    '%',
    '%%',
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    ': ',
    ', ',
    '; ',
    '\n',
    '\n\t',
    '\r\n ',
    '\0',
    '\x1b[31m',
    '@',
  ],
  ...[
    '=?utf-8?q?',
    '?=',
    "b'",
    '\\x',
    '\\u',
    '\xc3\xbc',
    '\xff\xfe',
    '\xa4\xa2',
    '  ',
    '-',
    '1e999',
    '9'.repeat(30),
    'None',
    'n/a',
  ],
  ...[' smtp to ', ' post to ', 'message-id=', ' held, ', ' for 9 recips, completed in ', 'Traceback (most recent call last):'],
  ...['__proto__', 'constructor', 'http://u:p@h/?q', 'Cookie: x', 'pw=y', 'Nov 22 10:00:00 2026 (4242) '],
]

function mutate(text, texts) {
  const at = random(text.length + 1)
  switch (random(9)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(at)
    case 2:
      return text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1)
    case 3:
      return text.slice(0, at) + oneOf(TOKENS) + text.slice(at)
    case 4: {
      const other = oneOf(texts)
      return text.slice(0, at) + other.slice(random(other.length + 1))
    }
    case 5: {
      const part = text.slice(at, at + random(40))
      return text.slice(0, at) + part.repeat(1 + random(20)) + text.slice(at)
    }
    case 6:
      return text.slice(0, at) + text.slice(at + random(30))
    case 7:
      return text + oneOf(TOKENS).repeat(1 + random(50))
    default:
      return oneOf(TOKENS) + text
  }
}

/** All templates of a parser on a text; the shortest of five times, milliseconds. */
function timeOf(patterns, text) {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    const begin = performance.now()
    for (const pattern of patterns) pattern.match(text)
    best = Math.min(best, performance.now() - begin)
  }
  return best
}

const failures = []
const fail = (log, what, text) => {
  failures.push(log)
  console.error(
    `${log}: ${what}; --seed ${seed}\n${JSON.stringify(text.length > 300 ? `${text.slice(0, 200)}… (${text.length})` : text)}`,
  )
}

function checkDocument(log, event, text) {
  const names = (value, name) =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? [name]
      : Object.keys(value).flatMap(key => names(value[key], name === '' ? key : `${name}.${key}`))
  try {
    const document = JSON.parse(Buffer.from(event.document, 'latin1').toString('utf8'))
    for (const name of names(document, '')) if (!Object.hasOwn(fields, name)) fail(log, `field ${name}`, text)
  } catch (error) {
    fail(log, `no JSON: ${error.message}`, text)
  }
}

const sourceOf = createSources(await loadConfig(join(root, 'test/parsers/golden.yaml')), Date.now)
for (const [log, { patterns }] of parsers) {
  if (values.log !== undefined && values.log !== log) continue
  const texts = corpusOf(log)
  const end = performance.now() + seconds * 1000
  const [rest, source] = [[], sourceOf(log, '3')]
  let [count, matched, slowest] = [0, 0, 0]
  while (performance.now() < end && failures.length < 5) {
    let text = oneOf(texts)
    for (let times = random(6); times >= 0; times--) text = mutate(text, texts)
    if (random(100) === 0) {
      // The same piece many times over, then four times as often: four times the time is linear, sixteen times is not.
      const piece = text.slice(random(text.length), random(text.length)).slice(0, 200) || oneOf(TOKENS)
      const [head, tail] = [text.slice(0, random(text.length + 1)), text.slice(random(text.length + 1))]
      const repeat = bytes => head + piece.repeat(Math.ceil(bytes / piece.length)) + tail
      let growth = []
      for (let tries = 0; tries < 3 && growth.every(times => times > MAX_GROWTH); tries++) {
        const ms = timeOf(patterns, repeat(LONG_BYTES))
        slowest = Math.max(slowest, ms)
        growth = ms > 10 ? [...growth, timeOf(patterns, repeat(4 * LONG_BYTES)) / ms] : [0]
      }
      if (growth.every(times => times > MAX_GROWTH))
        fail(log, `four times as long takes ${growth.join(', ')} times as long`, repeat(300))
      continue
    }
    count++
    try {
      let ms = performance.now()
      for (const pattern of patterns) if (pattern.match(text) !== undefined) matched++
      ms = performance.now() - ms
      if (ms > 5 + (SLOW_MS_PER_KB * text.length) / 1024 && timeOf(patterns, text) > 5 + (SLOW_MS_PER_KB * text.length) / 1024)
        fail(log, `${ms.toFixed(1)} ms for ${text.length} characters`, text)
      const assembler = new EventAssembler(source, {
        path: '-',
        firstLine: '',
        offset: 0,
        context: contextOf(undefined),
        cuts: [],
      })
      let start = 0
      for (const line of `Nov 22 17:38:02 2026 (22024) ${text}`.split('\n')) {
        assembler.push({ text: line, start, end: start + line.length + 1 }, rest)
        start += line.length + 1
      }
      assembler.flush(rest)
      for (const event of rest) checkDocument(log, event, text)
    } catch (error) {
      fail(log, error.stack, text)
    }
    rest.length = 0
  }
  console.log(`${log}: ${count} texts, ${matched} matches, slowest ${LONG_BYTES / 1000} kB in ${slowest.toFixed(1)} ms`)
}
console.log(failures.length === 0 ? `no failure; --seed ${seed}` : `${failures.length} failures; --seed ${seed}`)
process.exitCode = failures.length === 0 ? 0 : 1
