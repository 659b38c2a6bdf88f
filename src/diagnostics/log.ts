/**
 * The agent's own log: one JSON object a line on standard error, written before the call returns (no worker thread, so the
 * last line before a crash is there). Untrusted text goes under the key `text` and nowhere else; of an error only an allow-list
 * is written: the Elasticsearch client's errors carry the whole bulk body (F70).
 */
import pino from 'pino'
import { ShipperError } from '../errors.js'
import { isJournal, withPriority } from './journal.js'
import { printable, printableJson } from './printable.js'

export type Log = pino.Logger
export type LogLevel = pino.LevelWithSilent

/** What a log writes to; `flushSync` is called before a fatal line returns. */
export interface LogDestination {
  write(line: string): void
  flushSync?(): void
}

/** A long path must not push what is wrong with it out of the sentence; what strangers write is bounded all the same. */
const maxTextCharacters = 1_000
const maxFrames = 4

/** @param destination standard error, if none is given. */
export function createLog({ level, destination = standardError() }: { level: LogLevel; destination?: LogDestination }): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      serializers: { err: describeError, error: describeError, text: describeText },
      hooks: {
        // pino would take an error's own message for the line's message, past the allow-list.
        logMethod(args, method) {
          const [first, ...rest] = args as unknown[]
          if (first instanceof Error) method.call(this, { err: first }, typeof rest[0] === 'string' ? rest[0] : 'error')
          else method.apply(this, args)
        },
      },
    },
    safeForTerminals(destination),
  )
}

/** JSON escapes C0 only; C1 and bidi controls would reach a terminal that shows standard error. */
function safeForTerminals(destination: LogDestination): LogDestination {
  return {
    write: line => destination.write(printableJson(line)),
    flushSync: () => destination.flushSync?.(),
  }
}

function standardError(): LogDestination {
  // 1 MiB of lines waits where standard error cannot take them (a full disk); what comes after is dropped, not kept in memory.
  const stream = pino.destination({ dest: 2, sync: true, maxLength: 1 << 20 })
  // The agent goes on shipping when nobody takes its log.
  stream.on('error', () => {})
  if (!isJournal(2)) return stream
  return { write: line => void stream.write(withPriority(line)), flushSync: () => stream.flushSync() }
}

/** Name, code, status, and a message only where it cannot hold a document: ours, the operating system's, and plain bugs. */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { name: typeof error }
  const { code, statusCode, syscall } = error as { code?: unknown; statusCode?: unknown; syscall?: unknown }
  const bug = error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError
  const tellable = error instanceof ShipperError || typeof syscall === 'string' || bug
  return {
    name: cut(error.name, 60),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: typeof code === 'string' ? cut(code, 60) : code } : {}),
    ...(typeof statusCode === 'number' ? { status: statusCode } : {}),
    ...(tellable ? { message: cut(error.message, maxTextCharacters) } : {}),
    ...(error instanceof ShipperError || typeof syscall === 'string' ? {} : { at: frames(error) }),
  }
}

function describeText(text: unknown): string {
  return typeof text === 'string' ? cut(text, maxTextCharacters) : `(${typeof text})`
}

function cut(text: string, maxCharacters: number): string {
  return printable(text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text)
}

/** Where it happened. A stack begins with the message, which is not ours to write: only what follows it is looked at. */
function frames(error: Error): string[] {
  const stack = error.stack ?? ''
  const found = stack.lastIndexOf(error.message)
  const behind = found < 0 ? '' : stack.slice(found + error.message.length)
  const lines = behind.split('\n').filter(line => line.startsWith('    at '))
  return lines.slice(0, maxFrames).map(line => cut(line.trim(), 200))
}
