/**
 * Where in the text of a hole something personal stands, for holes that hold more than one thing: `NAME <ADDR>`, a web client
 * or a sender, a message id with something behind it. Pure; any text; linear time. Places count from the hole's beginning.
 */
import type { Personal, Span } from './_contract.js'

export type FindSpans = (raw: string) => Span[]

const span = (personal: Personal, start: number, end: number): Span => ({ personal, start, end })
const all = (personal: Personal, raw: string): Span[] => [span(personal, 0, raw.length)]

export const ADDRESS = /^[^\s<>]{1,320}@[^\s<>@:;,]{1,255}$/
/** `192.0.2.1`, `2001:db8::1`, a list of these, `for=192.0.2.1`, and what Mailman says where it does not know. */
export const CLIENT = /^(?:(?=\D{0,9}\d)[\d.:, a-f]{3,1024}|for=.{1,1024}|unidentified origin)$/i

/** `NAME <ADDR>`, or an address alone. */
export const spansOfMember: FindSpans = raw => {
  const open = raw.lastIndexOf('<')
  if (open < 0) return all('address', raw)
  const close = raw.indexOf('>', open)
  const name = raw.slice(0, open).trimEnd().length
  const address = span('address', open + 1, close < 0 ? raw.length : close)
  return name === 0 ? [address] : [span('name', 0, name), address]
}

/** A whole From header: as above, or `ADDR (NAME)`. */
export const spansOfHeader: FindSpans = raw => {
  const comment = raw.includes('<') ? -1 : raw.indexOf(' (')
  return comment <= 0 ? spansOfMember(raw) : [span('address', 0, comment), span('name', comment + 1, raw.length)]
}

/** A web client, or the sender of a mail. */
export const spansOfOrigin: FindSpans = raw => all(ADDRESS.test(raw) ? 'address' : 'ip', raw)

/** A web client, the sender of a mail, or the way that somebody took, which says nothing of them. */
export const spansOfWhence: FindSpans = raw => {
  const whence = raw.trim()
  if (ADDRESS.test(whence) || (whence.endsWith('>') && whence.includes('@'))) return spansOfHeader(raw)
  return CLIENT.test(whence) ? all('ip', raw) : []
}

/** An address, or any other name that somebody gives. */
export const spansOfClaim: FindSpans = raw => all(raw.includes('@') ? 'address' : 'name', raw)

/** A role (CSRFcheck.py, `keydict`), `user+ADDR` with the address as it stands in URLs, or an address alone. */
export const spansOfTokenOwner: FindSpans = raw => {
  if (!/@|%40/.test(raw)) return /^(?:admin|moderator|poster|site|user)$/.test(raw) ? [] : all('name', raw)
  return [span('address', raw.startsWith('user+') ? 5 : 0, raw.length)]
}

/** A message id: what its sender put behind the closing bracket is not a part of it. */
export const spansOfId: FindSpans = raw => {
  const end = raw.startsWith('<') ? raw.indexOf('>') + 1 : raw.search(/\s/)
  return [span('id', 0, end <= 0 ? raw.length : end)]
}

/** The same without its opening bracket. */
export const spansOfRestOfId: FindSpans = raw => {
  const close = raw.indexOf('>')
  return [span('id', 0, close < 0 ? raw.length : close)]
}
