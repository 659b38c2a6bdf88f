/** `alerts replay`: logs of the past through the detector, to see what would have been told, and when. */
import { resolve } from 'node:path'
import type { ArgumentsCamelCase, Argv } from 'yargs'
import type { Alert } from '../alerts/alert.js'
import { Detector } from '../alerts/detector.js'
import { loadConfig } from '../config/load.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import { createSources } from '../events/source.js'
import { isZone } from '../events/stamp.js'
import { openPrivacy } from '../privacy.js'
import { alertSentences } from './alert-text.js'
import { byTime } from './by-time.js'
import { eventsOfFile, logOf } from './parse.js'

export interface ReplayArguments {
  config?: string | undefined
  files?: string[] | undefined
  timezone?: string | undefined
  json?: boolean | undefined
}

/** @throws ShipperError */
export async function runReplay(given: ReplayArguments, out: (line: string) => void): Promise<void> {
  const loaded = await loadConfig(given.config, { forPeople: true })
  const { timezone = loaded.logs.timezone } = given
  if (!isZone(timezone)) throw new ShipperError('MLS_USAGE_INVALID', `--timezone ${timezone} is not a time zone`)
  const logs = given.timezone === undefined ? loaded.logs : { ...loaded.logs, timezone, formerTimezones: [] }
  const config = { ...loaded, logs }
  const sourceOf = createSources(config, Date.now, await openPrivacy(config))
  const alerts: Alert[] = []
  const detector = new Detector({ raised: alert => void alerts.push(alert), ended: () => {} })
  const files = (given.files ?? []).map(file => eventsOfFile(resolve(file), logOf(file), sourceOf))
  let events = 0
  for await (const event of byTime(files)) {
    detector.see(event)
    events++
  }
  for (const alert of alerts)
    if (given.json) out(printableJson(JSON.stringify(jsonOf(alert))))
    else for (const line of alertSentences(alert, timezone)) out(printable(line))
  if (!given.json) out(`${alerts.length} alerts from ${events} events.`)
}

const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')

const jsonOf = ({
  kind,
  severity,
  list,
  sinceMs,
  raisedMs,
  endedMs,
  held,
  count,
  usual,
  lists,
  senders,
  ...rest
}: Alert): object => ({
  kind,
  severity,
  list,
  since: iso(sinceMs),
  raised: iso(raisedMs),
  ended: endedMs === undefined ? null : iso(endedMs),
  held,
  before: rest.before.map(({ atMs, what, text }) => ({ at: iso(atMs), what, text })),
  count,
  usual: Math.round(usual * 10) / 10,
  lists,
  senders,
  reasons: rest.reasons,
  examples: rest.examples,
  evidence: Math.round(rest.evidence * 10) / 10,
  limit: rest.limit,
})

export default {
  command: 'replay <files..>',
  describe: 'Run logs of the past through the detector: what it would have said, and when',
  builder: (yargs: Argv) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        describe: 'Logs, plain or .gz, several together: vette, post, error, qrunner…',
      })
      .option('timezone', { type: 'string', requiresArg: true, describe: 'Zone of the stamps, such as Europe/London' })
      .option('json', { type: 'boolean', default: false, describe: 'A line of JSON for each alert' })
      .example('$0 alerts replay /var/log/mailman/*', 'all logs of this host')
      .epilogue('It learns what is usual as it goes: begin with two weeks or more of logs. Nothing is sent to anybody.'),
  handler: (given: ArgumentsCamelCase<ReplayArguments>) => runReplay(given, line => void process.stdout.write(`${line}\n`)),
}
