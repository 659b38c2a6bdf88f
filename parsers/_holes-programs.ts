/** Holes of Mailman's programs: what went wrong in them, their runners, locks and settings. */

import type { Value } from './_contract.js'
import type { Hole } from './_hole.js'
import { hole, integer, one, present, putClient, text, word } from './_hole.js'
import { cleanScriptTraceback, culpritOfStack, readCrash, readRaised, TRACEBACK, withoutPrefixes } from './_traceback.js'

function putStack(raw: string, values: Value[], at: number): void {
  const stack = raw.trimEnd()
  values[at] = present(stack)
  values[at + 1] = culpritOfStack(stack)
}

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
  errorCode: word('error.code'),
  /** What a news server answers with, before its text. */
  nntpCode: one('int', 'error.code', raw => raw),
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
    ['error.message', 'error.type', 'error.stack_trace', 'mailman.culprit', 'url.path', 'source.address', 'source.ip'],
    (raw, values, at) => {
      const { message, type, traceback, culprit, remote, path } = readCrash(raw)
      values[at] = message
      values[at + 1] = type
      values[at + 2] = traceback
      values[at + 3] = culprit
      values[at + 4] = path
      if (remote !== undefined) putClient(remote, values, at + 5)
    },
  ),
  /** A stack without an exception, as locks print it. */
  stack: hole('text', ['error.stack_trace', 'mailman.culprit'], putStack),
  /** The same, where its first two blanks are literal text of the template. */
  restOfStack: hole('text', ['error.stack_trace', 'mailman.culprit'], (raw, values, at) => putStack(`  ${raw}`, values, at)),
  /** A program of the web interface. */
  program: word('process.name'),
  exitCode: one('int', 'process.exit_code', integer),
  /** `in`, `IncomingRunner`. */
  runner: word('mailman.runner.name'),
  /** `1/1`: which of how many. */
  slice: word('mailman.runner.slice'),
  signal: word('mailman.runner.signal'),
  /** The process that is spoken of, not the one that speaks. */
  childPid: one('int', 'mailman.runner.pid', integer),
  lockFile: word('mailman.lock.file'),
  level: word('log.level'),
  /** How many things a task took away. */
  taskCount: one('int', 'mailman.task.count', integer),
  path: text('file.path'),
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
