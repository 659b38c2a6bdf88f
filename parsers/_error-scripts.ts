/**
 * The part of `error` that is the standard error of Mailman's programs: the mail scripts, which a mail server starts, and
 * mailmanctl, qrunner and gate_news. Some of it is in the language of the site. The last newline of a text is a record of its
 * own where each line is stamped.
 */
import { pattern } from './_template.js'
import { TRACEBACK } from './_traceback.js'

const closed = { open: false, stderr: true } as const
const withLastNewline = { open: true, stderr: true, joins: (text: string) => text.trim() === '' } as const
const scripts = ['post', 'bounces', 'confirm', 'join', 'leave', 'mailowner', 'mailcmd'].map(name => `${name} script`)
const RAISED = /^[A-Za-z_][\w.]*(?: \. \w+)* ?(?:: |$)/

/** Python writes a traceback in pieces; each line may be a record, and each piece has a blank before it. */
export const scriptTracebacks = [
  pattern('error-raised', `${TRACEBACK}{scriptTraceback}`, {
    open: true,
    stderr: true,
    joins: text => text.startsWith('  ') || RAISED.test(text),
    joinsMany: true,
  }),
]

export const scriptPatterns = [
  ...scripts.map(script => pattern('list-missing', `${script}, list not found: {listText}`, closed)),
  ...[...scripts, 'mailowner'].map(script => pattern('config-error', `${script} got no listname.{rest}`, closed)),
  pattern('runner-error', 'Cannot import runner module {rest}', closed),
  pattern('runner-error', 'The master qrunner lock could not be acquired{rest}', withLastNewline),
  pattern('runner-error', 'No child with pid: {childPid} ', closed),
  pattern('runner-error', 'Stale pid file removed.{rest}', closed),
  pattern('runner-error', 'PID unreadable in: {path}', closed),
  pattern('runner-error', 'Is qrunner even running?{rest}', closed),
  pattern('runner-error', '{systemError}', closed),
  // In other languages, or by other programs.
  pattern('script-reported', '{scriptText}', withLastNewline),
]
