/**
 * The Python dict repr that `All recipients refused: {…}` holds (Mailman/Handlers/SMTPDirect.py, bulkdeliver):
 * `{'ADDR': (CODE, 'TEXT'), …}`. One pass, no recursion, no regular expression over the whole text.
 */
import { readPythonString } from './_python-text.js'

export interface Refusals {
  /** Recipients, in lower case, at most as many as asked for. */
  readonly addresses: string[]
  /** All of them. */
  readonly count: number
  /** Code and text of the first one, if it could be read. */
  readonly code: string | undefined
  readonly text: string | undefined
  /** The text is one such dict from end to end. */
  readonly complete: boolean
}

const CODE = /\((-?\d{1,4}), /y

export function parseRefusals(repr: string, maxAddresses: number): Refusals {
  const addresses: string[] = []
  let count = 0
  let code: string | undefined
  let text: string | undefined
  let at = repr.startsWith('{') ? 1 : repr.length
  while (at < repr.length && repr[at] !== '}') {
    const key = readPythonString(repr, at)
    if (key === undefined || !repr.startsWith(': ', key.end)) break
    CODE.lastIndex = key.end + 2
    const entry = CODE.exec(repr)
    if (entry === null) break
    const value = readPythonString(repr, CODE.lastIndex)
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
  return { addresses, count, code, text, complete: repr[at] === '}' && at === repr.length - 1 }
}
