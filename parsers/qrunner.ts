/** `qrunner`: the runners and the master that starts them (bin/mailmanctl, bin/qrunner; 3: bin/master.py, core/runner.py). */
import { badFormat } from './_bad-format.js'
import { defineParser, inLog, type Pattern } from './_contract.js'
import { pattern } from './_template.js'

/** The master's second line says how it ended; `how` is the part between process and runner. */
const ended = (first: string, how: string, outcome?: 'failure'): Pattern[] => {
  const template = `${first}\n(pid: {childPid}, ${how}, class: {runner}, slice: {slice})`
  return [
    pattern('runner-restarted', `${template} [restarting]`, { outcome }),
    pattern('runner-exited', `${template} `, { outcome }), // the blank is Mailman's
    pattern('runner-exited', template, { outcome }),
  ]
}

const DETECTED = 'Master qrunner detected subprocess exit'
/** Of a Python 3 fork. */
const ABNORMAL = 'Master qrunner detected abnormal subprocess exit'
const DETECTED3 = 'Master detected subprocess exit'

/** Mailman 3's logger `runner`. What the master's first lines say is the same in both. */
export const mailman3: readonly Pattern[] = inLog('qrunner', [
  pattern('runner-started', '{runner} runner started.'),
  pattern('runner-signal', '{runner} runner caught {signal}.  Stopping.'),
  pattern('runner-signal', '{runner} runner caught {signal}.  Reopening logs.'),
  pattern('runner-stopped', '{runner} runner exiting.'),
  pattern('master-started', 'Master started'),
  pattern('master-stopped', 'Master stopped'),
  pattern('master-signal', 'Master watcher caught {signal}.  Re-opening log files.'),
  pattern('master-signal', 'Master watcher caught {signal}.  Restarting.'),
  pattern('master-signal', 'Master watcher caught {signal}.  Exiting.'),
  pattern('runner-exited', 'ESRCH on pid: {childPid}'),
  ...ended(DETECTED3, 'why: EXIT {crashCode}', 'failure'),
  ...ended(DETECTED3, 'why: EXIT {exitCode}'),
  ...ended(DETECTED3, 'why: EXITCODE: {crashCode}', 'failure'),
  ...ended(DETECTED3, 'why: EXITCODE: {exitCode}'),
  ...ended(DETECTED3, 'why: SIGNAL {signal}', 'failure'),
  ...ended(DETECTED3, 'why: SIGNUM: {signal}', 'failure'),
  ...ended(DETECTED3, 'why: UNKNOWNNone'),
  pattern('runner-exited', `${DETECTED3}{rest}`),
  pattern('runner-restart-limit', 'Runner {runner} reached maximum restart limit of {rest}, not restarting.'),
  // At level debug.
  pattern('debug-traced', 'starting: {rest}', { open: false }),
  pattern('debug-traced', '[{childPid}] {runner}:{rest}', { open: false }),
  pattern('debug-traced', 'LMTP server listening on {server}:{port}'),
])

export default defineParser([
  pattern('runner-started', '{runner} qrunner started.'),
  pattern('runner-signal', '{runner} qrunner caught {signal}.  Stopping.'),
  pattern('runner-signal', '{runner} qrunner caught {signal}.  Reopening logs.'),
  pattern('runner-stopped', '{runner} qrunner exiting.'),
  ...ended(DETECTED, 'sig: None, sts: {crashCode}', 'failure'),
  ...ended(DETECTED, 'sig: None, sts: {exitCode}'),
  ...ended(DETECTED, 'sig: {signal}, sts: None', 'failure'),
  ...ended(ABNORMAL, 'sig: None, sts: {exitCode}', 'failure'),
  ...ended(ABNORMAL, 'sig: {signal}, sts: None', 'failure'),
  pattern('runner-exited', `${DETECTED}{rest}`),
  pattern('runner-exited', `${ABNORMAL}{rest}`),
  pattern('runner-restart-limit', 'Qrunner {runner} reached maximum restart limit of {rest}, not restarting.'),
  // All runners in one process, by hand: `bin/qrunner -r All`.
  pattern('runner-started', 'Main qrunner loop started.'),
  pattern('runner-stopped', 'Main qrunner loop exiting.'),
  pattern('debug-traced', 'Now doing a {runner} qrunner iteration'),
  badFormat,
  ...mailman3,
])
