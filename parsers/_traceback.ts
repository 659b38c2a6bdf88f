/**
 * Python tracebacks, and the dump that a crashed page of the web interface leaves (scripts/driver). One pass over the lines.
 *
 * The culprit is where Mailman's own code was last: the innermost frame below `Mailman/` (3: `mailman/`), as
 * `Mailman/Handlers/ToDigest.py:process`, `mailman/app/subscriptions.py:_step_sanity_checks`.
 * It has no line number, so that one fault has one culprit across Mailman's versions.
 */
export const TRACEBACK = 'Traceback (most recent call last):'

export interface Raised {
  readonly type: string | undefined
  readonly message: string | undefined
  readonly culprit: string | undefined
}

export interface Crash extends Raised {
  readonly traceback: string | undefined
  /** The web server's peer; client text where a proxy says so. */
  readonly remote: string | undefined
  /** What was asked for, without its query string. */
  readonly path: string | undefined
  readonly method: string | undefined
  /** What the web server calls itself. */
  readonly server: string | undefined
}

const FRAME = '  File "'
const EXCEPTION = /^([A-Za-z_][\w.]{0,199})(?::(?: |$)|$)/
const PIECES = /^([A-Za-z_][\w.]{0,199}(?: \. \w{1,200})?) : {1,2}/
const PREFIX = /^[\w-]{1,32}\(\d{1,10}\):(?: |$)/

/** @param lines behind the line that says `Traceback`; where exceptions are chained, the last one counts. */
export function readRaised(lines: readonly string[]): Raised {
  let culprit: string | undefined
  let exception = -1
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    if (line.startsWith(TRACEBACK)) {
      culprit = undefined
      exception = -1
    } else if (line.startsWith(FRAME)) culprit = culpritOf(line) ?? culprit
    else if (exception < 0 && line !== '' && line.charCodeAt(0) > 32) exception = i
  }
  if (exception < 0) return { type: undefined, message: undefined, culprit }
  const text = lines.slice(exception).join('\n').trimEnd()
  const found = EXCEPTION.exec(text)
  const message = found === null ? text : text.slice(found[0].length)
  return { type: found?.[1], message: message === '' ? undefined : message, culprit }
}

/**
 * `  File "/usr/lib/mailman/Mailman/MailList.py", line 128, in __init__`; in 3 the package `mailman`, or one made for it such as
 * `mailman_hyperkitty`, among Python's installed packages.
 */
function culpritOf(frame: string): string | undefined {
  const end = frame.indexOf('", line ', FRAME.length)
  const name = frame.lastIndexOf(', in ')
  const start = Math.max(frame.lastIndexOf('/Mailman/', end), startOfPackage(frame, end))
  if (end < 0 || name < end || start < FRAME.length) return undefined
  return `${frame.slice(start + 1, end)}:${frame.slice(name + 5).trim()}`
}

/** The culprit of a stack that ends in no exception: that of a lock ends in the lock's own code, which only tells of it. */
export function culpritOfStack(stack: string): string | undefined {
  const frames = stack.split('\n').filter(line => line.startsWith(FRAME))
  return frames.map(culpritOf).findLast(culprit => culprit !== undefined && !culprit.startsWith('Mailman/LockFile.py:'))
}

/** The slash before `mailman/`, `mailman_web/`… where it stands in `site-packages/` (Debian: `dist-packages/`), or -1. */
function startOfPackage(frame: string, end: number): number {
  const packages = frame.lastIndexOf('-packages/mailman', end)
  if (packages < 0) return -1
  const next = frame.charCodeAt(packages + '-packages/mailman'.length)
  return next === 47 || next === 95 ? packages + '-packages'.length : -1 // a slash or an underscore
}

/** Lines of standard error, each of which may begin with `post(PID): `. */
export const withoutPrefixes = (lines: readonly string[]): string[] => lines.map(line => line.replace(PREFIX, ''))

/**
 * What follows `Traceback…:` on its line and below at a script's standard error, as Python would have written it elsewhere: Python 2 writes a line in
 * pieces, and the logger puts a blank before each (Logging/StampedLogger.py): `Mailman.Errors . NotAMemberError :  text `.
 */
export const cleanScriptTraceback = (text: string): string =>
  withoutPrefixes(text.trimEnd().split('\n').slice(1))
    .map(line => line.trimEnd().replace(PIECES, (_, type: string) => `${type.replaceAll(' ', '')}: `))
    .join('\n')

/** @param text of the whole dump; each line begins with `admin(PID): `, except where a value held a newline. */
export function readCrash(text: string): Crash {
  const lines = withoutPrefixes(text.split('\n'))
  const begin = lines.findIndex(line => line.startsWith('[----- Traceback'))
  const end = lines.findIndex(line => line.startsWith('[----- Python Information'))
  const traceback = begin < 0 ? [] : lines.slice(begin + 1, end < begin ? undefined : end)
  return {
    ...readRaised(traceback.slice(1)),
    traceback: traceback.length === 0 ? undefined : traceback.join('\n').trimEnd(),
    remote: variable(lines, 'REMOTE_ADDR'),
    path: variable(lines, 'REQUEST_URI')?.split('?', 1)[0],
    method: variable(lines, 'REQUEST_METHOD'),
    server: variable(lines, 'SERVER_NAME')?.toLowerCase(),
  }
}

/** A value of the environment; undefined where it stands there twice, as a value with newlines can hold such a line. */
function variable(lines: readonly string[], name: string): string | undefined {
  const found = lines.filter(line => line.startsWith(`\t${name}: `))
  return found.length === 1 ? found[0]!.slice(name.length + 3).trimEnd() || undefined : undefined
}
