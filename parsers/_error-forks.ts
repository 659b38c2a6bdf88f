/** The part of `error` that only the Python 3 forks of 2.1 write (cPanel's, and jaredmauch's, which tells of its steps at length). */
import { pattern } from './_template.js'
import { TRACEBACK } from './_traceback.js'

export const forkPatterns = [
  pattern('template-error', 'Failed to read template {path}: {error}'),
  pattern('archive-error', 'ArchRunner: Exception during archive processing for list {list}: {error}'),
  pattern('archive-error', 'external archiver failed to run: {error}'),
  pattern('archive-error', 'external archiver non-zero exit status: {exitCode}\n{error}'),
  pattern('handler-error', 'HTML sanitizer failed to run: {error}', { constants: { 'mailman.handler': 'Scrubber' } }),
  pattern('nntp-error', '(NewsRunner) nntplib not available, cannot post to newsgroup for list "{listText}"'),
  pattern('runner-error', 'pipeline is not a list: {rest}', { open: false }),
  pattern('error-raised', 'CSRF token validation failed: {error}'),
  pattern('error-raised', `Error in {rest}: {error}\nTraceback:\n${TRACEBACK}\n{traceback}`),
  pattern('error-raised', 'Error in {rest}: {error}'),
  pattern('error-raised', 'Error loading {listFile}: {error}'),
  pattern('error-raised', 'Could not auto-upgrade {rest}: {error}'),
]
