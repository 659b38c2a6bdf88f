/** What the server of Mailman 3's REST API writes into `mailman.log`: gunicorn's log and access log, and falcon's errors. */
import type { Pattern } from './_contract.js'
import { pattern } from './_template.js'
import { TRACEBACK } from './_traceback.js'

/** Not a hole: lines at level debug of Mailman's own begin with brackets too. */
const LEVELS = ['INFO', 'WARNING', 'ERROR', 'CRITICAL', 'DEBUG'] as const

export const mailman3: readonly Pattern[] = [
  // The access log: no client, no user; the URL is percent-encoded, quotes of the client are escaped.
  pattern('api-requested', '"{method} {apiPath} HTTP/{rest}" {status} {responseBytes} "{rest}" "{userAgent}"'),
  pattern('api-request-crashed', `[FALCON] [{level}] {method} {apiPath} => ${TRACEBACK}\n{onlyTraceback}`),
  pattern('api-request-crashed', '[FALCON] [{level}] {method} {apiPath} => {error}'),

  pattern('api-server-reported', '[{level}] Booting worker with pid: {childPid}'),
  pattern('api-server-reported', '[{level}] Worker exiting (pid: {childPid})'),
  pattern('api-server-reported', '[{level}] Starting gunicorn {rest}', { open: false }),
  pattern('api-server-reported', '[{level}] Listening at: {url} ({childPid})'),
  pattern('api-server-reported', '[{level}] Handling signal: {signal}'),
  pattern('api-server-reported', '[{level}] WORKER TIMEOUT (pid:{childPid})', { outcome: 'failure' }),
  pattern('api-server-reported', '[{level}] Worker with pid {childPid} was terminated due to signal {signal}'), // gunicorn 20
  pattern('api-server-reported', '[{level}] Worker (pid:{childPid}) was sent {signal}!{rest}'),
  pattern('api-server-reported', '[{level}] Worker (pid:{childPid}) exited with code {exitCode}', { outcome: 'failure' }),
  pattern('api-server-reported', '[{level}] Worker (pid:{childPid}) exited with code {exitCode}.', { outcome: 'failure' }),
  pattern('api-server-reported', '[{level}] Invalid request from ip={client}: {error}', { outcome: 'failure' }),
  pattern('api-request-crashed', `[{level}] Error handling request (no URI read)\n${TRACEBACK}\n{onlyTraceback}`),
  pattern('api-request-crashed', `[{level}] Error handling request {apiPath}\n${TRACEBACK}\n{onlyTraceback}`),
  ...(['ERROR', 'WARNING', 'DEBUG'] as const).map(level =>
    pattern('error-raised', `[${level}] {rest}\n${TRACEBACK}\n{onlyTraceback}`, { constants: { 'log.level': level } }),
  ),
  ...LEVELS.map(level => pattern('api-server-reported', `[${level}] {rest}`, { open: true, constants: { 'log.level': level } })),
]
