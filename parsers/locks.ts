/**
 * `locks`: locks that were broken, and with LIST_LOCK_DEBUGGING each step of each lock (LockFile.py; 3: flufl.lock). 2.1 writes
 * the stack behind it, each line of it as a record of its own.
 */
import { badFormat } from './_bad-format.js'
import { defineParser, inLog, type Pattern } from './_contract.js'
import { pattern } from './_template.js'
import { TRACEBACK } from './_traceback.js'

const stack = { open: true, joins: (text: string) => text.startsWith('  '), joinsMany: true } as const

const step = (action: 'lock-broken' | 'lock-traced', text: string, reason = text): Pattern[] => {
  const constants = { 'event.reason': reason }
  return [
    pattern(action, `{lockFile} ${text}\n{stack}`, { constants }),
    pattern(action, `{lockFile} ${text}`, { ...stack, constants }),
  ]
}

/** Mailman 3's logger `locks`, which is flufl.lock's own: without a stack, and some without the lock's name. */
export const mailman3: readonly Pattern[] = inLog('locks', [
  ...['laying claim', 'got the lock', 'unlocked', 'waiting for claim', 'already locked'].map(text =>
    pattern('lock-traced', `${text}: {lockFile}`, { constants: { 'event.reason': text } }),
  ),
  pattern('lock-broken', 'lifetime has expired, breaking', { constants: { 'event.reason': 'lifetime has expired, breaking' } }),
  pattern('lock-broken', 'unexpected linkcount: {rest}', { open: false, constants: { 'event.reason': 'unexpected linkcount' } }),
  pattern('lock-broken', `unexpected link\n${TRACEBACK}\n{onlyTraceback}`, {
    constants: { 'event.reason': 'unexpected link error' },
  }),
  pattern('lock-broken', 'unexpected link', { open: true, constants: { 'event.reason': 'unexpected link error' } }),
  pattern('lock-error', 'timed out', { constants: { 'event.reason': 'timed out' } }),
  pattern('lock-error', 'No permission to refresh the log', { constants: { 'event.reason': 'no permission to refresh' } }),
  pattern('lock-error', "lockfile exists but isn't safe to break: {lockFile}", {
    constants: { 'event.reason': 'not safe to break' },
  }),
])

export default defineParser([
  ...step('lock-traced', 'unlocked'),
  ...step('lock-traced', 'laying claim'),
  ...step('lock-traced', 'got the lock'),
  ...step('lock-traced', 'waiting for claim'),
  ...step('lock-traced', 'timed out'),
  ...step('lock-traced', 'already locked'),
  ...step('lock-traced', 'transferred the lock'),
  ...step('lock-traced', 'took possession of the lock'),
  ...step('lock-broken', 'lifetime has expired, breaking'),
  ...step('lock-broken', 'unexpected linkcount: {rest}', 'unexpected linkcount'),
  ...step('lock-broken', 'unexpected link error: {error}', 'unexpected link error'),
  // Without what it belongs to: the beginning of a rotated file.
  pattern('lock-traced', '  {restOfStack}', stack),
  badFormat,
  ...mailman3,
])
