/** systemd's journal takes a line's priority from its beginning, `<4>`, and shows the line without it (sd-daemon(3)). */
import { fstatSync } from 'node:fs'

/** Of syslog: 2 critical, 3 error, 4 warning, 5 notice, 6 information, 7 debug. */
const priorities: ReadonlyMap<string, number> = new Map([
  ['fatal', 2],
  ['error', 3],
  ['warn', 4],
  ['info', 6],
])
const DEBUG = 7

/** Whether this descriptor leads to the journal: systemd says which one does (systemd.exec(5), $JOURNAL_STREAM), children inherit that. */
export function isJournal(descriptor: number, stream = process.env.JOURNAL_STREAM): boolean {
  if (stream === undefined || stream === '') return false
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true })
    return stream === `${dev}:${ino}`
  } catch {
    return false
  }
}

/** @param line of the agent's log: level and time, then `priority` where it says one itself */
export function withPriority(line: string): string {
  const [, level = '', priority] = /^\{"level":"(\w+)","time":"[^"]*"(?:,"priority":([0-7])\b)?/.exec(line) ?? []
  return `<${priority ?? priorities.get(level) ?? DEBUG}>${line}`
}
