/**
 * Errors by shape: what was logged with all that differs from time to time taken out (numbers, quoted parts, paths, addresses), so
 * that an error can be told to have been there before.
 */
import type { FieldName } from '../../parsers/_fields.js'
import type { LogEvent } from '../model.js'
import { AT_START_MS } from './changes.js'
import { ERRORS } from './errors.js'

const DAY_MS = 86_400_000
/** Beyond this they are all one: a host with so many has no error that was never seen before. */
const MAX_SHAPES = 5000
const MAX_TEXT = 400
const MAX_SHAPE = 120

/** What a robot cannot provoke, and no post gets out with; the detector counts them elsewhere. */
const ALSO: ReadonlySet<string> = new Set(['smtp-connect-failed', 'lmtp-error'])

export interface ErrorKind {
  /** Of Mailman's vocabulary and Python's; what is left of a stranger's text is escaped by whoever prints. */
  readonly shape: string
  /** Since the start. */
  readonly count: number
  /** Event time of the first since the start. */
  readonly firstMs: number
  readonly isNew: boolean
}

interface Known {
  readonly firstMs: number
  /** The start that it came with, where it was first seen minutes after one. */
  readonly withStartMs: number | undefined
  /** Since the last start. */
  count: number
  sinceMs: number
}

export class ErrorShapes {
  readonly #known = new Map<string, Known>()
  #startMs = Number.NEGATIVE_INFINITY

  /** Mailman was started. Errors of the same second may have been seen already: logs are not in the order of time to the second. */
  started(startMs: number): void {
    this.#startMs = startMs
    for (const known of this.#known.values()) if (known.firstMs < startMs) known.count = 0
  }

  see(event: LogEvent): void {
    const shape = shapeOf(event)
    if (shape === undefined) return
    const atMs = event.timestampMs
    const known = this.#known.get(shape)
    if (known === undefined) {
      if (this.#known.size >= MAX_SHAPES) return
      const isAtStart = atMs - this.#startMs <= AT_START_MS
      this.#known.set(shape, { firstMs: atMs, withStartMs: isAtStart ? this.#startMs : undefined, count: 1, sinceMs: atMs })
    } else if (atMs >= this.#startMs) {
      if (known.count++ === 0) known.sinceMs = atMs
    }
  }

  /**
   * Those since the last start, the new ones first. What came with another start within a day before it is still new: a second try
   * does not make it usual.
   */
  get kinds(): ErrorKind[] {
    const isNew = ({ firstMs, withStartMs }: Known): boolean =>
      firstMs >= this.#startMs || (withStartMs !== undefined && this.#startMs - withStartMs < DAY_MS)
    return [...this.#known]
      .filter(([, { count }]) => count > 0)
      .map(([shape, known]) => ({ shape, count: known.count, firstMs: known.sinceMs, isNew: isNew(known) }))
      .sort((a, b) => Number(b.isNew) - Number(a.isNew) || a.firstMs - b.firstMs)
  }
}

/** Undefined where the event is no error. */
export function shapeOf({ pattern, values, dataset, document }: LogEvent): string | undefined {
  if (pattern === undefined) {
    // A line that no template knows, in a log that holds nothing but trouble.
    if (dataset !== 'mailman.error') return undefined
    const { message } = JSON.parse(Buffer.from(document, 'latin1').toString('utf8')) as { message?: unknown }
    return typeof message === 'string' ? `unknown: ${withoutParticulars(message)}` : undefined
  }
  const { action, fields, template } = pattern
  if (!ERRORS.has(action) && !ALSO.has(action)) return undefined
  const text = (field: FieldName): string | undefined => {
    const value = values[fields.indexOf(field)]
    return typeof value === 'string' ? value : undefined
  }
  const [type, message] = [text('error.type'), text('error.message')]
  if (type === undefined && message === undefined) return `${action}: ${template.split('\n', 1)[0]!}`
  return [action, type, message === undefined ? undefined : withoutParticulars(message)].filter(Boolean).join(': ')
}

function withoutParticulars(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .split('\n', 1)[0]!
    .replace(/(?<!\w)[bu]?'[^']*'(?!\w)|(?<!\w)[bu]?"[^"]*"(?!\w)/g, '…')
    .replace(/<[^<>\s]*>|[^\s<>]+@[^\s<>]+|(?<!\S)\/\S+/g, '…')
    .replace(/0x[\da-f]+|\b[\da-f]{12,}\b|\d+/gi, '#')
    .slice(0, MAX_SHAPE)
    .trim()
}
