import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import { LineSplitter } from '../../src/lines/split.js'
import type { Line } from '../../src/model.js'

const sha256 = (bytes: string): string => createHash('sha256').update(bytes, 'latin1').digest('hex')

function open(t: Test, maxLineBytes = 1 << 20, offset = 0): LineSplitter {
  const splitter = new LineSplitter(offset, maxLineBytes)
  t.teardown(() => splitter.close())
  return splitter
}

t.test('complete lines, with offsets in bytes; the rest waits', async t => {
  const splitter = open(t, 100, 1000)
  t.strictSame(splitter.feed('ab\n\nc'), [
    { text: 'ab', start: 1000, end: 1003 },
    { text: '', start: 1003, end: 1004 },
  ])
  t.equal(splitter.lineStart, 1004)
  t.equal(splitter.end, 1005)
  t.strictSame(splitter.feed('d'), [])
  t.strictSame(splitter.feed('\n'), [{ text: 'cd', start: 1004, end: 1007 }])
  t.equal(splitter.lineStart, 1007)
})

t.test('only a newline ends a line', async t => {
  const text = 'a\rb\vc\fd\x1ce\x85f\u00a0\xffg\0'
  t.strictSame(open(t).feed(`${text}\n`), [{ text, start: 0, end: text.length + 1 }])
  t.strictSame(open(t).feed('\r\n'), [{ text: '\r', start: 0, end: 2 }])
})

t.test('the last line of a finished file', async t => {
  const splitter = open(t)
  splitter.feed('a\nb')
  t.strictSame(splitter.finish(), { text: 'b', start: 2, end: 3, unterminated: true })
  const complete = open(t)
  complete.feed('a\n')
  t.equal(complete.finish(), undefined)
  t.equal(open(t).finish(), undefined)
})

t.test('an over-long line is cut; its length, its hash and the offsets are those of the whole', async t => {
  const long = `${'x'.repeat(25)}\xff`
  const lines: Line[] = [
    { text: 'a', start: 0, end: 2 },
    { text: 'x'.repeat(10), start: 2, end: 29, long: { bytes: 26, sha256: sha256(long) } },
    { text: 'b', start: 29, end: 31 },
  ]
  const input = `a\n${long}\nb\n`
  for (const size of [1, 2, 3, 9, 10, 11, 12, 26, 100]) {
    const splitter = open(t, 10)
    const found: Line[] = []
    for (let at = 0; at < input.length; at += size) {
      found.push(...splitter.feed(input.slice(at, at + size)))
      t.equal(splitter.end, Math.min(input.length, at + size))
    }
    t.strictSame(found, lines, `chunks of ${size}`)
  }
})

t.test('a line of just the limit is whole, one byte more is not', async t => {
  const whole = 'x'.repeat(10)
  for (const size of [1, 5, 100]) {
    const splitter = open(t, 10)
    const found: Line[] = []
    const input = `${whole}\n${whole}y\n`
    for (let at = 0; at < input.length; at += size) found.push(...splitter.feed(input.slice(at, at + size)))
    t.strictSame(found, [
      { text: whole, start: 0, end: 11 },
      { text: whole, start: 11, end: 23, long: { bytes: 11, sha256: sha256(`${whole}y`) } },
    ])
  }
})

t.test('an over-long line without a newline', async t => {
  const splitter = open(t, 4)
  splitter.feed('abc')
  splitter.feed('defg')
  t.equal(splitter.lineStart, 0)
  t.equal(splitter.end, 7)
  t.strictSame(splitter.finish(), {
    text: 'abcd',
    start: 0,
    end: 7,
    long: { bytes: 7, sha256: sha256('abcdefg') },
    unterminated: true,
  })
})
