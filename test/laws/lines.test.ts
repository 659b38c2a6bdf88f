import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { LineSplitter } from '../../src/lines/split.js'
import type { Line } from '../../src/model.js'
import { bytes, chunksOf, cuts, law } from '../support/law.js'

/** What a splitter must find, by the plainest means. 16 zero bytes before a line are a hole. */
function linesOf(text: string, maxLineBytes: number): Line[] {
  const parts = text.split('\n')
  const last = parts.pop()!
  const lines: Line[] = []
  let start = 0
  const add = (whole: string, end: number): void => {
    const part = whole.replace(/^\0{16,}/, '')
    start += whole.length - part.length
    const sha256 = createHash('sha256').update(part, 'latin1').digest('hex')
    const long = part.length > maxLineBytes ? { long: { bytes: part.length, sha256 } } : {}
    lines.push({ text: part.slice(0, maxLineBytes), start, end, ...long })
    start = end
  }
  for (const part of parts) add(part, start + part.length + 1)
  if (last.replace(/^\0{16,}/, '') !== '') {
    add(last, start + last.length)
    lines.push({ ...lines.pop()!, unterminated: true })
  }
  return lines
}

/** Bytes with runs of zeros between, about as long as what counts as a hole. */
const withHoles = fc
  .array(fc.tuple(bytes, fc.integer({ min: 0, max: 40 })), { maxLength: 5 })
  .map(parts => parts.map(([text, zeros]) => text + (zeros % 3 === 0 ? '\n' : '') + '\0'.repeat(zeros)).join(''))

law(
  t,
  'any bytes in any chunks give the same lines, offsets and hashes',
  fc.property(withHoles, cuts, fc.constantFrom(1, 2, 5, 20, 1 << 20), (text, cuts, maxLineBytes) => {
    const splitter = new LineSplitter(0, maxLineBytes)
    const lines: Line[] = []
    let fed = 0
    let holes = 0
    for (const chunk of chunksOf(text, cuts)) {
      lines.push(...splitter.feed(chunk))
      fed += chunk.length
      if (splitter.end !== fed) throw new Error(`end is ${splitter.end} after ${fed} bytes`)
      const start = fed === 0 ? 0 : text.lastIndexOf('\n', fed - 1) + 1
      const passed = text.slice(start, splitter.lineStart)
      if (splitter.lineStart < start || /[^\0]/.test(passed)) throw new Error(`a line begins at ${splitter.lineStart}`)
    }
    const last = splitter.finish()
    for (const { start, end } of splitter.takeHoles()) holes += end - start
    splitter.close()
    if (last !== undefined) lines.push(last)
    const expected = linesOf(text, maxLineBytes)
    if (JSON.stringify(lines) !== JSON.stringify(expected))
      throw new Error(`${JSON.stringify(lines)}\nis not\n${JSON.stringify(expected)}`)
    const total = lines.reduce((sum, { start, end }) => sum + end - start, 0)
    return total + holes === text.length
  }),
)
