/**
 * The stamp that begins a record: `Mon DD HH:MM:SS YYYY (PID) text` (Mailman/Logging/Logger.py), or, in the log `error` only,
 * `Mon DD HH:MM:SS YYYY label(PID): text` (LogStdErr). 20 characters of local time, then who wrote it.
 */
export interface Stamp {
  /** Which program's format it is; the others than Mailman's own are in `_mailman3-line.ts`. */
  readonly kind: 'mailman' | 'gunicorn' | 'access' | 'falcon'
  /** As it stands; Mailman's: `Mon DD HH:MM:SS YYYY`. */
  readonly time: string
  /** Undefined: the format has none. */
  readonly pid: number | undefined
  /** The script that wrote to standard error (`post`, `admin`…), or ''. */
  readonly label: string
  /** Where the text begins. */
  readonly textStart: number
}

const BLANK = 32
const COLON = 58
const OPEN = 40
const CLOSE = 41
const isDigit = (code: number): boolean => code >= 48 && code <= 57

const MAX_LABEL = 32
const MAX_PID_DIGITS = 10

/** Reads the stamp at the beginning of `line`, or says undefined: then the line continues the record before it. */
export function readStamp(line: string): Stamp | undefined {
  // Fixed places first: nearly every unstamped line is told by one of them.
  if (
    line.charCodeAt(9) !== COLON ||
    line.charCodeAt(12) !== COLON ||
    line.charCodeAt(3) !== BLANK ||
    line.charCodeAt(6) !== BLANK ||
    line.charCodeAt(15) !== BLANK ||
    line.charCodeAt(20) !== BLANK
  )
    return undefined
  if (!isDigit(line.charCodeAt(8)) || !isDigit(line.charCodeAt(14)) || !isDigit(line.charCodeAt(19))) return undefined
  let at = 21
  while (line.charCodeAt(at) !== OPEN) {
    if (at - 21 >= MAX_LABEL || !isLabel(line.charCodeAt(at))) return undefined
    at++
  }
  const label = at === 21 ? '' : line.slice(21, at)
  let pid = 0
  const digits = ++at
  for (let code = line.charCodeAt(at); isDigit(code); code = line.charCodeAt(++at)) pid = pid * 10 + code - 48
  if (at === digits || at - digits > MAX_PID_DIGITS || line.charCodeAt(at) !== CLOSE) return undefined
  at++
  if (label !== '') {
    if (line.charCodeAt(at) !== COLON) return undefined
    at++
  }
  if (at < line.length && line.charCodeAt(at) !== BLANK) return undefined
  return { kind: 'mailman', time: line.slice(0, 20), pid, label, textStart: at < line.length ? at + 1 : at }
}

const isLabel = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || isDigit(code) || code === 45 || code === 95
