/** A line of a message, which a log at level debug holds: how long it is and which one, never what it says. */
import { createHash } from 'node:crypto'
import type { Pattern } from '../../parsers/_contract.js'
import type { Pseudonyms } from './pseudonym.js'

const HEX_DIGITS = 20

/**
 * Each line by itself: a record keeps as many as it had.
 * @param keys with it nobody can try out what a line was; null: it is not told from others at all
 */
export function describeBody(body: string, keys?: Pseudonyms | null): string {
  if (body.includes('\n')) return body.replace(/[^\n]+/g, line => describeBody(line, keys))
  const length = `${Buffer.byteLength(body)} bytes`
  if (keys === null) return `[${length}]`
  if (keys !== undefined) return `[${length}, hmac-sha256 ${keys.ofBody(body)}]`
  return `[${length}, sha256 ${createHash('sha256').update(body, 'utf8').digest('hex').slice(0, HEX_DIGITS)}]`
}

/** What aiosmtpd writes before each of them, into whatever file its logger was given. */
const BODY_FOLLOWS = 'DATA readline: '

/** Of a text that no template takes. */
export function hideLooseBody(text: string, privacy: { describeBody(body: string): string } | undefined): string {
  if (!text.startsWith(BODY_FOLLOWS)) return text
  const body = text.slice(BODY_FOLLOWS.length)
  return BODY_FOLLOWS + (privacy === undefined ? describeBody(body) : privacy.describeBody(body))
}

export function hideBodies(text: string, pattern: Pattern): string {
  let hidden = ''
  let at = 0
  for (const { personal, start, end } of pattern.spans(text)) {
    if (personal !== 'body') continue
    hidden += text.slice(at, start) + describeBody(text.slice(start, end))
    at = end
  }
  return hidden + text.slice(at)
}
