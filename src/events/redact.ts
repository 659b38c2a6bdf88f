/**
 * What must never leave the host, whatever the privacy options: cookies, Authorization headers, passwords, query strings and
 * credentials in URLs. They stand in the logs where a page of Mailman's web interface crashed and printed its environment
 * (scripts/driver, print_environment), where a template's URL holds a login, where Mailman 3 could not fetch one (model/template.py
 * prints name and password), and wherever somebody typed one.
 */
import { lookAt, SUSPICIOUS } from './look.js'

// Few records hold one of these; nearly all others are told by `lookAt`, at half the cost.
const MAY_HOLD_SECRET =
  /:\/\/|[pP][aA][sS][sS]|[pP][wW]|[cC][oO][oO][kK][iI][eE]|[aA][uU][tT][hH][oO][rR][iI]|QUERY_STRING|PATH_|\?[\w.%-]+=|_UR[IL]|[cC][oO][nN][fF][iI][rR][mM]|\/requests\/|Cannot retrieve template at |\t[A-Z][A-Z\d_]{1,63}: |b['"]AUTH |\$[\w-]{1,20}\$|[A-Z] \/[^\s?]{0,1024}\?/

const REDACTED = '[redacted]'
const MAX_PASSES = 10

// Each takes what it takes without looking back, so time stays linear; what a hole of bounded width must end with is bounded.
const rules: readonly ((text: string) => string)[] = [
  // scheme://user:password@host
  text => text.replace(/(:\/\/)[^\s/@'"<>]{1,256}:[^\s/@'"<>]{0,1024}@/g, `$1${REDACTED}@`),
  // A query string in a URL or path: it may hold a password, a confirmation cookie or an address.
  text => text.replace(/(?:https?:\/\/|_UR[IL]: ?\/)[^\s'"<>]+/g, withoutQuery),
  // A path with a query, as web servers log requests.
  text => text.replace(/((?:^|[\s"'=])\/[^\s?'"<>]{0,1024}\?)[\w.%-]{1,64}=[^\s'"<>]*/g, `$1${REDACTED}`),
  // The same, whatever the query looks like: `"GET /3.1/lists?x HTTP/1.1"`, `GET /3.1/lists?x => …`.
  text => text.replace(/(\b[A-Z]{3,16} \/[^\s?]{0,1024}\?)[^\s]+(?= HTTP\/| => )/g, `$1${REDACTED}`),
  // A login for a template, as Python prints it: `Cannot retrieve template at URL (('user', 'password'))`.
  text => text.replace(/Cannot retrieve template at [^\n]*/g, withoutLogin),
  // A token in the path of a request.
  text => text.replace(/(PATH_(?:INFO|TRANSLATED): [^\n]{0,1024}?\/)[0-9a-f]{32,}/g, `$1${REDACTED}`),
  // The token that confirms a subscription (Mailman's Pending.py calls it a cookie).
  text => text.replace(/(\/confirm\/[^\s/'"<>]{1,256}\/)[0-9a-f]{8,}/gi, `$1${REDACTED}`),
  // The same in the address that answers go to, and in their subject: `dev-confirm+…@lists.example.org`, `confirm …`.
  text => text.replace(/(\bconfirm(?:\+|%2B|[ \t]))[0-9a-f]{32,}/gi, `$1${REDACTED}`),
  // The same in the REST API, where it also lets a moderator decide: `/3.1/lists/dev.lists.example.org/requests/…`.
  text => text.replace(/(\/requests\/)[0-9a-f]{16,}/gi, `$1${REDACTED}`),
  // Environment dumps: the whole value of a variable.
  text => text.replace(/(\b|_)(COOKIE2?|AUTHORIZATION|QUERY_STRING)(["']?[:=] ?)[^\n]+/g, `$1$2$3${REDACTED}`),
  // The same, of a variable whose name says that it holds a secret.
  text =>
    text.replace(
      /(\t[A-Z\d_]{0,64}?(?:TOKEN|SECRET|SESSION|CSRF|CREDENTIAL|SIGNATURE|API_?KEY|_AUTH)[A-Z\d_]{0,64}: )[^\n]+/g,
      `$1${REDACTED}`,
    ),
  // A login in Mailman 3's LMTP conversation; newer versions of aiosmtpd hide it themselves.
  text => text.replace(/(b['"]AUTH [A-Z\d-]{1,32} )[A-Za-z\d+/=]+/g, `$1${REDACTED}`),
  // How passwords are stored, in a traceback of the database: `$6$rounds=…$…`.
  text => text.replace(/\$(?:[156y]|2[abxy]?|argon2\w{0,2}|pbkdf2[\w-]{0,16}|scrypt)\$[^\s'",)]+/g, REDACTED),
  // Header lines.
  text => text.replace(/\b((?:Set-)?Cookie2?|(?:Proxy-)?Authorization)(["']?: ?)[^\n]+/gi, `$1$2${REDACTED}`),
  // name=value and 'name': 'value' of a password.
  text =>
    text.replace(
      /\b(\w{0,32}(?:passw(?:or)?d|passphrase|pwd|pw|(?:\b|_)pass(?![a-z]))\w{0,32}["']?[ \t]{0,2}(?:[=:]|, (?=[bu]?["']))[ \t]{0,2})(?=[^\s&,;)])(?:[bu]?"(?:[^"\\\n]|\\.)*"?|[bu]?'(?:[^'\\\n]|\\.)*'?)?[^\s&,;)]*/gi,
      `$1${REDACTED}`,
    ),
]

function withoutQuery(address: string): string {
  const mark = address.indexOf('?')
  return mark < 0 || mark === address.length - 1 ? address : `${address.slice(0, mark + 1)}${REDACTED}`
}

function withoutLogin(line: string): string {
  const open = line.indexOf('(')
  return open < 0 || line.startsWith('(<no authorization>)', open) ? line : `${line.slice(0, open)}(${REDACTED})`
}

/** The text without secrets; the same string where there are none. */
export function redact(text: string): string {
  return (lookAt(text).traits & SUSPICIOUS) === 0 ? text : redactSuspicious(text)
}

/** The same of a text that is known to be suspicious. */
export function redactSuspicious(text: string): string {
  if (!MAY_HOLD_SECRET.test(text)) return text
  let clean = text
  // What one rule takes away can bring together what another one knows; that ends soon, as each time there is less left.
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const before = clean
    for (const rule of rules) clean = rule(clean)
    if (clean === before) break
  }
  return clean
}
