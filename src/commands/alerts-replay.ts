/** `alerts replay`: what would have been told of logs of the past, and when. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { alertJson } from '../alerts/alert-json.js'
import { alertSentences } from '../alerts/words.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { type PastArguments, pastOptions, readPast } from './alerts-past.js'

/** @throws ShipperError */
export async function runReplay(given: PastArguments, out: (line: string) => void): Promise<void> {
  const { alerts, events, zone } = await readPast(given)
  for (const alert of alerts)
    if (given.json) out(printableJson(JSON.stringify(alertJson(alert))))
    else for (const line of alertSentences(alert, zone, 'not over at the end of the logs')) out(printable(line))
  if (!given.json) out(`${alerts.length === 1 ? '1 alert' : `${alerts.length} alerts`} from ${events} events.`)
}

export default {
  command: 'replay <files..>',
  describe: 'What the detector would have told of these logs, and when',
  builder: (yargs: Argv) =>
    pastOptions(yargs)
      .option('json', { type: 'boolean', default: false, describe: 'A line of JSON for each alert' })
      .example('$0 alerts replay /var/log/mailman/*', 'all logs of this host')
      .epilogue('It learns what is usual as it goes: begin with two weeks of logs or more. Nothing is sent to anybody.'),
  handler: (given: ArgumentsCamelCase<PastArguments>) => runReplay(given, line => void process.stdout.write(`${line}\n`)),
}
