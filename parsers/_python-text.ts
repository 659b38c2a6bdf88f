/** Python's way to write strings: `'it\'s'`, `u"…"`, `b'5.1.1 no\nsuch'`. One pass, any text, never throws. */

const ESCAPES = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The string that begins at `at` (perhaps with a `b` or `u` before it), and where it ends. */
export function readPythonString(text: string, at: number): { value: string; end: number } | undefined {
  let start = at
  if (text[start] === 'b' || text[start] === 'u') start++
  const quote = text[start]
  if (quote !== "'" && quote !== '"') return undefined
  const parts: string[] = []
  let bytes = false
  let from = start + 1
  for (let i = from; i < text.length; i++) {
    const char = text[i]
    if (char === quote) {
      parts.push(text.slice(from, i))
      const value = parts.join('')
      return { value: bytes ? decode(value) : value, end: i + 1 }
    }
    if (char !== '\\') continue
    const next = text[i + 1] ?? ''
    parts.push(text.slice(from, i))
    const hex = next === 'x' ? text.slice(i + 2, i + 4) : next === 'u' ? text.slice(i + 2, i + 6) : ''
    if (hex.length >= 2 && /^[0-9a-fA-F]+$/.test(hex)) {
      parts.push(String.fromCharCode(Number.parseInt(hex, 16)))
      bytes ||= hex.length === 2
      i += 1 + hex.length
    } else {
      parts.push(ESCAPES.get(next) ?? next)
      i++
    }
    from = i + 1
  }
  return undefined
}

/** `\xc3\xbc` are bytes, mostly of UTF-8. */
function decode(value: string): string {
  if (/[^\x00-\xff]/.test(value)) return value
  try {
    return utf8.decode(Uint8Array.from(value, char => char.charCodeAt(0)))
  } catch {
    return value
  }
}

/** The strings of a list's repr, `['a', "b'c"]`: up to the first thing that is none. */
export function readPythonStrings(text: string): string[] {
  const strings: string[] = []
  let at = 1
  for (let string = readPythonString(text, at); string !== undefined; string = readPythonString(text, at)) {
    strings.push(string.value)
    at = string.end + 2 // the comma and the blank
  }
  return strings
}

/** Text that is wholly one bytes repr, as Mailman's Python 3 forks log SMTP replies, decoded; any other text as it is. */
export function unquoteBytes(text: string): string {
  if (!text.startsWith("b'") && !text.startsWith('b"')) return text
  const string = readPythonString(text, 0)
  return string?.end === text.length ? string.value : text
}
