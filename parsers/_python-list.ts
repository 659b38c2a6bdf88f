/**
 * The Python list that Mailman 3 logs of the reasons for a discard (chains/discard.py): strings, and tuples of a template and
 * what stands in its braces: `['No subject', ('Header "{}" matched a header rule', 'X-Spam: yes')]`. One pass, no recursion.
 */
import { readPythonString } from './_python-text.js'

const MAX_ITEMS = 100
const MAX_ARGUMENTS = 10
const BARE = /[\w.+-]{1,40}/y

/** The list that begins at `at`, each item as text, or undefined where what stands there is none that ends with the text. */
export function readReasons(text: string, at: number): string[] | undefined {
  if (text[at] !== '[') return undefined
  if (text.startsWith('[n/a]', at)) return at + 5 === text.length ? ['n/a'] : undefined
  const items: string[] = []
  at++
  while (text[at] !== ']') {
    if (items.length >= MAX_ITEMS) return undefined
    const item = text[at] === '(' ? readTuple(text, at) : readValue(text, at)
    if (item === undefined) return undefined
    items.push(item.value)
    at = item.end
    if (text.startsWith(', ', at)) at += 2
    else if (text[at] !== ']') return undefined
  }
  return at + 1 === text.length ? items : undefined
}

/** A string, or a number or name as it stands. */
function readValue(text: string, at: number): { value: string; end: number } | undefined {
  const string = readPythonString(text, at)
  if (string !== undefined) return string
  BARE.lastIndex = at
  const bare = BARE.exec(text)
  return bare === null ? undefined : { value: bare[0], end: BARE.lastIndex }
}

/** `('TEMPLATE', VALUE…)`, formatted; a tuple of one ends in a comma. */
function readTuple(text: string, at: number): { value: string; end: number } | undefined {
  const template = readPythonString(text, at + 1)
  if (template === undefined) return undefined
  const values: string[] = []
  at = template.end
  while (text.startsWith(', ', at) && values.length < MAX_ARGUMENTS) {
    const value = readValue(text, at + 2)
    if (value === undefined) return undefined
    values.push(value.value)
    at = value.end
  }
  if (text[at] === ',') at++
  if (text[at] !== ')') return undefined
  const [first = '', ...rest] = template.value.split('{}')
  return { value: first + rest.map((part, i) => (values[i] ?? '{}') + part).join(''), end: at + 1 }
}
