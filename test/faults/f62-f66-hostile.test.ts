/**
 * F62, F63, F65, F66: text of strangers in the logs. It forges no other event, becomes no key, floods no fields, and reaches no
 * terminal unescaped. (F64, time: test/laws/time.test.ts. F68, what is no file: test/files/follow.test.ts.)
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { program, runProgram } from '../support/agent-process.js'

type Json = { readonly [key: string]: unknown }

async function parse(text: string, log = 'vette'): Promise<{ events: Json[]; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await runProgram(['parse', '--log', log, '--timezone', 'UTC'], { input: text })
  t.equal(code, 0, stderr)
  const lines = stdout.split('\n').slice(0, -1)
  return { events: lines.map(line => JSON.parse(line)), stdout, stderr }
}

const held = (from: string, id: string, stamp = 'Nov 20 12:00:00 2026 (7)'): string =>
  `${stamp} Dev post from ${from} held, message-id=<${id}>: Post to moderated list\n`

/** All keys of a document, nested ones with their path. */
function keysOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, `${path}.${key}`))
}

t.test('F62 what looks like the end of a line, and another record, inside a record', async t => {
  const forged = 'Nov 20 13:00:00 2026 (8) Other post from x@example.org held, message-id=<y@example.org>: Post to moderated list'
  const separators = ['\r', '\u0085', '\u2028', '\u2029', '\v', '\f', '\u0000', '\\n', '%0a']
  const text = separators.map(separator => held('a@example.org', `x${separator}${forged}`)).join('')
  const { events } = await parse(text)
  t.equal(events.length, separators.length, 'one event for each line')
  for (const event of events) {
    t.equal(event['@timestamp'], '2026-11-20T12:00:00.000Z')
    t.notMatch((event.mailman as Json)?.list, { name: 'other' })
    t.match(event.process, { pid: 7 })
  }
})

t.test('F63 names that JavaScript’s objects know', async t => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', '__defineGetter__', 'valueOf']
  const post = (name: string): string =>
    `Nov 20 12:00:00 2026 (7) post to ${name} from ${name}@${name}.example, size=12, message-id=<${name}@example.org>, success\n`
  const { events } = await parse(`${post('dev')}${names.map(post).join('')}`, 'post')
  const [ordinary, ...odd] = events
  t.equal(odd.length, names.length)
  for (const [i, event] of odd.entries()) {
    t.same(keysOf(event), keysOf(ordinary), `${names[i]} makes no key`)
    t.match(event, { mailman: { list: { name: names[i]!.toLowerCase() } }, email: { message_id: `${names[i]}@example.org` } })
  }
})

t.test('F65 ten thousand recipients in one record', async t => {
  const record = (count: number): string => {
    const refused = Array.from({ length: count }, (_, i) => `'r${i}@example.org': (550, 'no such user')`).join(', ')
    return `Nov 20 12:00:00 2026 (7) All recipients refused: {${refused}}, msgid: <x@example.org>\n`
  }
  const { events: small } = await parse(record(1), 'smtp-failure')
  const { events: large } = await parse(record(10_000), 'smtp-failure')
  t.equal(large.length, 1)
  t.same(
    keysOf(large[0]).filter(key => !keysOf(small[0]).includes(key)),
    [],
    'no field more',
  )
  t.ok(JSON.stringify(large[0]).length < 4 << 20, `${JSON.stringify(large[0]).length} characters`)
})

t.test('F66 what a terminal would obey', async t => {
  const tricks = [
    '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007',
    '\u001b]52;c;ZXZpbA==\u0007',
    '\u001b]0;title\u0007',
    '\u001b[2J\u001b[1;1H',
    '\u009b31m',
    '\u202etxt.exe\u2066',
    '\u200b\u200d\ufeff',
    '\u007f\b\b\b',
  ]
  const text = tricks.map(trick => held(`${trick}@example.org`, trick)).join('')
  const file = join(t.testdir({ vette: text }), 'vette')
  // To a terminal: `script` gives it one.
  const command = `env -u NODE_OPTIONS ${process.execPath} ${program} parse --timezone UTC ${file}`
  const shown = execFileSync('script', ['-qefc', command, '/dev/null'], { encoding: 'utf8' }).replaceAll('\r\n', '\n')
  const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200d\u202a-\u202e\u2066-\u2069\ufeff]/
  t.notMatch(shown, obeyed)
  const { events, stderr } = await parse(text)
  t.notMatch(stderr, obeyed)
  const shownEvents = shown
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
  t.same(
    shownEvents.map(({ message }) => message),
    events.map(({ message }) => message),
    'it is the same JSON all the same',
  )
  t.ok(
    events.some(({ message }) => String(message).includes('\u001b]52')),
    'the value itself is whole',
  )
})
