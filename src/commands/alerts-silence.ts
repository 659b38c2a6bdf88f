/** `alerts silence`: nobody is told of some alerts for a time. They are stored and shown all the same. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import type { AlertKind } from '../alerts/alert.js'
import { kindWords } from '../alerts/words.js'
import { nearestName } from '../config/problems.js'
import { printable } from '../diagnostics/printable.js'
import { timeOf } from '../diagnostics/timezone.js'
import { ShipperError } from '../errors.js'
import { endSilence, type Silence, silence } from '../notify/answers.js'
import { type Known, readKnown, whoAnswers } from './alerts-known.js'
import { formatTable } from './plain-table.js'
import { openScreen } from './screen.js'
import type { Screen } from './search.js'
import { readSpan, readUntil } from './when.js'

export interface SilenceArguments {
  config?: string | undefined
  list?: string | undefined
  kind?: string | undefined
  everything?: boolean | undefined
  for?: string | undefined
  until?: string | undefined
  comment?: string | undefined
  show?: boolean | undefined
  end?: string | undefined
}

/** One that is forgotten hides the next outage. */
const MAX_DAYS = 31
const DAY_MS = 86_400_000

/** @throws ShipperError */
export async function runSilence(given: SilenceArguments, screen: Screen, by: string): Promise<void> {
  const nowMs = screen.now()
  const known = await readKnown(given.config, nowMs)
  const zone = known.config.logs.timezone
  const say = (line: string): void => screen.out(printable(line))
  if (given.show) return show(known, screen)
  if (given.end !== undefined) {
    const ended = await endSilence(known.directory, given.end, nowMs)
    if (ended === undefined)
      throw new ShipperError('MLS_USAGE_INVALID', `--end: no silence that lasts has the id ${printable(given.end)}; see --show`)
    return say(`The silence of ${describe(ended)} is over; what is critical and lasts is told again.`)
  }
  const untilMs = readEnd(given, nowMs, zone)
  const what = { list: given.list?.toLowerCase() ?? null, kind: readKind(given.kind), untilMs }
  if (!given.everything && what.list === null && what.kind === null)
    throw new ShipperError('MLS_USAGE_INVALID', 'alerts silence: what? --list, --kind, both, or --everything')
  if (given.everything && (what.list !== null || what.kind !== null))
    throw new ShipperError('MLS_USAGE_INVALID', 'alerts silence: --everything goes with neither --list nor --kind')
  const added = await silence(known.directory, what, { by, comment: given.comment, nowMs })
  say(`Nobody is told of ${describe(added)} until ${timeOf(untilMs, zone)} (${zone}); id ${added.id}.`)
  say(`What is critical and lasts then is told. Earlier: mailman-shipper alerts silence --end ${added.id}`)
}

function show({ answers, config }: Known, screen: Screen): void {
  const nowMs = screen.now()
  const minute = (ms: number): string => timeOf(ms, config.logs.timezone).slice(0, 16)
  const silences = answers.silences.filter(({ untilMs }) => untilMs > nowMs)
  if (silences.length === 0) screen.out('No silence lasts.')
  const rows = silences.map(each => ({
    cells: [each.id, describe(each), minute(each.untilMs), each.by, each.comment],
    colour: '',
  }))
  if (rows.length > 0)
    for (const line of formatTable(['id', 'silenced', 'until', 'by', 'comment'], rows, screen)) screen.out(line)
}

function readEnd({ for: span, until }: SilenceArguments, nowMs: number, zone: string): number {
  if ((span === undefined) === (until === undefined))
    throw new ShipperError('MLS_USAGE_INVALID', 'alerts silence: how long? --for 2h, or --until 2026-11-20T19:00')
  const untilMs = span === undefined ? readUntil(until!, { ms: nowMs, zone }) : nowMs + readSpan(span, '--for')
  if (untilMs <= nowMs) throw new ShipperError('MLS_USAGE_INVALID', '--until lies in the past')
  if (untilMs > nowMs + MAX_DAYS * DAY_MS)
    throw new ShipperError(
      'MLS_USAGE_INVALID',
      `a silence lasts at most ${MAX_DAYS} days: one that is forgotten hides the next outage`,
    )
  return untilMs
}

function readKind(given: string | undefined): AlertKind | null {
  if (given === undefined) return null
  const kinds = Object.keys(kindWords) as AlertKind[]
  const kind = kinds.find(each => each === given)
  if (kind !== undefined) return kind
  const meant = nearestName(given, kinds)
  const hint = meant === undefined ? `known are ${kinds.join(', ')}` : `did you mean ${meant}?`
  throw new ShipperError('MLS_USAGE_INVALID', `--kind ${printable(given)} is unknown; ${hint}`)
}

function describe({ list, kind }: Silence): string {
  if (list === null && kind === null) return 'everything'
  if (list === null) return kind!
  return `${kind ?? 'whatever there is'} of list ${list}`
}

export default {
  command: 'silence',
  describe: 'Tell nobody of a list, a kind of alert or anything, for a time',
  builder: (yargs: Argv) =>
    yargs
      .option('list', { type: 'string', requiresArg: true, describe: 'Of this list; not what is of the whole host' })
      .option('kind', { type: 'string', requiresArg: true, describe: 'Of this kind: spam-wave, holds-spike…' })
      .option('everything', { type: 'boolean', default: false, describe: 'All alerts' })
      .option('for', { type: 'string', requiresArg: true, describe: 'How long: 30m, 2h, 7d' })
      .option('until', {
        type: 'string',
        requiresArg: true,
        describe: 'Up to then: 2026-11-20T19:00; a day is meant with its last minute',
      })
      .option('comment', { type: 'string', requiresArg: true, describe: 'Why' })
      .option('show', { type: 'boolean', default: false, describe: 'The silences that last' })
      .option('end', { type: 'string', requiresArg: true, describe: 'End the silence with this id now' })
      .example('$0 alerts silence --kind spam-wave --for 7d', 'known, and being dealt with')
      .example('$0 alerts silence --everything --for 2h --comment "upgrade"', 'maintenance')
      .example('$0 alerts silence --end 3fa9c1', 'done earlier; --show has the ids')
      .epilogue('As root, or as the user of the agent. What is critical and lasts when it ends is told again.'),
  handler: (given: ArgumentsCamelCase<SilenceArguments>) => runSilence(given, openScreen(), whoAnswers()),
}
