/**
 * Which Mailman wrote a log, where that is not configured. 2.1 names its files without an ending (Mailman/Logging/Syslog.py); 3
 * with `.log`, `mailman.log` among them (`mailman.config.schema`, `[logging.*]`). A site may have renamed either's, and then a
 * line must tell.
 */
import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { readName } from './names.js'

/** Files that only 3 writes, and those that it writes by default besides. */
const ONLY_3 = new Set(['mailman', 'plugins'])
const DEFAULTS_3 = new Set(['smtp', 'bounce', 'debug'])

// Lists have their host in 3's lines and not in 2.1's; 2.1's runners are called qrunners.
const LINE_OF_3 =
  /\) (?:[A-Z]{4,7}: |Member \S+ on list |Master (?:started|stopped)|[a-z]+ runner )|(?:smtp|post) to [^@\s]+@\S+ (?:for|from) /
const LINE_OF_2 = /\) (?:\w+ qrunner |\S+: \S+ (?:current )?bounce score: )| (?:smtp|post) to [^@\s]+ (?:for|from) /

/** @param firstLine of the file, a byte string; '' where it is not known */
export function mailmanOf(log: string, path: string, firstLine: string): '2.1' | '3' {
  if (ONLY_3.has(log)) return '3'
  if (!basename(path).includes('.log')) return '2.1'
  const line = firstLine.slice(0, 2048)
  if (LINE_OF_2.test(line)) return '2.1'
  return DEFAULTS_3.has(log) || LINE_OF_3.test(line) || hasMailmanLog(dirname(path)) ? '3' : '2.1'
}

function hasMailmanLog(directory: string): boolean {
  try {
    return readdirSync(directory).some(name => readName(name)?.log === 'mailman')
  } catch {
    return false // what cannot be listed is told elsewhere
  }
}
