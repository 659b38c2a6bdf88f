/** Holes of Mailman's programs: what went wrong in them, their runners, locks and settings. */

import type { Value } from './_contract.js'
import type { Hole } from './_hole.js'
import { hole, integer, LIST_FIELDS, one, present, putClient, putList, text, word } from './_hole.js'
import { unquoteBytes } from './_python-text.js'
import { cleanScriptTraceback, culpritOfStack, readCrash, readRaised, TRACEBACK, withoutPrefixes } from './_traceback.js'

function putStack(raw: string, values: Value[], at: number): void {
  const stack = raw.trimEnd()
  values[at] = present(stack)
  values[at + 1] = culpritOfStack(stack)
}

const LIST_FILE = /\/lists\/([^/\s]{1,255})\/config\.(?:pck|db)(?:\.last)?\s*$/
/** Those that have the same number on every Linux. */
const SIGNALS = new Map([
  ['1', 'SIGHUP'],
  ['2', 'SIGINT'],
  ['3', 'SIGQUIT'],
  ['4', 'SIGILL'],
  ['6', 'SIGABRT'],
  ['8', 'SIGFPE'],
  ['9', 'SIGKILL'],
  ['11', 'SIGSEGV'],
  ['13', 'SIGPIPE'],
  ['14', 'SIGALRM'],
  ['15', 'SIGTERM'],
])
/** Masters log numbers (mailmanctl), names (`SIGTERM`), or what is left of these (`term`, gunicorn). */
const signalName = (raw: string): string => SIGNALS.get(raw) ?? (/^[a-z]{3,6}\d?$/.test(raw) ? `SIG${raw.toUpperCase()}` : raw)

/** Exit codes: no fault, SIGINT, SIGUSR1 (Mailman 3), SIGTERM. */
const TOLD_TO_END = new Set(['0', '2', '10', '15'])

const RAISED_FIELDS = ['error.message', 'error.type', 'error.stack_trace', 'mailman.culprit'] as const

function putRaised(raw: string, values: Value[], at: number): void {
  const { message, type, culprit } = readRaised(raw.split('\n'))
  values[at] = message
  values[at + 1] = type
  values[at + 2] = `${TRACEBACK}\n${raw.trimEnd()}`
  values[at + 3] = culprit
}

export const programHoles = {
  error: one('text', 'error.message', raw => present(raw.trimEnd())),
  /** The same where it may be the repr of bytes: what another program wrote. */
  errorBytes: one('text', 'error.message', raw => present(unquoteBytes(raw.trimEnd()).trimEnd())),
  /** `[Errno 3] No such process`, from end to end. */
  systemError: {
    ...one('text', 'error.message', raw => present(raw.trimEnd())),
    fits: (raw: string) => raw.startsWith('[Errno '),
  },
  errorCode: word('error.code'),
  /** What a news server answers with, before its text. */
  nntpCode: { ...one('int', 'error.code', raw => raw), fits: (raw: string) => /^[1-5]\d\d$/.test(raw) },
  /** What follows the line `Traceback (most recent call last):`, where the exception's text stands before it. */
  traceback: hole('text', ['error.type', 'error.stack_trace', 'mailman.culprit'], (raw, values, at) => {
    const { type, culprit } = readRaised(raw.split('\n'))
    values[at] = type
    values[at + 1] = `${TRACEBACK}\n${raw.trimEnd()}`
    values[at + 2] = culprit
  }),
  /** The same, where nothing but the traceback says what was raised. */
  onlyTraceback: hole('text', RAISED_FIELDS, putRaised),
  /** The same at a script's standard error. */
  scriptTraceback: hole('text', RAISED_FIELDS, (raw, values, at) => putRaised(cleanScriptTraceback(raw), values, at)),
  /** What else a script wrote to its standard error. */
  scriptText: one('text', 'error.message', raw => present(withoutPrefixes(raw.split('\n')).join('\n').trimEnd())),
  /** The dump of a crashed page. */
  crash: hole(
    'text',
    [...RAISED_FIELDS, 'url.path', 'source.address', 'source.ip', 'http.request.method', 'url.domain'],
    (raw, values, at) => {
      const { message, type, traceback, culprit, remote, path, method, server } = readCrash(raw)
      values[at] = message
      values[at + 1] = type
      values[at + 2] = traceback
      values[at + 3] = culprit
      values[at + 4] = path
      if (remote !== undefined) putClient(remote, values, at + 5)
      values[at + 7] = method
      values[at + 8] = server
    },
  ),
  /** A stack without an exception, as locks print it. */
  stack: hole('text', ['error.stack_trace', 'mailman.culprit'], putStack),
  /** The same, where its first two blanks are literal text of the template. */
  restOfStack: hole('text', ['error.stack_trace', 'mailman.culprit'], (raw, values, at) => putStack(`  ${raw}`, values, at)),
  /** A program of the web interface. */
  program: word('process.name'),
  exitCode: one('int', 'process.exit_code', integer),
  /** Of a runner that ended by itself: one that is told to ends with the signal's number. */
  crashCode: { ...one('int', 'process.exit_code', integer), fits: (raw: string) => !TOLD_TO_END.has(raw) },
  /** `in`, `IncomingRunner`. */
  runner: word('mailman.runner.name'),
  /** `1/1`: which of how many. */
  slice: word('mailman.runner.slice'),
  /** `SIGTERM`, by whatever name or number it is called. */
  signal: one('word', 'mailman.runner.signal', signalName),
  /** The process that is spoken of, not the one that speaks. */
  childPid: one('int', 'mailman.runner.pid', integer),
  lockFile: word('mailman.lock.file'),
  level: word('log.level'),
  /** How many things a task took away. */
  taskCount: one('int', 'mailman.task.count', integer),
  path: text('file.path'),
  /** A file of a list's own folder: `/var/lib/mailman/lists/dev/config.pck`. */
  listFile: hole('text', ['file.path', ...LIST_FIELDS], (raw, values, at) => {
    values[at] = present(raw.trim())
    const list = LIST_FILE.exec(raw)
    if (list !== null) putList(list[1]!.toLowerCase(), '@', values, at + 1)
  }),
  server: word('server.address'),
  port: one('int', 'server.port', integer),
  setting: word('mailman.setting.name'),
  settingValue: text('mailman.setting.value'),
  newsgroup: word('mailman.usenet.group'),
  article: one('text', 'mailman.usenet.article', raw => integer(raw.trim())),
  /** Text that no field holds but the message. */
  rest: hole('text', [], () => {}),
  /** A line of a message, in a log at level debug: its length and hash are kept, its text is not. */
  body: hole('text', [], () => {}, 'body'),
} as const satisfies Record<string, Hole>
