/**
 * What must never leave the host, whatever the privacy options: cookies, Authorization headers, passwords, query strings and
 * credentials in URLs. They stand in the logs where a page of Mailman's web interface crashed and printed its environment
 * (scripts/driver, print_environment), where a template's URL holds a login, and wherever somebody typed one.
 */

// Most records hold none of these; the test costs one pass.
const MAY_HOLD_SECRET = /:\/\/|[pP][aA][sS][sS][wW]|[cC][oO][oO][kK][iI][eE]|[aA][uU][tT][hH][oO][rR][iI]|[pP][wW]d?['"]?[=:]|QUERY_STRING|_URI/

const REDACTED = '[redacted]'

// Each is bounded and has no nested repeat, so time stays linear.
const rules: readonly [RegExp, string][] = [
  // scheme://user:password@host
  [/(:\/\/)[^\s/@'"<>]{1,256}:[^\s/@'"<>]{0,256}@/g, `$1${REDACTED}@`],
  // A query string in a URL or path: it may hold a password, a confirmation cookie or an address.
  [/((?:https?:\/\/|_URI: ?\/)[^\s?'"<>]{0,2048}\?)[^\s'"<>]{1,8192}/g, `$1${REDACTED}`],
  // Environment dumps and header lines: the whole value.
  [/\b((?:HTTP_|REDIRECT_|PROXY_)*(?:COOKIE|AUTHORIZATION|QUERY_STRING)["']?[:=] ?)[^\n]+/g, `$1${REDACTED}`],
  [/\b((?:Set-)?Cookie2?|(?:Proxy-)?Authorization)(["']?: ?)[^\n]+/gi, `$1$2${REDACTED}`],
  // name=value and 'name': 'value' of a password.
  [/\b(\w{0,32}(?:passw(?:or)?d|passwd|pwd|pw)\w{0,32}["']?\s{0,2}[=:]\s{0,2}["']?)[^\s"'&,;)]{1,1024}/gi, `$1${REDACTED}`],
]

/** The text without secrets; the same string where there are none. */
export function redact(text: string): string {
  if (!MAY_HOLD_SECRET.test(text)) return text
  let clean = text
  for (const [secret, replacement] of rules) clean = clean.replace(secret, replacement)
  return clean
}
