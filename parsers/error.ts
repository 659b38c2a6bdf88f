/** `error`: exceptions, what was put aside because of them, bad settings, crashed web pages, and the mail scripts' standard error. */
import { defineParser } from './_contract.js'
import { cgiPatterns } from './_error-cgi.js'
import { configPatterns } from './_error-config.js'
import { forkPatterns } from './_error-forks.js'
import { mailman3, specific } from './_error-mailman3.js'
import { scriptPatterns, scriptTracebacks } from './_error-scripts.js'
import { pattern } from './_template.js'
import { TRACEBACK } from './_traceback.js'

export { mailman3 }

const closed = { open: false } as const
const handler = (name: string) => ({ constants: { 'mailman.handler': name } })
/** Queue/Runner.py logs an exception and its traceback one after the other, as two records. */
const joined = { joins: (text: string) => text.startsWith(TRACEBACK), open: true } as const

export default defineParser([
  ...specific,
  ...scriptTracebacks,
  pattern('error-raised', `Uncaught runner exception: {error}\n${TRACEBACK}\n{traceback}`),
  pattern('error-raised', 'Uncaught runner exception: {error}', joined),
  // The exception's text could not be logged (Logging/Logger.py): only the traceback tells it.
  pattern('error-raised', `Bad format "Uncaught runner exception: %s": {rest}\n${TRACEBACK}\n{onlyTraceback}`),
  pattern('error-raised', 'Bad format "{rest*}": {error}', joined),
  pattern('error-raised', `${TRACEBACK}\n{onlyTraceback}`),
  pattern('error-raised', TRACEBACK, { open: true }),
  pattern('digest-failed', `send_digests() failed: {error}\n${TRACEBACK}\n{traceback}`),
  pattern('digest-failed', 'send_digests() failed: {error}', joined),

  pattern('message-shunted', 'SHUNTING: {queueFile}'),
  pattern('message-shunt-failed', 'SHUNTING FAILED, preserving original entry: {queueFile}'),
  pattern('message-unparseable', 'Skipping and preserving unparseable message: {queueFile}'),
  pattern('message-unparseable', 'Ignoring unparseable message: {queueFile}'),
  pattern('message-unparseable', 'message is unparsable: {queueFile}'), // before 2.1.5
  pattern('queue-file-preserved', '.bak file max count, preserving file: {queueFile}'),
  pattern('queue-file-preserved', 'Unpickling .bak exception: {error*}\npreserving file: {queueFile}', { open: true }),
  pattern('queue-file-preserved', 'Unpickling .bak exception: {error}'),
  pattern('queue-error', 'Failed to unlink/preserve backup file: {path}\n{error}'),
  pattern('queue-error', 'Failed to unlink/preserve backup file: {path}'), // before 2.1.16
  pattern('queue-error', 'Failed to unlink backup file: {path}', closed), // 2.1.9
  pattern('queue-error', 'lost data files for filebase: {queueFile}'), // before 2.1.5
  pattern('queue-error', 'Undefined metadata format: {rest} (using marshals)'), // before 2.1.5
  pattern('queue-error', 'Message apparently not for any list: {path}', closed),
  pattern('queue-error', 'Unknown sub-queue: {rest}', closed),
  pattern('queue-error', 'Could not rename maildir file: {path}', closed),

  pattern('list-missing', 'Dequeuing message destined for missing list: {listText}', closed),
  // One line with the error follows; it may be empty.
  pattern('list-missing', 'error opening list: {list}\n{error}'),
  pattern('list-missing', 'error opening list: {listText}'),

  ...configPatterns,
  ...cgiPatterns,

  pattern('dns-lookup-failed', 'DNSException: No Nameservers available for {sender} (_dmarc.{dmarcDomain})'),
  pattern('dns-lookup-failed', 'DNSException: Unable to query DMARC policy for {sender} (_dmarc.{dmarcDomain}). {error}'),
  pattern('dns-lookup-failed', 'DNS lookup for dmarc_moderation_action for list {list} not available'),
  pattern('dns-lookup-failed', 'Unable to retrieve data from {url}: {error}'),
  pattern('dns-lookup-failed', 'multiple DMARC entries in results for _dmarc.{dmarcDomain},{rest}', { open: true }),
  pattern('dns-lookup-failed', 'RRset of TXT records for _dmarc.{dmarcDomain} has {rest} v=DMARC1 entries;{rest}', {
    open: true,
  }),

  pattern('smtp-connect-failed', 'Cannot connect to SMTP server {server} on port {port}', { outcome: 'failure' }),
  // Where no port is configured, its name.
  pattern('smtp-connect-failed', 'Cannot connect to SMTP server {server} on port smtp', { outcome: 'failure' }),
  pattern('nntp-error', '(NNTPDirect) NNTP error for list "{listText}": {nntpCode} {error}'),
  pattern('nntp-error', '(NNTPDirect) NNTP error for list "{listText}": {error}'),
  pattern('nntp-error', '(NNTPDirect) socket error for list "{listText}": {error}'),
  pattern('nntp-error', 'NNTP gateway improperly configured: {error}', closed),

  pattern('handler-error', 'Exception while calculating {reason}:\n{error}', handler('Decorate')),
  // Both are what Python's `close()` of a pipe says, which is no exit code.
  pattern('handler-error', 'HTML->text/plain error: {errorCode}', handler('MimeDel')),
  pattern('handler-error', 'HTML sanitizer exited with non-zero status: {errorCode}', handler('Scrubber')),
  pattern('archive-error', 'external archiver non-zero exit status: {exitCode}\n', { open: true }),
  pattern('archive-error', 'external archiver non-zero exit status: {exitCode}', { open: true }),
  pattern('archive-error', 'Archive file access failure:\n\t{error}'),
  pattern('archive-error', 'Archive working file {path} present.  Check {rest} for possibly unarchived msgs'),
  pattern('archive-error', 'uncaught archiver exception at filepos: {rest}', closed),
  pattern('handler-error', `list: {list}: can't decode "{freeText*}" as {rest}`),

  pattern('runner-error', 'child process leaked thru: {rest}', closed),
  pattern('runner-error', 'Warning: unable to setgroups({rest})'),

  pattern('mta-map-failed', 'command failed: {rest*} (status: {exitCode}, {error})', { outcome: 'failure' }),
  pattern('error-raised', 'Could not process HELD_MESSAGE: {rest}', closed),
  pattern('error-raised', 'Bad authcontext: {rest}', closed),
  pattern('error-raised', 'urandom not available, passwords not secure'),
  pattern('error-raised', 'link {path} not deleted due to permission problems'),
  pattern('error-raised', 'directory {path} not deleted due to permission problems'),
  pattern('error-raised', 'User {member} had a false password for list {list}'),
  pattern('error-raised', '{member} disabled BYBOUNCE lacks bounce info, list: {list}'),
  pattern('error-raised', 'password-less member {member} for list {list}'),
  ...mailman3,
  ...forkPatterns,
  ...scriptPatterns,
])
