/**
 * Message id and reasons of Mailman 3's `HOLD:` and `DISCARD:` lines. Both may hold anything, over many lines: the id is its
 * sender's, and reasons quote headers. The place between them is the first one behind which nothing but reasons stands.
 */
import { isReasonOf3 } from './_hold-reasons.js'
import { unfold } from './_normalise.js'
import { readReasons } from './_python-list.js'

export interface Moderated {
  /** As logged. */
  readonly messageId: string
  readonly reasons: readonly string[]
}

/** How many places are looked at: a hostile id may hold thousands that might be it. */
const MAX_TRIES = 16
const MAX_REASONS = 32
const HEADER_ENDS = ['" matched a header rule', '" matched a bounce_matching_header line']

/** @param text `<MSGID>: REASON; REASON` (chains/hold.py) */
export function readHeld(text: string): Moderated {
  let tries = 0
  for (let at = text.indexOf(': '); at >= 0 && tries < MAX_TRIES; at = text.indexOf(': ', at + 1)) {
    if (text.charCodeAt(at + 2) < 65 || text.charCodeAt(at + 2) > 90) continue // each reason begins with a capital letter
    tries++
    const reasons = splitReasons(unfold(text.slice(at + 2)).trim())
    if (reasons.every(isReasonOf3)) return { messageId: text.slice(0, at), reasons }
  }
  // A plugin's rule, or the notice of a list's own: then the id ends where ids do.
  const bracket = text.startsWith('<') ? text.indexOf('>: ') : -1
  const end = bracket < 0 ? text.indexOf(': ') : bracket + 1
  if (end < 0) return { messageId: text, reasons: [] }
  return { messageId: text.slice(0, end), reasons: splitReasons(unfold(text.slice(end + 2)).trim()) }
}

/** @param text `<MSGID>; ['REASON', …]` (chains/discard.py), or the id alone, as older versions log it */
export function readDiscarded(text: string): Moderated {
  let tries = 0
  for (let at = text.indexOf('; ['); at >= 0 && tries < MAX_TRIES; at = text.indexOf('; [', at + 1), tries++) {
    const reasons = readReasons(text, at + 2)
    if (reasons !== undefined)
      return {
        messageId: text.slice(0, at),
        reasons: reasons.map(reason => unfold(reason).trim()).filter(reason => reason !== ''),
      }
  }
  return { messageId: text, reasons: [] }
}

/** `A; B` → A, B. A header that is quoted may itself hold the separator. */
function splitReasons(text: string): string[] {
  const reasons: string[] = []
  let at = 0
  while (at < text.length && reasons.length < MAX_REASONS) {
    const end = endOfReason(text, at)
    reasons.push(text.slice(at, end))
    at = end + 2
  }
  return reasons
}

function endOfReason(text: string, at: number): number {
  const quoted = text.startsWith('Header "', at) ? HEADER_ENDS.map(end => endBehind(text, end, at)) : []
  const end = Math.min(...quoted) // infinite where there are none
  if (end === text.length || text.startsWith('; ', end)) return end
  return endBehind(text, '; ', at, 0)
}

/** Where `part` ends (`length` behind its beginning), or the text does. */
function endBehind(text: string, part: string, from: number, length = part.length): number {
  const found = text.indexOf(part, from)
  return found < 0 ? text.length : found + length
}
