/** Header text with encoded words (RFC 2047), as senders' mail programs write subjects and names: `=?utf-8?q?f=C3=BCr?=`. */
import { decodeWords } from 'postal-mime'
import { unfold } from './_normalise.js'

/** The text with its encoded words read, on one line; the same string where it has none. Never throws; linear time. */
export function decodeHeader(text: string): string {
  if (!text.includes('=?')) return text
  try {
    return unfold(decodeWords(text))
  } catch {
    return text // a charset that is none
  }
}
