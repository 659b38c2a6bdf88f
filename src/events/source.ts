/** What all events of one log share: made once for each log and Mailman version. */

import { parsers } from '../../parsers/_index.js'
import { readStamp } from '../../parsers/_mailman-line.js'
import { readAnyStamp } from '../../parsers/_mailman3-line.js'
import type { Config } from '../config/options.js'
import type { EventSource } from './assemble.js'
import { DocumentWriter } from './document.js'
import type { Privacy } from './privacy.js'
import { Zone } from './stamp.js'

/** @returns the source for a log's file; the same object for the same log and version */
export type Sources = (log: string, mailman: '2.1' | '3') => EventSource

export function createSources(config: Config, now: () => number, privacy?: Privacy): Sources {
  const zone = new Zone(config.logs.timezone, config.logs.formerTimezones)
  const sources = new Map<string, EventSource>()
  return (log, found) => {
    const mailman = config.logs.mailman === 'auto' ? found : config.logs.mailman
    const key = `${mailman} ${log}`
    let source = sources.get(key)
    if (source === undefined) {
      source = {
        hostName: config.host.name,
        log,
        parser: parsers.get(log),
        readStamp: mailman === '3' ? readAnyStamp : readStamp,
        zone,
        keepOriginal: config.logs.keepOriginal,
        privacy,
        now,
        writer: new DocumentWriter({
          hostName: config.host.name,
          instance: config.instance,
          namespace: config.elasticsearch?.namespace ?? 'default',
          log,
          provider: mailman === '3' ? 'mailman3' : 'mailman2',
          timezone: config.logs.formerTimezones.length === 0 ? config.logs.timezone : undefined,
        }),
      }
      sources.set(key, source)
    }
    return source
  }
}
