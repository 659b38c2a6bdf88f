/** Generated traffic as the detector gets it: events in the order of their time. */
import { join } from 'node:path'
import type { Test } from 'tap'
import { byTime } from '../../src/commands/by-time.js'
import { eventsOfFile } from '../../src/commands/parse.js'
import { loadConfig } from '../../src/config/load.js'
import { createSources } from '../../src/events/source.js'
import type { LogEvent } from '../../src/model.js'
import { writeLogs } from '../support/traffic/files.mjs'
import type { TrafficRecord } from '../support/traffic/generate.mjs'

export const LOGS = ['vette', 'post', 'qrunner', 'error', 'smtp', 'smtp-failure', 'bounce', 'subscribe', 'mischief']

export async function eventsOfTraffic(t: Test, minutes: Iterable<readonly TrafficRecord[]>): Promise<LogEvent[]> {
  const directory = t.testdir({ 'config.yaml': 'logs: { timezone: UTC }\n' })
  writeLogs(directory, minutes)
  const sourceOf = createSources(await loadConfig(join(directory, 'config.yaml')), Date.now)
  const events: LogEvent[] = []
  for await (const event of byTime(LOGS.map(log => eventsOfFile(join(directory, log), log, sourceOf)))) events.push(event)
  return events
}
