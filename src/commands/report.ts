/** `report`: what happened between two points in time, as a Markdown page, from whichever store the configuration names. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { loadConfig } from '../config/load.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { wrap } from '../diagnostics/wrap.js'
import { ShipperError } from '../errors.js'
import { makeReport } from '../troubleshooting/report.js'
import { writeReport } from '../troubleshooting/report-markdown.js'
import { openScreen } from './screen.js'
import { readSince, readUntil } from './when.js'
import { withStore } from './with-store.js'

export interface ReportArguments {
  config?: string | undefined
  from?: string | undefined
  to?: string | undefined
  list?: string | undefined
  json?: boolean | undefined
}

const MAX_DAYS = 31
const DAY_MS = 86_400_000

/**
 * @param nowMs what `2h` or a missing --to is counted from
 * @param columns of the terminal; undefined: a file, in which a paragraph is a line
 * @throws ShipperError
 */
export async function runReport(
  given: ReportArguments,
  out: (line: string) => void,
  nowMs: number,
  columns?: number,
): Promise<void> {
  const config = await loadConfig(given.config, { forPeople: true })
  const { timezone: zone } = config.logs
  const now = { ms: nowMs, zone }
  const fromMs = readSince(given.from ?? '', now, '--from')
  // What has not been yet is no silence.
  const toMs = given.to === undefined ? nowMs : Math.min(nowMs, readUntil(given.to, now, '--to'))
  if (fromMs >= toMs) throw new ShipperError('MLS_USAGE_INVALID', '--from is not before --to, or not in the past')
  if (toMs - fromMs > MAX_DAYS * DAY_MS) throw new ShipperError('MLS_USAGE_INVALID', `a report is on ${MAX_DAYS} days at most`)
  const list = given.list?.trim().toLowerCase()
  const report = await withStore(config, async store => {
    if (list !== undefined && (await store.search({ list, limit: 1, order: 'newest' })).total === 0)
      throw new ShipperError('MLS_USAGE_INVALID', `--list: no event names the list ${printable(list)}`)
    return makeReport(store, { fromMs, toMs }, zone, list)
  })
  if (given.json) return out(printableJson(JSON.stringify(report)))
  for (const line of writeReport(report).split('\n')) for (const part of fold(line, columns)) out(part)
}

/** Words as they are, lines that fit; a table's row is one line. It is the same Markdown. */
function fold(line: string, columns: number | undefined): string[] {
  if (columns === undefined || line.startsWith('|') || line.startsWith('#')) return [line]
  return wrap(line, columns - 2).map((part, i) => (i > 0 && line.startsWith('- ') ? `  ${part}` : part))
}

/** What is given twice counts as it was given last. */
const last = (value: string | string[]): string | undefined => (Array.isArray(value) ? value.at(-1) : value)

export default {
  command: 'report',
  describe: 'Write an incident report in Markdown: what was unusual, since when, what changed before, what is still held',
  builder: (yargs: Argv) =>
    yargs
      .option('from', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        coerce: last,
        describe: 'The beginning: 6h, 2d ago, 2024-03-01, 2024-03-01T17:30; in the zone of the logs where none is named',
      })
      .option('to', {
        type: 'string',
        requiresArg: true,
        coerce: last,
        describe: 'The end, default now; a day is meant with its last minute',
      })
      .option('list', {
        type: 'string',
        requiresArg: true,
        coerce: last,
        describe: 'On this list alone, a name or name@host: its own holds, against its own usual',
      })
      .option('json', { type: 'boolean', default: false, describe: 'What the report is made of, for machines' })
      .example('$0 report --from 2015-05-19T12:00 --to 2015-05-19T23:00 > incident.md', 'what happened that evening')
      .example('$0 report --from 6h', 'the last six hours')
      .example('$0 report --from 1d --list announce', 'one list')
      .epilogue(
        'Compares with the same hours of up to four weeks before. The page names senders: mind whom you show it. Exit code 0, also where nothing is abnormal.',
      ),
  handler: (given: ArgumentsCamelCase<ReportArguments>) => {
    const { out, columns } = openScreen()
    return runReport(given, out, Date.now(), columns)
  },
}
