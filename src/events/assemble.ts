/**
 * Lines → events, for one generation. A stamped line begins a record; unstamped lines belong to the record before them.
 *
 * A record whose template says that nothing can follow is an event at once. An open one waits: for the next stamped line, for
 * the end of its file, or for a quiet time. Several processes write to one file, so an exception waits for its traceback over
 * records of others, which wait behind it: events keep the order of the file. Lines that come after a quiet flush are events of
 * their own, and the place of the cut is kept (`cuts`), so that a replay cuts there too.
 *
 * Invariant: what is emitted depends only on the bytes, the cuts and the context, never on how the bytes were chunked.
 */
import type { Parser } from '../../parsers/_contract.js'
import { datasetOf } from '../../parsers/_logs.js'
import type { Stamp } from '../../parsers/_mailman-line.js'
import type { Context, Line, LogEvent } from '../model.js'
import { ContextReader } from './context.js'
import type { DocumentWriter } from './document.js'
import { append, type Draft, fits, joins, passBy, tagLine } from './draft.js'
import { generationOf, idOf } from './id.js'
import { lookAt } from './look.js'
import { interpret } from './parse.js'
import type { Privacy } from './privacy.js'
import type { Zone } from './stamp.js'

/** What all generations of one log share. */
export interface EventSource {
  readonly hostName: string
  readonly log: string
  readonly parser: Parser | undefined
  readonly readStamp: (line: string) => Stamp | undefined
  readonly zone: Zone
  readonly writer: DocumentWriter
  readonly keepOriginal: boolean
  /** Undefined: nothing is hashed or dropped. */
  readonly privacy?: Privacy | undefined
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
  readonly context: Context
  /** Ends of records that a quiet time ended, at or behind `offset`. */
  readonly cuts: readonly number[]
}

/** Records that wait for one before them, which waits for its own rest. */
const MAX_WAITING = 32

export class EventAssembler {
  path: string
  readonly #source: EventSource
  readonly #generation: string
  readonly #reader: ContextReader
  #cuts: number[]
  /** Records that wait, in the order of the file. The first is not closed: else it would have been emitted. */
  #drafts: Draft[] = []
  /** Where the first of them began to wait, and what was known then: a replay must see all that they saw. */
  #start: { readonly offset: number; readonly context: Context }
  /** The last record that is believed, until it is emitted. */
  #noted: Draft | undefined
  #next: number

  constructor(source: EventSource, start: GenerationStart) {
    this.#source = source
    this.path = start.path
    this.#generation = generationOf(source.hostName, source.log, start.firstLine)
    this.#reader = new ContextReader(source.zone, start.context)
    this.#cuts = [...start.cuts]
    this.#next = start.offset
    this.#start = start
  }

  /** Where reading must begin again so that nothing is lost that was not emitted yet. */
  get resumeOffset(): number {
    return this.hasOpenRecord ? this.#start.offset : this.#next
  }

  /** The context that goes with `resumeOffset`. */
  get context(): Context {
    return this.hasOpenRecord ? this.#start.context : this.#reader.context
  }

  /** The cuts that a replay from `resumeOffset` needs. */
  get cuts(): readonly number[] {
    return this.#cuts
  }

  get hasOpenRecord(): boolean {
    return this.#drafts.length > 0
  }

