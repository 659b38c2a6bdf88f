/**
 * Lines → events, for one generation. A stamped line begins a record; unstamped lines belong to the record before them.
 *
 * A record whose template says that nothing can follow is an event at once. An open one waits: for the next stamped line, for
 * the end of its file, or for a quiet time. Lines that come after a quiet flush are events of their own, and the place of the
 * cut is kept (`cuts`), so that a replay cuts there too.
 *
 * Invariant: what is emitted depends only on the bytes, the cuts and the context, never on how the bytes were chunked.
 */
import type { Parser } from '../../parsers/_contract.js'
import { readStamp, type Stamp } from '../../parsers/_mailman-line.js'
import type { Line, LogEvent } from '../model.js'
import type { DocumentWriter } from './document.js'
import { generationOf, idOf } from './id.js'
import { type Interpreted, interpret } from './parse.js'
import { type StampContext, StampReader, type Zone } from './stamp.js'

/** What all generations of one log share. */
export interface EventSource {
  readonly hostName: string
  readonly log: string
  readonly dataset: string
  readonly parser: Parser | undefined
  readonly zone: Zone
  readonly writer: DocumentWriter
  readonly keepOriginal: boolean
  /** Wall clock, milliseconds. */
  readonly now: () => number
}

export interface GenerationStart {
  /** As found now; goes into `log.file.path`. */
  readonly path: string
  /** The first line of the generation, a byte string; ids are made from it. */
  readonly firstLine: string
  /** The offset of the first line that will be pushed. */
  readonly offset: number
  readonly context: StampContext
  /** Ends of records that a quiet time ended, at or behind `offset`. */
  readonly cuts: readonly number[]
}

const MAX_RECORD_BYTES = 1 << 20
const MAX_RECORD_LINES = 10_000

interface Draft {
  readonly first: Line
  readonly stamp: Stamp | undefined
  /** The record's raw text without its stamp; a byte string. */
  text: string
  lines: number
  end: number
  readonly tags: string[]
  /** How its text reads; undefined: it grew, and must be read again. */
  interpreted: Interpreted | undefined
  /** What a stamped record begins with that is part of this one (Pattern.joins); undefined once it came. */
  joins: string | undefined
  /** `lastMs` of the context before this record. */
  readonly contextBefore: number
}

export class EventAssembler {
  path: string
  readonly #source: EventSource
  readonly #generation: string
  readonly #stamps: StampReader
  #cuts: number[]
  #open: Draft | undefined
  #next: number

  constructor(source: EventSource, start: GenerationStart) {
    this.#source = source
    this.path = start.path
    this.#generation = generationOf(source.hostName, source.log, start.firstLine)
    this.#stamps = new StampReader(source.zone, { ...start.context })
    this.#cuts = [...start.cuts]
    this.#next = start.offset
  }

  /** Where reading must begin again so that nothing is lost that was not emitted yet. */
  get resumeOffset(): number {
    return this.#open?.first.start ?? this.#next
  }

