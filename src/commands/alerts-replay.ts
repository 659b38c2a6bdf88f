/** `alerts replay`: what would have been told of logs of the past, and when. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import type { Alert } from '../alerts/alert.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { alertSentences, iso } from './alert-text.js'
import { type PastArguments, pastOptions, readPast } from './alerts-past.js'

/** @throws ShipperError */
export async function runReplay(given: PastArguments, out: (line: string) => void): Promise<void> {
  const { alerts, events, zone } = await readPast(given)
  for (const alert of alerts)
    if (given.json) out(printableJson(JSON.stringify(jsonOf(alert))))
    else for (const line of alertSentences(alert, zone)) out(printable(line))
  if (!given.json) out(`${alerts.length === 1 ? '1 alert' : `${alerts.length} alerts`} from ${events} events.`)
}

const jsonOf = (alert: Alert): object => ({
  kind: alert.kind,
  severity: alert.severity,
  list: alert.list,
  since: iso(alert.sinceMs),
  raised: iso(alert.raisedMs),
  ended: alert.endedMs === undefined ? null : iso(alert.endedMs),
  held: alert.held,
  before: alert.before.map(({ atMs, what, text }) => ({ at: iso(atMs), what, text })),
  count: alert.count,
  usual: rounded(alert.usual),
  lists: alert.lists,
  senders: alert.senders,
  reasons: alert.reasons,
  examples: alert.examples,
  evidence: rounded(alert.evidence),
  limit: rounded(alert.limit),
})

const rounded = (value: number): number => Math.round(value * 10) / 10

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
