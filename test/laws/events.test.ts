import fc from 'fast-check'
import t from 'tap'
import { type FieldName, fields } from '../../parsers/_fields.js'
import { parsers } from '../../parsers/_index.js'
import { EventAssembler, type EventSource } from '../../src/events/assemble.js'
import { contextOf } from '../../src/events/context.js'
import { redact } from '../../src/events/redact.js'
import { decodeText } from '../../src/events/text.js'
import { LineSplitter } from '../../src/lines/split.js'
import type { LogEvent } from '../../src/model.js'
import { chunksOf, cuts, hostileText, law, logText } from '../support/law.js'
import { sourceOf } from '../support/reading.js'

const sources = [...parsers.keys()].map(log => sourceOf(log, { timezone: 'Europe/Berlin', keepOriginal: true }))
const anySource = fc.constantFrom(...sources)

function eventsOf(source: EventSource, chunks: readonly string[], maxLineBytes = 1 << 20): LogEvent[] {
  const events: LogEvent[] = []
  const splitter = new LineSplitter(0, maxLineBytes)
  const firstLine = chunks.join('').split('\n', 1)[0]!.slice(0, maxLineBytes)
  const assembler = new EventAssembler(source, { path: '-', firstLine, offset: 0, context: contextOf(undefined), cuts: [] })
  for (const chunk of chunks) for (const line of splitter.feed(chunk)) assembler.push(line, events)
  const last = splitter.finish()
  splitter.close()
  if (last !== undefined) assembler.push(last, events)
  assembler.flush(events)
  return events
}

const parse = (event: LogEvent): Record<string, unknown> => JSON.parse(Buffer.from(event.document, 'latin1').toString('utf8'))

/** Dotted names of all values of a document. */
function* names(value: unknown, name = ''): Generator<string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) yield name
  else
    for (const key of Object.keys(value))
      yield* names((value as Record<string, unknown>)[key], name === '' ? key : `${name}.${key}`)
}

law(
  t,
  'any chunks of a log give the same events',
  fc.property(anySource, logText, cuts, fc.constantFrom(40, 1 << 20), (source, text, cuts, maxLineBytes) => {
    const whole = eventsOf(source, [text], maxLineBytes)
    const cut = eventsOf(source, chunksOf(text, cuts), maxLineBytes)
    return JSON.stringify(cut.map(event => event.document)) === JSON.stringify(whole.map(event => event.document))
  }),
)

law(
  t,
  'every line of a log is in one event, and ids are unique',
  fc.property(anySource, logText, (source, text) => {
    const events = eventsOf(source, [text])
    const lines = text.split('\n')
    if (lines.at(-1) === '') lines.pop()
    const inMessages = events.reduce((sum, event) => sum + (parse(event).message as string).split('\n').length, 0)
    return inMessages === lines.length && new Set(events.map(({ id }) => id)).size === events.length
  }),
)

law(
  t,
  'any text becomes one valid document: known fields only, and the message is what was read',
  fc.property(anySource, hostileText, (source, text) => {
    const line = text.replaceAll('\n', '\v')
    const [event, ...others] = eventsOf(source, [`Oct 25 02:30:00 2026 (7660) ${line}\n`])
    if (event === undefined || others.length > 0) return false
    const document = parse(event)
    for (const name of names(document)) {
      if (!Object.hasOwn(fields, name)) throw new Error(`no field ${name}`)
      const array = fields[name as FieldName].array === true
      const value = name.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], document)
      if (Array.isArray(value) !== array || value === null) throw new Error(`${name}: ${JSON.stringify(value)}`)
    }
    const message = redact(decodeText(line))
    const { original } = document.event as { original: string }
    return document.message === message && original === `Oct 25 02:30:00 2026 (7660) ${message}`
  }),
)
