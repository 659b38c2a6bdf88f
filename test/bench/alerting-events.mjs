// Generated records as the events that the detector sees, by the real templates, without files, assembler and documents: the
// detector looks at nothing else of an event. That it comes to the same as `alerts replay` of the written logs is shown by
// alerting-proof.mjs.
import { europe } from '../support/traffic/plan.mjs'
import { built } from './program.mjs'

const { parsers } = await import(built('parsers/_index.js'))
const { datasetOf } = await import(built('parsers/_logs.js'))
const { Zone, StampReader } = await import(built('src/events/stamp.js'))
const { stampOf } = await import('../support/traffic/calendar.mjs')

const NEAR_CHANGE = 3 * 3600
/** No watch asks for these, but `delivery-slow`, and no delivery is slow here: half of all. */
const UNASKED = new Set(['message-delivered', 'bounces-processed'])

/** @returns {(record) => LogEvent | undefined} of one host; undefined for what is a part of the record before */
export function readEvents({ zone = 'Europe/Berlin' } = {}) {
  const times = new Zone(zone)
  const readers = new Map()
  const timeOf = ({ log, loggedAt }) => {
    let reader = readers.get(log)
    if (reader === undefined) {
      reader = new StampReader(times, 0)
      readers.set(log, reader)
    }
    // An hour that comes twice is told apart by the order of the file.
    const isPlain = europe(loggedAt - NEAR_CHANGE) === europe(loggedAt + NEAR_CHANGE)
    const ms = isPlain
      ? loggedAt * 1000
      : reader.read({ kind: 'mailman', time: stampOf(loggedAt + europe(loggedAt)) }, loggedAt * 1000).ms
    reader.lastMs = ms
    return ms
  }
  return record => {
    const { log, text, action } = record
    if (action === undefined || UNASKED.has(action)) return undefined
    const timestampMs = timeOf(record)
    const trimmed = text.endsWith('\n') ? text.slice(0, -1) : text
    for (const pattern of parsers.get(log).patterns) {
      const values = pattern.stderr ? undefined : pattern.match(trimmed)
      if (values === undefined) continue
      return { id: '', timestampMs, dataset: datasetOf(log), offset: 0, pattern, values, tags: [], document: '' }
    }
    throw new Error(`${log}: no template fits ${text}`)
  }
}

/** As with `privacy.addresses: drop`. */
export function withoutSender(event) {
  const place = event.pattern.fields.indexOf('email.from.address')
  return place >= 0 ? { ...event, values: event.values.with(place, undefined) } : event
}

/** A value of an event, by the name of its field. */
export function fieldOf({ pattern, values }, field) {
  const place = pattern.fields.indexOf(field)
  return place >= 0 ? values[place] : pattern.constants[field]
}
