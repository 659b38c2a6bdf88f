/** What all events of one log share: made once for each log and Mailman version. */
import { basename } from 'node:path'
import { parsers } from '../../parsers/_index.js'
import type { Config } from '../config/options.js'
import type { EventSource } from './assemble.js'
import { DocumentWriter } from './document.js'
import { Zone } from './stamp.js'

/** `mailman.vette`, `mailman.smtp_failure`; Mailman 3's mixed file is `mailman.core`. */
export const datasetOf = (log: string): string =>
  `mailman.${log === 'mailman' ? 'core' : log.toLowerCase().replace(/[^a-z0-9]/g, '_')}`

/** @returns the source for a log's file; the same object for the same log and version */
export function createSources(config: Config, now: () => number): (log: string, path: string) => EventSource {
  const zone = new Zone(config.logs.timezone)
  const sources = new Map<string, EventSource>()
  return (log, path) => {
    const provider = providerOf(config.logs.mailman, path)
    const key = `${provider} ${log}`
    let source = sources.get(key)
    if (source === undefined) {
      const dataset = datasetOf(log)
      source = {
        hostName: config.host.name,
        log,
        dataset,
        parser: parsers.get(log),
        zone,
        keepOriginal: config.logs.keepOriginal,
        now,
        writer: new DocumentWriter({
          hostName: config.host.name,
          instance: config.instance,
          namespace: config.elasticsearch?.namespace ?? 'default',
          log,
          dataset,
          provider,
          timezone: config.logs.timezone,
        }),
      }
      sources.set(key, source)
    }
    return source
  }
}

/** Mailman 2.1 names its files without an ending, Mailman 3 with `.log`. */
function providerOf(mailman: Config['logs']['mailman'], path: string): 'mailman2' | 'mailman3' {
  if (mailman === 'auto') return basename(path).includes('.log') ? 'mailman3' : 'mailman2'
  return mailman === '3' ? 'mailman3' : 'mailman2'
}
