/** One generation's lines through the assembler, without a file. */
import type { Parser } from '../../parsers/_contract.js'
import { parsers } from '../../parsers/_index.js'
import { readAnyStamp } from '../../parsers/_mailman3-line.js'
import { EventAssembler, type EventSource } from '../../src/events/assemble.js'
import { contextOf } from '../../src/events/context.js'
import { DocumentWriter } from '../../src/events/document.js'
import { Zone } from '../../src/events/stamp.js'
import { LineSplitter } from '../../src/lines/split.js'
import type { Context, LogEvent } from '../../src/model.js'

export const NOW = Date.UTC(2026, 11, 31)

export function sourceOf(
  log: string,
  { parser = parsers.get(log), timezone = 'UTC', keepOriginal = false }: Partial<Source> = {},
): EventSource {
  const writer = new DocumentWriter({
    hostName: 'h',
    instance: 'main',
    namespace: 'default',
    log,
    provider: 'mailman2',
    timezone,
  })
  return { hostName: 'h', log, parser, readStamp: readAnyStamp, zone: new Zone(timezone), writer, keepOriginal, now: () => NOW }
}

interface Source {
  readonly parser: Parser | undefined
  readonly timezone: string
  readonly keepOriginal: boolean
}

export interface Read {
  readonly id: string
  readonly message: string
  readonly action: string | undefined
  readonly tags: readonly string[]
  readonly document: Record<string, unknown>
}

export function readEvent({ id, tags, document }: LogEvent): Read {
  const parsed = JSON.parse(Buffer.from(document, 'latin1').toString('utf8')) as Record<string, unknown>
  const { action } = parsed.event as { action?: string }
  return { id, message: parsed.message as string, action, tags, document: parsed }
}

interface Start {
  readonly source: EventSource
  readonly offset: number
  readonly cuts: readonly number[]
  readonly context: Context
  readonly maxLineBytes: number
}

/** One generation that begins with the first line of `bytes`, read from `offset` on. */
export class Reading {
  readonly events: LogEvent[] = []
  readonly assembler: EventAssembler
  readonly #splitter: LineSplitter

  constructor(
    bytes: string,
    {
      source = sourceOf('vette'),
      offset = 0,
      cuts = [],
      context = contextOf(undefined),
      maxLineBytes = 1000,
    }: Partial<Start> = {},
  ) {
    this.#splitter = new LineSplitter(offset, maxLineBytes)
    const firstLine = bytes.split('\n', 1)[0]!
    this.assembler = new EventAssembler(source, { path: '/vette', firstLine, offset, context, cuts })
  }

  feed(bytes: string): this {
    for (const line of this.#splitter.feed(bytes)) this.assembler.push(line, this.events)
    return this
  }

  quiet(): this {
    this.assembler.flushQuiet(this.events)
    return this
  }

  end(): Read[] {
    const last = this.#splitter.finish()
    this.#splitter.close()
    if (last !== undefined) this.assembler.push(last, this.events)
    this.assembler.flush(this.events)
    return this.read
  }

  get read(): Read[] {
    return this.events.map(readEvent)
  }
}
