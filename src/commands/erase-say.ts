/** What `erase` tells: what it found, and what it does not reach. */
import { join } from 'node:path'
import type { Config } from '../config/options.js'
import { SET_ASIDE_FILE } from '../delivery/set-aside-file.js'
import { printable } from '../diagnostics/printable.js'
import { luxon } from '../diagnostics/timezone.js'
import type { Found } from './erase-find.js'
import type { SetAsideFound } from './erase-set-aside.js'
import type { Site } from './erase-store.js'

export interface StoreFound extends Found {
  readonly site: Site
}

export function describeFound({ site, ids, logs, firstMs, lastMs }: StoreFound, zone: string): string[] {
  const name = printable(site.name)
  if (ids.length === 0) return [`${name}: no event names this address.`]
  const day = (ms: number): string => luxon().DateTime.fromMillis(ms, { zone }).toFormat('yyyy-MM-dd HH:mm')
  const lines = [`${name}: ${sayEvents(ids.length)}, from ${day(firstMs)} to ${day(lastMs)}`]
  for (const { dataset, events, onlyInText } of logs) {
    const inText = onlyInText === 0 ? '' : `  (${onlyInText} only in the text)`
    lines.push(`${`${events}`.padStart(8)}  ${printable(dataset.replace(/^mailman\./, ''))}${inText}`)
  }
  return lines
}

/** @param setAside what is left there; undefined: could not be looked at */
export function describeRemains(config: Config, setAside: SetAsideFound | undefined, isAny: boolean): string[] {
  const lines = [
    'Mailman itself: its logs, archives, members and held mail. The agent has read its logs and does not store them again by itself; `backfill --again`, or a new state directory, would.',
    'Backups and snapshots of the store.',
  ]
  if (config.elasticsearch !== undefined && isAny)
    lines.push(
      `Elasticsearch finds what is deleted no more, and drops the bytes when it merges segments; sooner with POST /logs-mailman.*-${config.elasticsearch.namespace}/_forcemerge?only_expunge_deletes=true.`,
    )
  const { directory } = config.state
  if (setAside === undefined)
    lines.push(`Refused documents that are set aside, and an embedded store of before, in ${directory}: this user cannot look.`)
  else if (setAside.damaged > 0)
    lines.push(`${setAside.damaged} damaged line(s) of ${setAsideFile(config)} that name the address: take them out by hand.`)
  if (config.ndjson !== undefined && config.ndjson.file !== '-') lines.push(`${config.ndjson.file}, where events go as NDJSON.`)
  return lines
}

export const setAsideFile = ({ state }: Config): string => join(state.directory, SET_ASIDE_FILE)

/** @param found undefined: could not be looked at */
export function describeSetAside(config: Config, found: SetAsideFound | undefined): string[] {
  if (found === undefined || found.documents === 0) return []
  return [`${printable(setAsideFile(config))}: ${sayDocuments(found.documents)}`]
}

/** `16 events and 2 documents that were refused and set aside` */
export const sayAll = (events: number, setAside: SetAsideFound | undefined): string => {
  const documents = setAside?.documents ?? 0
  const parts = [events > 0 || documents === 0 ? sayEvents(events) : '', documents > 0 ? sayDocuments(documents) : '']
  return parts.filter(part => part !== '').join(' and ')
}

export const sayDocuments = (count: number): string =>
  `${count.toLocaleString('en')} ${count === 1 ? 'document that was' : 'documents that were'} refused and set aside`

export const sayEvents = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'event' : 'events'}`
