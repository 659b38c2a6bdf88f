/** `alerts list`: what the agent has found, whom it has told, and what people answered. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import type { Severity } from '../alerts/alert.js'
import { alertJson } from '../alerts/alert-json.js'
import { iso } from '../alerts/words.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { timeOf } from '../diagnostics/timezone.js'
import type { ShownAlert } from '../notify/shown.js'
import { readKnown, sayNone } from './alerts-known.js'
import { formatTable, type Row } from './plain-table.js'
import { openScreen } from './screen.js'
import type { Screen } from './search.js'

export interface ListAlertsArguments {
  config?: string | undefined
  all?: boolean | undefined
  json?: boolean | undefined
}

const RED = '31'
const YELLOW = '33'
const DIM = '2'
const colours: Readonly<Record<Severity, string>> = { critical: RED, warning: YELLOW, info: '' }

/** @throws ShipperError */
export async function runListAlerts(given: ListAlertsArguments, screen: Screen): Promise<void> {
  const nowMs = screen.now()
  const known = await readKnown(given.config, nowMs)
  const { shown, config, isRunning } = known
  const all = shown?.alerts ?? []
  const wanted = given.all ? all : all.filter(isOpen)
  if (given.json) {
    for (const each of wanted) screen.out(printableJson(JSON.stringify(jsonOf(each))))
    return
  }
  const say = (line: string): void => screen.out(printable(line))
  if (shown === undefined) return say(sayNone(known))
  const zone = config.logs.timezone
  if (wanted.length === 0) say(given.all ? 'No alert yet.' : 'No alert is open.')
  else {
    const titles = ['key', 'severity', 'kind', 'list', 'since', 'count', 'told by', 'note']
    for (const line of formatTable(
      titles,
      wanted.map(each => rowOf(each, zone)),
      screen,
    ))
      screen.out(line)
  }
  if (wanted.length < all.length) say(`${all.length - wanted.length} that ended lately: mailman-shipper alerts list --all`)
  const silences = known.answers.silences.filter(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs)
  if (silences.length > 0) say(`Silences that last: ${silences.length}; mailman-shipper alerts silence --show`)
  if (!isRunning) say(`No agent runs: this is as of ${timeOf(shown.atMs, zone)}.`)
}

const isOpen = ({ alert }: ShownAlert): boolean => alert.endedMs === undefined

function rowOf(shown: ShownAlert, zone: string): Row {
  const { alert, told } = shown
  const minute = (ms: number): string => timeOf(ms, zone).slice(0, 16)
  return {
    cells: [
      alert.key,
      alert.severity,
      alert.kind,
      [alert.list, alert.about].filter(part => part !== null).join(' '),
      minute(alert.sinceMs),
      `${alert.count}`,
      told.map(({ by }) => by).join(',') || 'nobody',
      noteOf(shown, minute),
    ],
    colour: isOpen(shown) ? colours[alert.severity] : DIM,
  }
}

function noteOf({ alert, acknowledged, mutedUntilMs, waiting }: ShownAlert, minute: (ms: number) => string): string {
  const notes: string[] = []
  if (alert.endedMs !== undefined) notes.push(`over ${minute(alert.endedMs)}`)
  if (acknowledged !== undefined) {
    const { by, comment } = acknowledged
    notes.push(`acknowledged by ${by}${comment === '' ? '' : ` (${comment})`}`)
  }
  if (mutedUntilMs !== undefined) notes.push(`silenced until ${minute(mutedUntilMs)}`)
  if (waiting.length > 0) notes.push(`not taken yet by ${waiting.join(',')}`)
  return notes.join('; ')
}

const jsonOf = ({ alert, told, waiting, acknowledged, mutedUntilMs }: ShownAlert): object => ({
  key: alert.key,
  ...alertJson(alert),
  told: told.map(({ by, atMs }) => ({ by, at: iso(atMs) })),
  waiting,
  acknowledged:
    acknowledged === undefined ? null : { by: acknowledged.by, at: iso(acknowledged.atMs), comment: acknowledged.comment },
  silencedUntil: mutedUntilMs === undefined ? null : iso(mutedUntilMs),
})

export default {
  command: 'list',
  describe: 'What the agent has found, whom it has told, and who knows of it',
  builder: (yargs: Argv) =>
    yargs
      .option('all', { type: 'boolean', default: false, describe: 'The last 200 that are over too' })
      .option('json', { type: 'boolean', default: false, describe: 'A line of JSON for each alert' })
      .example('$0 alerts list', 'what is open, the worst first')
      .example('$0 alerts list --json | jq -r \'select(.severity == "critical").key\'', 'for a program')
      .epilogue('Exit code 0, also where nothing is open.'),
  handler: (given: ArgumentsCamelCase<ListAlertsArguments>) => runListAlerts(given, openScreen()),
}
