/** `parse`: logs to events, without an agent: no state, no network, the same events and ids as `run`. */
import { createReadStream } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { printableJson } from '../diagnostics/printable.js'
import { isZone } from '../diagnostics/timezone.js'
import { ShipperError } from '../errors.js'
import { EventAssembler } from '../events/assemble.js'
import { contextOf } from '../events/context.js'
import { createSources, type Sources } from '../events/source.js'
import { HEAD_BYTES } from '../files/identity.js'
import { mailmanOf } from '../files/mailman.js'
import { readName } from '../files/names.js'
import { LineSplitter, MAX_LINE_BYTES } from '../lines/split.js'
import type { LogEvent } from '../model.js'
import { openPrivacy } from '../privacy.js'

interface ParseArguments {
  config?: string
  files?: string[]
  log?: string
  timezone?: string
}

async function parse({ config: path, files = [], log, timezone }: ArgumentsCamelCase<ParseArguments>): Promise<void> {
  const loaded = await loadConfig(path)
  if (timezone !== undefined && !isZone(timezone))
    throw new ShipperError('MLS_USAGE_INVALID', `--timezone ${timezone} is not a time zone`)
  const config: Config = timezone === undefined ? loaded : { ...loaded, logs: { ...loaded.logs, timezone, formerTimezones: [] } }
  const sourceOf = createSources(config, Date.now, await openPrivacy(config))
  if (log === '') throw new ShipperError('MLS_USAGE_INVALID', '--log names no log')
  for (const file of files.length === 0 ? ['-'] : files) {
    if (file !== '-') await print(eventsOfFile(resolve(file), log ?? logOf(file), sourceOf))
    else if (log !== undefined) await print(eventsOf(process.stdin, log, sourceOf, file))
    else throw new ShipperError('MLS_USAGE_INVALID', 'standard input has no name: say which log it is with --log')
  }
}

/** The log that a file's name says, whether or not Mailman has such a log. */
export const logOf = (file: string): string => readName(basename(file))?.log ?? basename(file)

/** The events of a file, `.gz` or plain, as they are read. @throws ShipperError where it is missing or damaged */
export async function* eventsOfFile(path: string, log: string, sourceOf: Sources): AsyncGenerator<LogEvent[]> {
  const file = createReadStream(path)
  const bytes = path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  file.on('error', error => bytes.destroy(error))
  try {
    yield* eventsOf(bytes, log, sourceOf, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EPIPE' || code === undefined) throw error
    if (code.startsWith('Z_')) throw new ShipperError('MLS_FILE_DAMAGED', `${path} (${code})`)
    throw new ShipperError('MLS_FILE_MISSING', `${path} (${code})`)
  } finally {
    file.destroy()
  }
}

/** The events of a log that begins with the first byte of `bytes`, in the order of the file. */
export async function* eventsOf(bytes: Readable, log: string, sourceOf: Sources, path: string): AsyncGenerator<LogEvent[]> {
  const splitter = new LineSplitter(0, MAX_LINE_BYTES)
  let events: LogEvent[] = []
  let assembler: EventAssembler | undefined
  const push = (line: Parameters<EventAssembler['push']>[0]): void => {
    // Ids are made from the file's first bytes, be they a hole.
    const firstLine = line.start === 0 ? line.text : '\0'.repeat(Math.min(line.start, HEAD_BYTES)) + line.text
    assembler ??= new EventAssembler(sourceOf(log, mailmanOf(log, path, firstLine)), {
      path,
      firstLine,
      offset: 0,
      context: contextOf(undefined),
      cuts: [],
    })
    assembler.push(line, events)
  }
  for await (const chunk of bytes) {
    for (const line of splitter.feed((chunk as Buffer).toString('latin1'))) push(line)
    if (events.length === 0) continue
    yield events
    events = []
  }
  const last = splitter.finish()
  if (last !== undefined) push(last)
  assembler?.flush(events)
  if (events.length > 0) yield events
}

/** Writes one line of JSON for each event. */
async function print(batches: AsyncIterable<readonly LogEvent[]>): Promise<void> {
  for await (const events of batches) {
    const text = events.map(event => `${event.document}\n`).join('')
    // The same JSON: for a terminal, what it would obey is escaped (F66).
    const shown = process.stdout.isTTY ? printableJson(Buffer.from(text, 'latin1').toString('utf8')) : undefined
    if (!process.stdout.write(shown ?? text, shown === undefined ? 'latin1' : 'utf8'))
      await new Promise(resolve => process.stdout.once('drain', resolve))
  }
}

export default {
  command: 'parse [files..]',
  describe: 'Print the events of log files, or of standard input, as lines of JSON',
  builder: (yargs: Argv) =>
    yargs
      .positional('files', { type: 'string', array: true, describe: 'Log files, plain or .gz; none: standard input' })
      .option('log', {
        type: 'string',
        requiresArg: true,
        describe: "Which log it is (vette, post…); default: by the file's name",
      })
      .option('timezone', { type: 'string', requiresArg: true, describe: 'Zone of the stamps, such as Europe/London' })
      .example('$0 parse /var/log/mailman/vette', 'events as `run` would ship them')
      .example('zcat smtp.2.gz | $0 parse --log smtp --timezone UTC', 'from standard input'),
  handler: parse,
}
