/** `alerts ack`: somebody knows of it, so it is not repeated any more. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { printable } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import { acknowledge } from '../notify/answers.js'
import type { ShownAlert } from '../notify/shown.js'
import { readKnown, sayNone, whoAnswers } from './alerts-known.js'
import { openScreen } from './screen.js'
import type { Screen } from './search.js'

export interface AcknowledgeArguments {
  config?: string | undefined
  keys?: string[] | undefined
  comment?: string | undefined
}

/** @throws ShipperError */
export async function runAcknowledge(given: AcknowledgeArguments, screen: Screen, by: string): Promise<void> {
  const { keys = [], comment } = given
  const nowMs = screen.now()
  const known = await readKnown(given.config, nowMs)
  const say = (line: string): void => screen.out(printable(line))
  if (known.shown === undefined) throw new ShipperError('MLS_USAGE_INVALID', sayNone(known))
  const chosen = choose(keys, known.shown.alerts)
  if (chosen.length === 0) return say('No alert is open.')
  await acknowledge(
    known.directory,
    chosen.map(({ alert }) => alert.key),
    { by, comment, nowMs },
  )
  for (const { alert } of chosen) {
    const about = alert.list ?? alert.about
    const what = `${alert.key}  ${alert.severity}  ${alert.kind}${about === null ? '' : ` of ${about}`}`
    say(`${what}: ${alert.endedMs === undefined ? 'acknowledged' : 'acknowledged; it is over already'}`)
  }
  say(known.isRunning ? 'It is not said again; its end is.' : 'No agent runs now; the next one knows of it.')
}

/** @throws ShipperError MLS_USAGE_INVALID for a key that no alert has */
function choose(keys: readonly string[], alerts: readonly ShownAlert[]): readonly ShownAlert[] {
  const open = alerts.filter(({ alert }) => alert.endedMs === undefined)
  if (keys.includes('all')) {
    if (keys.length > 1) throw new ShipperError('MLS_USAGE_INVALID', 'alerts ack: either `all`, or keys')
    return open
  }
  return [...new Set(keys)].map(key => {
    const found = alerts.find(({ alert }) => alert.key === key.toLowerCase())
    if (found !== undefined) return found
    const which = open.length === 0 ? 'none is open' : `open are ${open.map(({ alert }) => alert.key).join(', ')}`
    throw new ShipperError('MLS_USAGE_INVALID', `alerts ack: no alert has the key ${printable(key)}; ${which}`)
  })
}

export default {
  command: 'ack <keys..>',
  describe: 'Say that you know of alerts: critical ones are not repeated then',
  builder: (yargs: Argv) =>
    yargs
      .positional('keys', {
        type: 'string',
        array: true,
        describe: 'Keys of alerts, as messages and `alerts list` show them; or all',
      })
      .option('comment', { type: 'string', requiresArg: true, describe: 'For those who look too' })
      .example('$0 alerts ack 1f0c93ab27 --comment "moving the relay"', 'one of them')
      .example('$0 alerts ack all', 'all that are open')
      .epilogue('As root, or as the user of the agent. To hear nothing for a time: alerts silence.'),
  handler: (given: ArgumentsCamelCase<AcknowledgeArguments>) => runAcknowledge(given, openScreen(), whoAnswers()),
}
