import t from 'tap'
import { parseText } from '../../parsers/_index.js'
import { readDiscarded, readHeld } from '../../parsers/_moderation-reasons.js'

t.test('the id ends where nothing but reasons follows', async t => {
  const cases: [text: string, messageId: string, reasons: string[]][] = [
    ['<a@b>: Message has no subject', '<a@b>', ['Message has no subject']],
    [
      '<a@b>: Message has implicit destination; Message has no subject',
      '<a@b>',
      ['Message has implicit destination', 'Message has no subject'],
    ],
    ['<a: Message has no subject; @b>: N/A', '<a: Message has no subject; @b>', ['N/A']],
    ['a b: The c: DMARC moderation', 'a b: The c', ['DMARC moderation']],
    ['<a@b>: Header "X: y; z" matched a header rule; N/A', '<a@b>', ['Header "X: y; z" matched a header rule', 'N/A']],
    [
      '<a@b>: Header "X: Message has no subject" matched a header rule',
      '<a@b>',
      ['Header "X: Message has no subject" matched a header rule'],
    ],
    ['<a@b>: Header "X: y\n z" matched a header rule', '<a@b>', ['Header "X: y z" matched a header rule']],
    ['<a@b>: A rule of a plugin: no', '<a@b>', ['A rule of a plugin: no']],
    ['<a@b', '<a@b', []],
    ['', '', []],
  ]
  for (const [text, messageId, reasons] of cases) t.strictSame(readHeld(text), { messageId, reasons }, text)
})

t.test('a list as Python prints it', async t => {
  const cases: [text: string, messageId: string, reasons: string[]][] = [
    ["<a@b>; ['x']", '<a@b>', ['x']],
    ['<a@b>; ["it\'s", \'"\']', '<a@b>', ["it's", '"']],
    ["<a@b>; [('{} of {}', 'x', 3), ('y',)]", '<a@b>', ['x of 3', 'y']],
    ["<a@b>; [('{} of {}', 'x')]", '<a@b>', ['x of {}']],
    ["<a@b>; [('{}', '{}', 'no')]", '<a@b>', ['{}']],
    ['<a@b>; [n/a]', '<a@b>', ['n/a']],
    ['<a@b>; []', '<a@b>', []],
    ["<a; ['x'] @b>; ['y']", "<a; ['x'] @b>", ['y']],
    ["<a@b>; ['x\\r\\n y\\u2028']", '<a@b>', ['x y']],
    ["<a@b>; ['x", "<a@b>; ['x", []],
    ["<a@b>; ['x'] z", "<a@b>; ['x'] z", []],
    ['<a@b>', '<a@b>', []],
  ]
  for (const [text, messageId, reasons] of cases) t.strictSame(readDiscarded(text), { messageId, reasons }, text)
})

t.test('what is personal in a record stands where it is said to', async t => {
  const cases: [text: string, ...parts: string[]][] = [
    ['HOLD: dev@b post from a@b held, message-id=<1@b>: Message sender a@b is banned from this list', 'a@b', '<1@b>', 'a@b'],
    ["DISCARD: <1@b>; [('Message sender {} is banned from this list', 'a@b')]", '<1@b>', 'a@b'],
    ['"GET /3.1/lists/dev@b/member/a@b?x HTTP/1.1" 200 5 "-" "x"', 'a@b'],
    ['"GET /3.1/users/a%40b/addresses HTTP/1.1" 200 5 "-" "x"', 'a%40b'],
    [
      'deque: \nTraceback (most recent call last):\n  x\nmailman.interfaces.member.X: a@b is not allowed to subscribe to dev@b',
      'a@b',
    ],
  ]
  for (const [text, ...parts] of cases) {
    const { pattern } = parseText('mailman', text) ?? {}
    t.strictSame(
      pattern?.spans(text).map(({ start, end }) => text.slice(start, end)),
      parts,
      text,
    )
  }
})
