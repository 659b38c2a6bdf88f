/**
 * The Python dict repr that `All recipients refused: {…}` holds (Mailman/Handlers/SMTPDirect.py, bulkdeliver):
 * `{'ADDR': (CODE, 'TEXT'), …}`. One pass, no recursion, no regular expression over the whole text.
 */
export interface Refusals {
  /** Recipients, in lower case, at most as many as asked for. */
  readonly addresses: string[]
  /** All of them. */
  readonly count: number
  /** Code and text of the first one, if it could be read. */
  readonly code: string | undefined
  readonly text: string | undefined
}

const ENTRY = /\((-?\d{1,4}), (?:b?)(['"])/y

export function parseRefusals(repr: string, maxAddresses: number): Refusals {
  const addresses: string[] = []
  let count = 0
  let code: string | undefined
  let text: string | undefined
  let at = repr.startsWith('{') ? 1 : repr.length
  while (at < repr.length && repr[at] !== '}') {
    const key = readString(repr, at)
    if (key === undefined || !repr.startsWith(': ', key.end)) break
    ENTRY.lastIndex = key.end + 2
    const entry = ENTRY.exec(repr)
    if (entry === null) break
    const value = readString(repr, ENTRY.lastIndex - 1)
    if (value === undefined) break
    count++
    if (addresses.length < maxAddresses) addresses.push(key.value.toLowerCase())
    if (count === 1) {
      code = entry[1]
      text = value.value
    }
    at = value.end + 1 // the closing parenthesis
    if (repr.startsWith(', ', at)) at += 2
  }
  return { addresses, count, code, text }
}

/** A quoted Python string that begins at `at` (perhaps with a `b` or `u` before it). */
function readString(repr: string, at: number): { value: string; end: number } | undefined {
  let start = at
  if (repr[start] === 'b' || repr[start] === 'u') start++
  const quote = repr[start]
  if (quote !== "'" && quote !== '"') return undefined
  let value = ''
  let from = start + 1
  for (let i = from; i < repr.length; i++) {
    const char = repr[i]
    if (char === quote) return { value: value + repr.slice(from, i), end: i + 1 }
    if (char === '\\') {
      value += repr.slice(from, i) + (repr[i + 1] === 'n' ? '\n' : (repr[i + 1] ?? ''))
      from = i + 2
      i++
    }
  }
  return undefined
}
