/**
 * The five types that travel: FileId → Line → LogEvent → Batch → Outcome. Every stage imports this file and no other stage.
 *
 * | word | means |
 * |---|---|
 * | generation | one file's life: what was written from its creation to its rotation, under whatever name it is found later |
 * | head, anchor | the first bytes of a generation; the bytes just before an offset: together they tell who a file is |
 * | line | bytes up to a newline · **record**: a stamped line with the unstamped lines that belong to it |
 * | event | what one record became; **document**: the event as JSON |
 * | batch | documents that are sent together |
 * | outcome | what became of one document: stored, duplicate, retry, set aside |
 * | settled | stored, or stored before, or set aside and synced to disk |
 * | mark | a place in a generation from which reading can begin again, with all that reading needs |
 * | checkpoint | the marks, on disk; it may trail the truth, it never leads it |
 */
import type { Pattern, Value } from '../parsers/_contract.js'

/** `device:inode`, in decimal. A hint only: file systems use inodes again. */
export type FileId = string

/** One line of a file. Offsets are bytes from the start of the uncompressed file; `end` is behind the newline. */
export interface Line {
  /** A byte string (latin1: one character for each byte), without the newline, cut at the length limit. */
  readonly text: string
  readonly start: number
  readonly end: number
  /** Length and hash of the whole line, where it was cut. */
  readonly long?: { readonly bytes: number; readonly sha256: string }
  /** A finished file ended in the middle of this line. */
  readonly unterminated?: true
}

export interface LogEvent {
  /** The same line always has the same id: `_id` and `event.id`. ASCII, at most 64 characters. */
  readonly id: string
  readonly timestampMs: number
  /** `mailman.vette`… */
  readonly dataset: string
  readonly offset: number
  /** The template that fitted, and its values; undefined: none did. */
  readonly pattern: Pattern | undefined
  readonly values: readonly Value[]
  readonly tags: readonly string[]
  /** The document: JSON on one line without its newline, as a byte string (each character is one byte of its UTF-8). */
  readonly document: string
}

/** `length` bytes of a file that end at `end` (exclusive, uncompressed) have this hash. */
export interface Fingerprint {
  readonly end: number
  readonly length: number
  readonly hash: string
}

/** What reading a line needs to know of the lines before it (events/context.ts). */
export interface Context {
  /** The last instant, milliseconds; 0: none. It decides the hour that comes twice. */
  readonly lastMs: number
  /** The instant of the last record, where strangers may have put a line into that; else 0. */
  readonly openMs: number
  /** The processes that wrote to this file last. */
  readonly pids: readonly number[]
  /** The process and instant of the last record that a stranger may have written; 0: none. */
  readonly suspectPid: number
  readonly suspectMs: number
}

/** A place from which reading can begin again. */
export interface Mark extends Context {
  /** The start of a record that is not settled, or the end of the last line. */
  readonly offset: number
}

/**
 * Data stream → the backing index that took its documents at some time. What was sent since is in these or in newer ones; of a
 * stream that is not named, anywhere.
 */
export type WriteIndexes = ReadonlyMap<string, string>

/** What the checkpoint holds of one generation: who it is, where it was last, and how far it is settled. */
export interface SavedGeneration extends Mark {
  readonly log: string
  readonly path: string
  readonly id: FileId
  readonly compressed: boolean
  readonly head: Fingerprint
  /** May end behind `offset`: it says which file this is, not what is settled. */
  readonly anchor: Fingerprint
  /** Ends of records that a quiet time ended, from `offset` on (events/assemble.ts). */
  readonly cuts: readonly number[]
  /** When its file was last there, wall clock. */
  readonly seenMs: number
  /** What follows `offset` was not sent before this; absent: it may be stored anywhere. */
  readonly since?: WriteIndexes
}

/**
 * Documents that are sent together, in one buffer. Item i is the bytes `starts[i]` up to `starts[i + 1]` of `body` (the last
 * one up to its end): what the output asked for as a prefix, then, from `documents[i]`, the document and a newline.
 */
export interface Batch {
  readonly body: Buffer
  readonly starts: readonly number[]
  readonly documents: readonly number[]
  /** Some of it may be stored already, since the oldest of these; absent: all of it is sent for the first time. */
  readonly doubts?: readonly WriteIndexes[]
}

/** What became of one document. `reason` holds no part of the document. */
export type Outcome =
  | { readonly status: 'stored' | 'duplicate' }
  | { readonly status: 'retry' | 'set-aside'; readonly reason: string }

/** Why nothing of a batch was taken: it is sent again, later, as it is (or in halves, where it was too large). */
export interface HoldUp {
  /** A code of errors.ts. */
  readonly code: import('./errors.js').ErrorCode
  /** For people; holds no document, no address, no secret. */
  readonly detail: string
}

/** An output's answer to a batch: an outcome for each document (in order), or one hold-up for all. */
export type Answer = { readonly outcomes: readonly Outcome[] } | { readonly holdUp: HoldUp }

/** Where batches go: Elasticsearch, the embedded store, or NDJSON. */
export interface Output {
  /** For status and log: `elasticsearch`, `embedded store`, `ndjson`. */
  readonly name: string
  /** What stands before a document in the body: a bulk action line with its newline, or ''. A byte string. */
  prefix(event: LogEvent): string
  /** Where documents go now, or went a while ago; undefined: not known. */
  readonly writeIndexes?: WriteIndexes | undefined
  /** What is wrong while events are taken; undefined: nothing. */
  readonly trouble?: HoldUp | undefined
  /** Never rejects: trouble is a hold-up. Sends once; whoever calls retries. `signal` abandons the request. */
  write(batch: Batch, signal: AbortSignal): Promise<Answer>
  close(): Promise<void>
}

/** Where time comes from, so that tests can hold it. */
export interface Clock {
  /** Wall clock, milliseconds. */
  now(): number
  /** Monotonic, milliseconds. */
  monotonic(): number
  /** Resolves after `ms`, or at once when `signal` aborts; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
