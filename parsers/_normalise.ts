/** Addresses, message ids and header text as Mailman logs them → as they are searched for. Pure; any text; linear time. */

/** Header text may be folded over lines: white space around a line break becomes one blank. */
export function unfold(text: string): string {
  if (!text.includes('\n')) return text
  return text
    .split('\n')
    .map((line, i, lines) => (i === 0 ? line.trimEnd() : i === lines.length - 1 ? line.trimStart() : line.trim()))
    .join(' ')
}

/**
 * A message id without angle brackets, unfolded; undefined where Mailman says that there is none. Senders put anything behind
 * the closing bracket, or a blank behind the opening one.
 */
export function normaliseMessageId(raw: string): string | undefined {
  let id = raw
  if (id.charCodeAt(0) === 60) {
    const close = id.indexOf('>')
    id = id.slice(1, close < 0 ? undefined : close)
  }
  id = unfold(id).trim()
  return id === '' || id === 'n/a' || id === 'None' ? undefined : id
}

/** An address in lower case; undefined where there is none. */
export function normaliseAddress(raw: string): string | undefined {
  const address = unfold(raw).trim().toLowerCase()
  return address === '' || address === 'n/a' || address === 'none' || address === '<missing>' ? undefined : address
}

/** The address in a From header: what stands in the last angle brackets, else the word with an @ in it. */
export function addressInHeader(header: string): string | undefined {
  const open = header.lastIndexOf('<')
  const close = header.indexOf('>', open + 1)
  if (open >= 0 && close > open) return normaliseAddress(header.slice(open + 1, close))
  return header.includes('@') ? normaliseAddress(header) : undefined
}

/** Refused and discarded posts are logged with each `%` doubled, for an interpolation that never happens (ListAdmin.py). */
export const undouble = (text: string): string => (text.includes('%%') ? text.replaceAll('%%', '%') : text)

/**
 * `NAME <ADDR>` or an address alone. A name is quoted where it has to be, and may be anything: the address is what stands in the
 * last angle brackets.
 */
export function readMember(text: string): { address: string | undefined; name: string | undefined } {
  const member = text.trim()
  const open = member.lastIndexOf('<')
  if (open < 0 || !member.endsWith('>')) return { address: normaliseAddress(member), name: undefined }
  const name = member.slice(0, open).trim()
  const bare = name.length > 1 && name.startsWith('"') && name.endsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name
  return { address: normaliseAddress(member.slice(open + 1, -1)), name: bare === '' ? undefined : bare }
}
