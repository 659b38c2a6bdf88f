/** The golden pairs: `<log>/<name>.log` and what `parse` must make of it, in `<log>/<name>.expected.json`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.js'
import { EventAssembler } from '../../src/events/assemble.js'
import { contextOf } from '../../src/events/context.js'
import { createSources } from '../../src/events/source.js'
import { mailmanOf } from '../../src/files/mailman.js'
import { LineSplitter } from '../../src/lines/split.js'
import type { LogEvent } from '../../src/model.js'

const folder = join(import.meta.dirname, '../parsers')
export const configFile = join(folder, 'golden.yaml')
export const timezone = 'Europe/Berlin'

export interface Pair {
  readonly log: string
  readonly name: string
  readonly input: Buffer
  /** Documents, in order. */
  readonly expected: readonly Record<string, unknown>[]
}

export const logs = readdirSync(folder, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))

export function pairsOf(log: string): Pair[] {
  const names = readdirSync(join(folder, log)).flatMap(name => (name.endsWith('.log') ? [name.slice(0, -4)] : []))
  return names.map(name => ({
    log,
    name,
    input: readFileSync(join(folder, log, `${name}.log`)),
    expected: JSON.parse(readFileSync(join(folder, log, `${name}.expected.json`), 'utf8')) as Record<string, unknown>[],
  }))
}

export const allPairs = (): Pair[] => logs.flatMap(pairsOf)

const config = await loadConfig(configFile)
const sourceOf = createSources({ ...config, logs: { ...config.logs, timezone } }, Date.now)

/** What `parse` makes of standard input, in this process; of Mailman 3's lines in pairs whose name says so. */
export function eventsOf({ log, name, input }: Pick<Pair, 'log' | 'name' | 'input'>): LogEvent[] {
  const events: LogEvent[] = []
  const splitter = new LineSplitter(0, 1 << 20)
  const lines = splitter.feed(input.toString('latin1'))
  const last = splitter.finish()
  if (last !== undefined) lines.push(last)
  const firstLine = lines[0]?.text.slice(0, 1024) ?? ''
  const assembler = new EventAssembler(sourceOf(log, name.startsWith('mailman3') ? '3' : mailmanOf(log, log, firstLine)), {
    path: '-',
    firstLine,
    offset: 0,
    context: contextOf(undefined),
    cuts: [],
  })
  for (const line of lines) assembler.push(line, events)
  assembler.flush(events)
  splitter.close()
  return events
}

/** A document as text. */
export const textOf = (event: LogEvent): string => Buffer.from(event.document, 'latin1').toString('utf8')
