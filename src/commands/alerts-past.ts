/** Logs of the past through the detector, merged by time: what `alerts replay` and `alerts explain` share. */
import { resolve } from 'node:path'
import type { Argv } from 'yargs'
import type { Alert } from '../alerts/alert.js'
import { Detector } from '../alerts/detector.js'
import { loadConfig } from '../config/load.js'
import { isZone } from '../diagnostics/timezone.js'
import { ShipperError } from '../errors.js'
import { createSources } from '../events/source.js'
import { openPrivacy } from '../privacy.js'
import { byTime } from './by-time.js'
import { eventsOfFile, logOf } from './parse.js'

export interface PastArguments {
  config?: string | undefined
  files?: string[] | undefined
  timezone?: string | undefined
  json?: boolean | undefined
}

export interface Past {
  readonly detector: Detector
  /** In the order in which they were raised. */
  readonly alerts: readonly Alert[]
  readonly events: number
  /** IANA name, of the stamps. */
  readonly zone: string
}

/** @param untilMs event time, exclusive, where only a part is meant  @throws ShipperError */
export async function readPast(given: PastArguments, untilMs?: (zone: string) => number): Promise<Past> {
  const loaded = await loadConfig(given.config, { forPeople: true })
  const { timezone: zone = loaded.logs.timezone } = given
  if (!isZone(zone)) throw new ShipperError('MLS_USAGE_INVALID', `--timezone ${zone} is not a time zone`)
  const logs = given.timezone === undefined ? loaded.logs : { ...loaded.logs, timezone: zone, formerTimezones: [] }
  const config = { ...loaded, logs }
  const end = untilMs?.(zone) ?? Number.POSITIVE_INFINITY
  const sourceOf = createSources(config, Date.now, await openPrivacy(config))
  const alerts: Alert[] = []
  const detector = new Detector({ raised: alert => void alerts.push(alert), ended: () => {} })
  const files = (given.files ?? []).map(file => eventsOfFile(resolve(file), logOf(file), sourceOf))
  let events = 0
  for await (const event of byTime(files)) {
    // Not the end: a file is not wholly in the order of time.
    if (event.timestampMs >= end) continue
    detector.see(event)
    events++
  }
  return { detector, alerts, events, zone }
}

export const pastOptions = (yargs: Argv): Argv =>
  yargs
    .positional('files', {
      type: 'string',
      array: true,
      describe: 'Logs, plain or .gz, several together: vette, post, error, qrunner…',
    })
    .option('timezone', { type: 'string', requiresArg: true, describe: 'Zone of the stamps, such as Europe/London' })
