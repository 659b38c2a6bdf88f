/**
 * Which files are logs. In the configured directories: the names that Mailman 2.1 and 3 use, with or without `.log`, and their
 * rotated copies as logrotate and people name them; other names only where they are configured.
 */
import { logs } from '../../parsers/_logs.js'

const KNOWN_LOGS = new Set(logs)

export interface LogName {
  /** `smtp-failure`: without `.log`, rotation and compression. */
  readonly log: string
  /** What rotation added: `''` for the live file, `1`, `20150519`, `20150519-13`. */
  readonly rotation: string
  readonly compressed: boolean
}

// Digits in up to four groups: a number, a date, a date with an hour or with seconds since 1970.
const ROTATED = /^(.+?)(?:\.log)?(?:[.-](\d{1,10}(?:[-_.]\d{1,10}){0,3}))?(?:\.log)?(\.gz)?$/

/** What log a file of this name is, or undefined. @param extraNames logs besides the known ones, without `.log` */
export function logNameOf(fileName: string, extraNames: ReadonlySet<string>): LogName | undefined {
  const name = readName(fileName)
  return name !== undefined && (KNOWN_LOGS.has(name.log) || extraNames.has(name.log)) ? name : undefined
}

/** A name taken apart, whatever log it is of. */
export function readName(fileName: string): LogName | undefined {
  if (fileName.length > 255) return undefined
  const match = ROTATED.exec(fileName)
  return match === null ? undefined : { log: match[1]!, rotation: match[2] ?? '', compressed: match[3] !== undefined }
}

/** Oldest first: rotated copies by descending number or ascending date, the live file last; a .gz before a file of its name. */
export function compareAge(a: LogName, b: LogName): number {
  if (a.rotation === b.rotation) return Number(b.compressed) - Number(a.compressed)
  if (a.rotation === '') return 1
  if (b.rotation === '') return -1
  const [x, y] = [a.rotation, b.rotation]
  const numbered = x.length <= 4 && y.length <= 4
  if (numbered) return Number(y) - Number(x)
  // `2026-11-20` and `20261120-13` are dates of one kind.
  const digits = (rotation: string): string => rotation.replace(/\D/g, '')
  return digits(x) < digits(y) ? -1 : 1
}
