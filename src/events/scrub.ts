/**
 * Addresses and IP addresses in any text: found and replaced. From each `@` (`%40` in URLs, `--at--` in those of Mailman's
 * options page) outwards, so time stays linear whatever strangers write; where it is not clear how far an address goes, more of
 * the text is taken rather than less.
 */
import { isIPv4, isIPv6 } from 'node:net'

/** @returns what stands there instead; undefined: it stays */
export type ReplaceAddress = (local: string, sign: string, domain: string) => string | undefined

/** `%2540`: an address in a URL that is itself a part of a URL. */
const SIGN = '@|%(?:25)*40|--at--'
const ANY_SIGN = new RegExp(SIGN)
const STICKY_SIGN = new RegExp(SIGN, 'y')
/** A quoted local part is not looked for any further. */
const MAX_QUOTED = 256
/** What may stand before a mailbox without being a part of it. */
const LABEL = /^(?:address|addr|email|from|mailto|member|rcpt|recip|sender|to|user)=/i
const LETTER_OR_DIGIT = /[^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]/

export function scrubAddresses(text: string, replace: ReplaceAddress): string {
  if (!ANY_SIGN.test(text)) return text
  const signs = new RegExp(SIGN, 'g')
  let clean = ''
  let copied = 0
  let floor = 0
  for (let found = signs.exec(text); found !== null; found = signs.exec(text)) {
    const start = startOfLocal(text, found.index, floor)
    let sign = found
    let end = endOfDomain(text, signs.lastIndex)
    // `a@b@c`: all before the last one is a local part.
    for (let next = signAt(text, end); next !== undefined; next = signAt(text, end)) {
      sign = next
      end = endOfDomain(text, end + next[0].length)
    }
    const { index } = sign
    const local = text.slice(start, index)
    const domain = text.slice(index + sign[0].length, end)
    const instead = LETTER_OR_DIGIT.test(local) ? replace(decode(local, sign[0]), sign[0], domain) : undefined
    if (instead !== undefined) {
      clean += text.slice(copied, start) + instead
      copied = end
    }
    floor = end
    signs.lastIndex = end
  }
  return clean + text.slice(copied)
}

function signAt(text: string, at: number): RegExpExecArray | undefined {
  STICKY_SIGN.lastIndex = at
  return STICKY_SIGN.exec(text) ?? undefined
}

const isAsciiWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 45 || code === 95

/** Private use stands for parts that have been dealt with. */
const isPrivateUse = (code: number): boolean => code >= 0xe000 && code <= 0xf8ff
const isWideBlank = (code: number): boolean => code === 0xa0 || (code >= 0x2000 && code <= 0x200b) || code === 0x3000

/** What RFC 5322 lets an unquoted local part hold, a backslash for what a Python repr escapes, and anything but ASCII. */
function isOfLocal(code: number): boolean {
  if (code > 127) return !isPrivateUse(code) && !isWideBlank(code) && code !== 0x2028 && code !== 0x2029
  return isAsciiWord(code) || "!#$%&'*+/=?^`{|}~.\\".includes(String.fromCharCode(code))
}

function startOfLocal(text: string, sign: number, floor: number): number {
  if (text.charCodeAt(sign - 1) === 34) {
    for (let at = sign - 2; at >= Math.max(floor, sign - MAX_QUOTED); at--) {
      if (text.charCodeAt(at) === 34 && text.charCodeAt(at - 1) !== 92) return at
      if (text.charCodeAt(at) === 10) break
    }
  }
  let start = sign
  while (start > floor && isOfLocal(text.charCodeAt(start - 1))) start--
  return start + prefixOf(text.slice(start, sign))
}

/** How much of what stands before the sign belongs to the text around it: quotes, the path of a URL, `from=`. */
function prefixOf(local: string): number {
  let from = 0
  if (local.startsWith('/') && !local.includes('=')) from = local.lastIndexOf('/') + 1
  from = Math.max(from, /^.*\\[nrt]/s.exec(local)?.[0].length ?? 0)
  if (/^[bu]'/.test(local)) from = Math.max(from, 2)
  while (from < local.length && "'*`{|}~!?^&#$=".includes(local[from]!)) from++
  return from + (LABEL.exec(local.slice(from, from + 16))?.[0].length ?? 0)
}

function endOfDomain(text: string, from: number): number {
  if (text.charCodeAt(from) === 91) return from + (/^\[[\w.:-]{1,62}\]/.exec(text.slice(from, from + 64))?.[0].length ?? 0)
  let end = from
  while (end < text.length && (isAsciiWord(text.charCodeAt(end)) || text.charCodeAt(end) === 46)) {
    if (text.startsWith('--at--', end)) break
    end++
  }
  while (end > from && !/[a-z0-9]/i.test(text[end - 1]!)) end--
  return end
}

/** As it is written elsewhere. */
function decode(local: string, sign: string): string {
  if (sign === '@' || !local.includes('%')) return local
  try {
    return decodeURIComponent(local)
  } catch {
    return local
  }
}

const MAX_IPV6_RUN = 128
const MAX_LABELS = 4

/** @param replace gets one address, without brackets, port or zone */
export function scrubIps(text: string, replace: (ip: string) => string): string {
  const clean = scrubIpv6(text, replace)
  if (!/\d\.\d/.test(clean)) return clean
  return clean.replace(/(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)/g, ip => (isIPv4(ip) ? replace(ip) : ip))
}

/** Looks at the runs of `[\w.:]` that hold two colons, from the first of them outwards: other text costs next to nothing. */
function scrubIpv6(text: string, replace: (ip: string) => string): string {
  let clean = ''
  let copied = 0
  let end = 0
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', end)) {
    const floor = end
    let colons = 0
    for (end = colon; isOfIpv6(text.charCodeAt(end)); end++) if (text.charCodeAt(end) === COLON) colons++
    if (colons < 2) continue
    let start = colon
    while (start > floor && isOfIpv6(text.charCodeAt(start - 1))) start--
    const run = text.slice(start, end)
    const instead = replaceIpv6(run, replace)
    if (instead === run) continue
    clean += text.slice(copied, start) + instead
    copied = end
  }
  return clean + text.slice(copied)
}

const COLON = 58
const isOfIpv6 = (code: number): boolean => (isAsciiWord(code) && code !== 45) || code === 46 || code === COLON

/** A label, a colon and a port may stand next to an address: `IPv6:2001:db8::1`, `2001:db8::1: no route`. */
function replaceIpv6(run: string, replace: (ip: string) => string): string {
  if (run.length > MAX_IPV6_RUN) return run
  for (let from = 0, labels = 0; labels < MAX_LABELS; labels++) {
    const rest = run.slice(from)
    for (const behind of [0, /[.:]{0,2}$/.exec(rest)![0].length, /(?::\d{1,5})?[.:]?$/.exec(rest)![0].length]) {
      const ip = rest.slice(0, rest.length - behind)
      if (isIPv6(ip) && ip !== '::') return run.slice(0, from) + replace(ip) + rest.slice(rest.length - behind)
    }
    const colon = run.indexOf(':', from)
    if (colon < 0) break
    from = colon + 1
  }
  return run
}
