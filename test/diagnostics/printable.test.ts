import t from 'tap'
import { printable, printableJson } from '../../src/diagnostics/printable.js'

const attacks: readonly (readonly [name: string, text: string, shown: string])[] = [
  [
    'an OSC 8 link',
    '\x1b]8;;http://evil.example/\x1b\\bank\x1b]8;;\x07',
    '\\x1b]8;;http://evil.example/\\x1b\\bank\\x1b]8;;\\x07',
  ],
  ['OSC 52, the clipboard', '\x1b]52;c;cm0gLXJm\x07', '\\x1b]52;c;cm0gLXJm\\x07'],
  ['the window title', '\x1b]0;root#\x07', '\\x1b]0;root#\\x07'],
  ['cursor up, line erased', '\x1b[1A\x1b[2Kforged', '\\x1b[1A\\x1b[2Kforged'],
  ['CSI as one C1 byte', '\x9b2Jgone', '\\x9b2Jgone'],
  ['carriage return and backspace', 'real\rfake\b\b', 'real\\x0dfake\\x08\\x08'],
  ['a line feed, a tab, DEL, NUL', 'a\nb\tc\x7f\0', 'a\\x0ab\\x09c\\x7f\\x00'],
  ['NEL and line separators', 'a\x85b\u2028c\u2029', 'a\\x85b\\u2028c\\u2029'],
  ['bidi override and isolates', '\u202egnp.exe\u202c\u2066x\u2069', '\\u202egnp.exe\\u202c\\u2066x\\u2069'],
  ['bidi marks', '\u200e\u200f\u061c', '\\u200e\\u200f\\u061c'],
  ['zero width', 'ad\u200bmin\u200d\u2060\ufeff\u00ad', 'ad\\u200bmin\\u200d\\u2060\\ufeff\\xad'],
  ['tags and fillers', '\u{e0041}\u3164\u115f', '\\u{e0041}\\u3164\\u115f'],
  ['lone surrogates', '\ud800x\udc00', '\\ud800x\\udc00'],
]

for (const [name, text, shown] of attacks) t.equal(printable(text), shown, `${name} is shown, not done`)

t.test('what is visible stays as it is', async t => {
  for (const text of ['', 'Grüße, 日本語, العربية, Ελληνικά 😀', 'C:\\path [x] \\x1b', 'a  b\u00a0c'])
    t.equal(printable(text), text)
})

t.test('line feeds stay where they are ours', async t => {
  t.equal(printable('a\nb\r\x1bc', { newlines: true }), 'a\nb\\x0d\\x1bc')
})

t.test('JSON keeps its value and shows no control', async t => {
  for (const [, text] of attacks) {
    const json = `${JSON.stringify({ text })}\n`
    const safe = printableJson(json)
    t.same(JSON.parse(safe), { text })
    t.notMatch(safe.slice(0, -1), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
  }
})