  /** The context that goes with `resumeOffset`. */
  get context(): StampContext {
    return { lastMs: this.#open?.contextBefore ?? this.#stamps.context.lastMs }
  }

  /** The cuts that a replay from `resumeOffset` needs. */
  get cuts(): readonly number[] {
    return this.#cuts
  }

  get hasOpenRecord(): boolean {
    return this.#open !== undefined
  }

  /** Takes the next line; appends to `events` what is complete now. */
  push(line: Line, events: LogEvent[]): void {
    this.#next = line.end
    const cut = this.#cuts.length > 0 && this.#cuts.includes(line.start)
    if (cut) this.#emitOpen(events)
    const stamp = readStamp(line.text)
    const open = this.#open
    if (open !== undefined && (stamp === undefined ? fits(open, line) : joins(open, stamp, line))) {
      open.text += `\n${stamp === undefined ? line.text : line.text.slice(stamp.textStart)}`
      open.lines++
      open.end = line.end
      open.interpreted = undefined
      if (stamp !== undefined) open.joins = undefined
      if (line.long !== undefined || line.unterminated) tagLine(line, open.tags)
      return
    }
    this.#emitOpen(events)
    const draft = this.#begin(line, stamp, cut)
    const { pattern } = draft.interpreted!
    // An unstamped line with no record before it is alone; so is a complete record that can have no more lines.
    if (stamp === undefined || line.long !== undefined || (pattern !== undefined && !pattern.open))
      events.push(this.#event(draft))
    else this.#open = draft
  }

  /** Emits the open record, if any: the file has ended, or everything is to be emitted now. */
  flush(events: LogEvent[]): void {
    this.#emitOpen(events)
  }

  /**
   * Emits the open record after a quiet time. The cut must be in the checkpoint before the event is sent: else, after a crash,
   * lines that came later would be part of the same record, under the same id.
   */
  flushQuiet(events: LogEvent[]): void {
    if (this.#open === undefined) return
    this.#cuts.push(this.#open.end)
    this.#emitOpen(events)
  }

  /** Forgets cuts that no replay can meet any more, as everything before `offset` is settled. */
  settled(offset: number): void {
    if (this.#cuts.length > 0) this.#cuts = this.#cuts.filter(cut => cut >= offset)
  }

  #begin(first: Line, stamp: Stamp | undefined, late: boolean): Draft {
    const contextBefore = this.#stamps.context.lastMs
    const text = stamp === undefined ? first.text : first.text.slice(stamp.textStart)
    const interpreted = interpret(text, stamp === undefined ? undefined : this.#source.parser)
    const tags: string[] = []
    tagLine(first, tags)
    if (stamp === undefined && late) tags.push('mailman_late')
    return {
      first,
      stamp,
      text,
      lines: 1,
      end: first.end,
      tags,
      interpreted,
      joins: interpreted.pattern?.joins,
      contextBefore,
    }
  }

  #emitOpen(events: LogEvent[]): void {
    if (this.#open === undefined) return
    const draft = this.#open
    this.#open = undefined
    events.push(this.#event(draft))
  }

  #event(draft: Draft): LogEvent {
    const { first, stamp, tags } = draft
    const { parser, now, writer, keepOriginal, dataset } = this.#source
    const { text, plain, pattern, values } = draft.interpreted ?? interpret(draft.text, parser)
    let instant = stamp && this.#stamps.read(stamp.time, now())
    if (pattern === undefined && (parser !== undefined || stamp === undefined)) tags.push('mailman_unparsed')
    if (instant === undefined) {
      // A line without a stamp is as old as what stands before it; a stamp that is no time says nothing.
      const ms = stamp === undefined && draft.contextBefore > 0 ? draft.contextBefore : now()
      if (stamp !== undefined) tags.push('mailman_bad_time')
      instant = { ms, iso: new Date(ms).toISOString(), ambiguous: false }
    } else if (instant.ambiguous) tags.push('mailman_ambiguous_time')
    const id = idOf(this.#generation, first.start, first.text)
    const document = writer.write({
      timestamp: instant.iso,
      id,
      path: this.path,
      offset: first.start,
      message: text,
      pid: stamp?.pid,
      processName: stamp === undefined || stamp.label === '' ? undefined : stamp.label,
      tags: tags.length === 0 ? undefined : tags,
      original: keepOriginal ? originalOf(stamp, text) : undefined,
      longBytes: first.long?.bytes,
      longSha256: first.long?.sha256,
      pattern,
      values,
      plain,
    })
    return { id, timestampMs: instant.ms, dataset, offset: first.start, pattern, values, tags, document }
  }
}

const fits = (open: Draft, line: Line): boolean =>
  open.lines < MAX_RECORD_LINES && open.text.length + line.text.length < MAX_RECORD_BYTES

/** A traceback is a stamped record of its own, right behind its exception: the same process in the same second. */
function joins(open: Draft, stamp: Stamp, line: Line): boolean {
  if (open.joins === undefined || open.stamp!.pid !== stamp.pid || open.stamp!.time !== stamp.time || !fits(open, line))
    return false
  const text = line.text.slice(stamp.textStart)
  return open.joins === '' ? text.trim() === '' : text.startsWith(open.joins)
}

function tagLine(line: Line, tags: string[]): void {
  if (line.long !== undefined && !tags.includes('mailman_truncated')) tags.push('mailman_truncated')
  if (line.unterminated && !tags.includes('mailman_unterminated')) tags.push('mailman_unterminated')
}

function originalOf(stamp: Stamp | undefined, text: string): string {
  if (stamp === undefined) return text
  return `${stamp.time} ${stamp.label}(${stamp.pid})${stamp.label === '' ? '' : ':'} ${text}`
}
