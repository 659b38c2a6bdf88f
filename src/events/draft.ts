/** A record that is being put together: what it has, and what it may still take. */
import type { Pattern } from '../../parsers/_contract.js'
import type { Stamp } from '../../parsers/_mailman-line.js'
import { TRACEBACK } from '../../parsers/_traceback.js'
import type { Line } from '../model.js'
import type { Interpreted } from './parse.js'
import type { Instant } from './stamp.js'

const MAX_RECORD_BYTES = 1 << 20
const MAX_RECORD_LINES = 10_000
/** How many records of other processes may come between an exception and its traceback. */
const MAX_BETWEEN = 16

export interface Draft {
  readonly first: Line
  /** Of the first line; its id has it. */
  readonly hash: number
  readonly stamp: Stamp | undefined
  /** Undefined: no stamp, or one that is no time. */
  readonly instant: Instant | undefined
  /** The last instant before it, milliseconds; 0: none. */
  readonly beforeMs: number
  readonly tags: string[]
  /** A stranger may have written it. */
  readonly suspect: boolean
  /** The record's raw text without its stamp; a byte string. */
  text: string
  lines: number
  /** How its text reads; undefined: it grew, and must be read again. */
  interpreted: Interpreted | undefined
  /** Unstamped lines belong to it. */
  takes: boolean
  /** What stamped records are part of it; undefined: none any more. */
  joins: Pattern['joins']
  readonly joinsMany: boolean
  /** Stamped records that came since. */
  between: number
  /** Nothing can come any more. */
  closed: boolean
}

export function append(draft: Draft, line: Line, text: string): void {
  draft.text += `\n${text}`
  draft.lines++
  draft.interpreted = undefined
  tagLine(line, draft.tags)
}

export function tagLine(line: Line, tags: string[]): void {
  if (line.long !== undefined && !tags.includes('mailman_truncated')) tags.push('mailman_truncated')
  if (line.unterminated && !tags.includes('mailman_unterminated')) tags.push('mailman_unterminated')
}

export const fits = (draft: Draft, line: Line): boolean =>
  draft.lines < MAX_RECORD_LINES && draft.text.length + line.text.length < MAX_RECORD_BYTES

/** A traceback is a stamped record of its own, behind its exception: the same process in the same second. */
export function joins(draft: Draft, stamp: Stamp, line: Line): boolean {
  if (draft.closed || draft.joins === undefined || draft.stamp!.pid !== stamp.pid) return false
  // Many lines may take longer than a second.
  if (!draft.joinsMany && draft.stamp!.time !== stamp.time) return false
  return draft.joins(line.text.slice(stamp.textStart)) && fits(draft, line)
}

/**
 * Another stamped record begins, or a line of one: decides whether the draft can still go on.
 * @param counts false for the lines of a stack, which may be many
 */
export function passBy(draft: Draft, stamp: Stamp, counts = true): void {
  // The web server's lines fall between the lines of Mailman's own, which have no process number to tell them by.
  if (stamp.kind === 'access' || stamp.kind === 'gunicorn') return
  const isOther = draft.stamp!.pid !== stamp.pid
  draft.takes &&= isOther && isUnfinished(draft.text)
  if (counts) draft.between++
  if (!((isOther && draft.joins !== undefined) || draft.takes) || draft.between > MAX_BETWEEN) draft.closed = true
}

/** A traceback whose last line, the exception, has not come. */
function isUnfinished(text: string): boolean {
  const last = text.slice(text.lastIndexOf('\n') + 1)
  return (last.startsWith('  ') && text.includes(TRACEBACK)) || last === TRACEBACK
}