  /** Takes the next line; appends to `events` what is complete now. */
  push(line: Line, events: LogEvent[]): void {
    // A hole may lie between the cut and the line.
    const cut = this.#cuts.length > 0 && this.#cuts.includes(this.#next)
    if (cut) this.flush(events)
    this.#next = line.end
    const stamp = this.#source.readStamp(line.text)
    if (this.#drafts.length > 0) {
      if (stamp === undefined ? this.#take(line) : this.#join(stamp, line)) return
      if (stamp !== undefined) for (const draft of this.#drafts) if (!draft.closed) passBy(draft, stamp)
      this.#emitClosed(events)
    }
    const draft = this.#begin(line, stamp, cut)
    const alone = this.#drafts.length === 0
    if (alone && !draft.closed) this.#start = { offset: line.start, context: this.#reader.context }
    if (stamp !== undefined) this.#note(stamp, draft)
    if (alone && draft.closed) events.push(this.#event(draft))
    else this.#drafts.push(draft)
    if (this.#drafts.length > MAX_WAITING) this.flush(events)
  }

  /** Emits all that waits: the file has ended, or everything is to be emitted now. */
  flush(events: LogEvent[]): void {
    for (const draft of this.#drafts) events.push(this.#event(draft))
    this.#drafts.length = 0
  }

  /**
   * Emits what waits, after a quiet time. The cut must be in the checkpoint before the events are sent: else, after a crash,
   * lines that came later would be part of the same record, under the same id.
   */
  flushQuiet(events: LogEvent[]): void {
    if (!this.hasOpenRecord) return
    this.#cuts.push(this.#next)
    this.flush(events)
  }

  /** Forgets cuts that no replay can meet any more, as everything before `offset` is settled. */
  settled(offset: number): void {
    if (this.#cuts.length > 0) this.#cuts = this.#cuts.filter(cut => cut >= offset)
  }

  /** An unstamped line belongs to the last record that takes such lines. */
  #take(line: Line): boolean {
    const draft = this.#drafts.findLast(({ takes, closed }) => takes && !closed)
    if (draft === undefined) return false
    if (fits(draft, line)) append(draft, line, line.text)
    else draft.closed = true
    return !draft.closed
  }

  #join(stamp: Stamp, line: Line): boolean {
    const draft = this.#drafts.findLast(draft => joins(draft, stamp, line))
    if (draft === undefined) return false
    append(draft, line, line.text.slice(stamp.textStart))
    if (!draft.joinsMany) draft.joins = undefined
    for (const other of this.#drafts) if (other !== draft && !other.closed) passBy(other, stamp, !draft.joinsMany)
    draft.takes = true
    return true
  }

  #begin(first: Line, stamp: Stamp | undefined, late: boolean): Draft {
    const { parser, privacy, now } = this.#source
    const beforeMs = this.#reader.lastMs
    const text = stamp === undefined ? first.text : first.text.slice(stamp.textStart)
    const labelled = stamp !== undefined && stamp.label !== ''
    const { hash, traits } = lookAt(first.text)
    const interpreted = interpret(text, stamp === undefined ? undefined : parser, labelled, privacy, traits)
    const tags: string[] = []
    tagLine(first, tags)
    if (stamp === undefined && late) tags.push('mailman_late')
    const { pattern } = interpreted
    const instant = stamp && this.#reader.read(stamp, now)
    const suspect = stamp !== undefined && this.#reader.isSuspect(stamp, instant)
    if (suspect) tags.push('mailman_suspect')
    // A line without a stamp, or one that was cut, is alone. What follows a forged one was smuggled in with it.
    const takes =
      stamp !== undefined && stamp.kind !== 'access' && first.long === undefined && (suspect || pattern?.open !== false)
    return {
      first,
      hash,
      stamp,
      instant,
      beforeMs,
      tags,
      text,
      lines: 1,
      interpreted,
      suspect,
      takes,
      joins: takes && !suspect ? pattern?.joins : undefined,
      joinsMany: pattern?.joinsMany === true,
      between: 0,
      closed: !takes,
    }
  }

  #note(stamp: Stamp, draft: Draft): void {
    if (draft.suspect) this.#reader.noteSuspect(stamp, draft.instant)
    else {
      this.#reader.note(stamp, draft.instant, draft.takes)
      this.#noted = draft
    }
  }

  #emitClosed(events: LogEvent[]): void {
    while (this.#drafts[0]?.closed) events.push(this.#event(this.#drafts.shift()!))
  }

  #event(draft: Draft): LogEvent {
    const { first, stamp, tags } = draft
    const { log, parser, privacy, now, writer, keepOriginal } = this.#source
    const { text, plain, pattern, values } =
      draft.interpreted ?? interpret(draft.text, parser, stamp !== undefined && stamp.label !== '', privacy)
    if (pattern === undefined && (parser !== undefined || stamp === undefined)) tags.push('mailman_unparsed')
    // A message id that was folded is all there now: no stranger's line can follow.
    if (draft === this.#noted) {
      if (pattern?.open === false) this.#reader.noteClosed()
      this.#noted = undefined // its text holds the whole chunk that it came in
    }
    let { instant } = draft
    if (instant === undefined) {
      // A line without a stamp is as old as what stands before it; a stamp that is no time says nothing.
      const ms = stamp === undefined && draft.beforeMs > 0 ? draft.beforeMs : now()
      if (stamp !== undefined) tags.push('mailman_bad_time')
      instant = { ms, iso: new Date(ms).toISOString(), ambiguous: false }
    } else if (instant.ambiguous) tags.push('mailman_ambiguous_time')
    const id = idOf(this.#generation, first.start, draft.hash)
    const document = writer.write({
      timestamp: instant.iso,
      id,
      path: this.path,
      offset: first.start,
      message: text,
      pid: stamp?.pid,
      processName: stamp === undefined || stamp.label === '' ? undefined : stamp.label,
      tags: tags.length === 0 ? undefined : tags,
      original: keepOriginal ? (stamp === undefined ? text : first.text.slice(0, stamp.textStart) + text) : undefined,
      longBytes: first.long?.bytes,
      longSha256: first.long?.sha256,
      pattern,
      values,
      plain,
    })
    const dataset = datasetOf(pattern?.log ?? log)
    return { id, timestampMs: instant.ms, dataset, offset: first.start, pattern, values, tags, document }
  }
}
