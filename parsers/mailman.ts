/**
 * Mailman 3's `mailman.log`: most of its loggers write there, with nothing in a line that says which. What 2.1 has a log for is
 * of that log's kind; the tasks, archivers, the database and the REST API's server are told of here.
 */
import { mailman3 as api } from './_api-mailman3.js'
import { defineParser, inLog, type Pattern } from './_contract.js'
import { exception } from './_error-mailman3.js'
import { pattern } from './_template.js'
import { TRACEBACK } from './_traceback.js'
import { mailman3 as bounce } from './bounce.js'
import { mailman3 as error } from './error.js'
import { mailman3 as fromusenet } from './fromusenet.js'
import { mailman3 as locks } from './locks.js'
import { mailman3 as qrunner } from './qrunner.js'
import { mailman3 as smtp } from './smtp.js'
import { mailman3 as subscribe } from './subscribe.js'
import { mailman3 as vette } from './vette.js'

const closed = { open: false } as const

const own: readonly Pattern[] = [
  // runners/task.py, once an hour.
  pattern('task-run', 'Task runner evicted {taskCount} expired pendings'),
  pattern('task-run', 'Task runner deleted {taskCount} orphaned workflows'),
  pattern('task-run', 'Task runner deleted {taskCount} orphaned requests'),
  pattern('task-run', 'Task runner deleted {taskCount} orphaned messages'),
  pattern('task-run', 'Task runner deleted {taskCount} orphaned message files'),
  pattern('task-run', 'Task runner evicted {taskCount} expired bounce events'),
  pattern('task-run', 'Task runner evicted expired cache entries'),

  ...exception('archive-error', 'Exception in "{rest}" archiver'),
  pattern('config-error', 'No archiver config section found: {rest}', closed),
  pattern('config-error', 'Invalid clobber_date for "{rest}": {settingValue}', {
    constants: { 'mailman.setting.name': 'clobber_date' },
    open: false,
  }),
  pattern('archive-error', '{messageId}: mhonarc subprocess had non-zero exit code: {exitCode}', { open: true }),
  // A login is printed in the parentheses; it is taken away before any of this is read (src/events/redact.ts).
  ...exception('template-error', 'Cannot retrieve template at {url} ({rest})'),

  pattern('database-reported', 'Context impl {rest}.'),
  pattern('database-reported', 'Will assume {rest} DDL.'),
  pattern('database-reported', 'Running upgrade {rest} -> {rest}', closed),
  pattern('database-reported', 'Running stamp_revision {rest} -> {rest}', closed),
  pattern('database-reported', 'Database url: {rest}', closed),
]

/** `log.exception` of any module, with any text. */
const anyException: readonly Pattern[] = [pattern('error-raised', `{error}\n${TRACEBACK}\n{traceback}`)]

const all = [
  ...inLog('vette', vette),
  ...own,
  ...api,
  ...inLog('qrunner', qrunner),
  ...inLog('error', error),
  ...inLog('subscribe', subscribe),
  ...inLog('fromusenet', fromusenet),
  ...inLog('locks', locks),
  // Files of their own, unless a site has all in one.
  ...inLog('bounce', bounce),
  ...inLog('smtp', smtp),
]
const hasHead = ({ template }: Pattern): boolean => !template.startsWith('{')

// What begins with a text of Mailman's own is surer, and sooner told, than what begins with a message id.
export default defineParser([...all.filter(hasHead), ...all.filter(pattern => !hasHead(pattern)), ...anyException])
