/** Header text with encoded words (RFC 2047), as senders' mail programs write subjects and names: `=?utf-8?q?f=C3=BCr?=`. */
import { createRequire } from 'node:module'
import type * as PostalMime from 'postal-mime'
import { unfold } from './_normalise.js'

/** Loaded by the first that has any: logs of many hosts have none. */
const require = createRequire(import.meta.url)
const postalMime = (): typeof PostalMime => require('postal-mime')

/** The text with its encoded words read, on one line; the same string where it has none. Never throws; linear time. */
export function decodeHeader(text: string): string {
  if (!text.includes('=?')) return text
  try {
    return unfold(postalMime().decodeWords(text))
  } catch {
    return text // a charset that is none
  }
}
