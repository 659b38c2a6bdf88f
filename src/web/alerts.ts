/** Events of alerts → alerts, as the page shows them: one for each trouble, with what its latest event says. */
import { datasetOf } from '../../parsers/_logs.js'
import type { Alert, AlertKind, Severity } from '../alerts/alert.js'
import { figuresOf, kindWords } from '../alerts/words.js'
import { runbookOf } from '../notify/notice-words.js'
import { textAt, valueAt } from '../store/entry.js'
import type { EventQuery, EventStore, StoredEvent } from '../store/query.js'
import type { Alerts, ShownAlert } from './answers.js'
import { cut, textsAt } from './document.js'

const MAX_EVENTS = 1000
const MAX_TEXT = 500
const dataset = datasetOf('alerts')
const severities: readonly Severity[] = ['critical', 'warning', 'info']

/** What the page's server knows of alerts besides the store, and may do about them. */
export interface AlertDesk {
  /** Whose state directory is here; alerts of others are acknowledged where they were raised. */
  readonly hostName: string
  readonly instance: string
  readonly runbookUrl: string | undefined
  /** Key → when. Nothing where the state directory cannot be read. */
  acknowledged(): Promise<ReadonlyMap<string, number>>
  /** @throws ShipperError where the state directory cannot be written */
  acknowledge(key: string): Promise<void>
}

/** @param query its time is that of the events: of the beginning, or the end */
export async function findAlerts(store: EventStore, query: EventQuery, desk: AlertDesk): Promise<Alerts> {
  const { total, hits } = await store.search({ ...query, dataset, limit: MAX_EVENTS, order: 'newest' })
  const found = new Map<string, StoredEvent[]>()
  for (const hit of hits) {
    const place = JSON.stringify([hostOf(hit), instanceOf(hit), keyOf(hit)])
    if (keyOf(hit) !== '') found.set(place, [...(found.get(place) ?? []), hit])
  }
  const acknowledged = await desk.acknowledged()
  return { alerts: [...found.values()].map(events => shownOf(events, desk, acknowledged)), isCut: total > hits.length }
}

/** @param events of one alert, the newest first */
function shownOf(events: readonly StoredEvent[], desk: AlertDesk, acknowledged: ReadonlyMap<string, number>): ShownAlert {
  const momentOf = (action: string) => events.find(({ document }) => textAt(document, ['event', 'action']) === action)
  const [raised, ended] = [momentOf('alert-raised'), momentOf('alert-ended')]
  const event = ended ?? events[0]!
  const alert = readAlert(event)
  const { kind, severity, list, about, sinceMs, examples, reasons } = alert
  const isHere = hostOf(event) === desk.hostName && instanceOf(event) === desk.instance
  return {
    key: alert.key,
    host: hostOf(event),
    instance: instanceOf(event),
    kind,
    severity,
    title: Object.hasOwn(kindWords, kind) ? kindWords[kind] : kind,
    list: list ?? '',
    about: about ?? '',
    sinceMs,
    raisedMs: raised?.timestampMs ?? null,
    endedMs: ended === undefined ? null : timeAt(ended.document, 'end') || ended.timestampMs,
    acknowledgedMs: (isHere ? acknowledged.get(alert.key) : undefined) ?? momentOf('alert-acknowledged')?.timestampMs ?? null,
    count: Math.max(alert.count, alert.held),
    figures: cut(figuresOf({ ...alert, reasons: [] }), MAX_TEXT),
    reasons,
    examples,
    before: textsAt(event.document, 'mailman', 'alert', 'before').slice(0, 20).map(readBefore),
    runbook: runbookOf(desk, kind),
  }
}

/** What figures are made from. A field that is missing, or no number, counts as none. */
function readAlert(event: StoredEvent): Alert {
  const { document } = event
  const text = (name: string): string => cut(textAt(document, ['mailman', 'alert', name]) ?? '', MAX_TEXT)
  const number = (name: string): number => {
    const value = valueAt(document, ['mailman', 'alert', name])
    return typeof value === 'number' && Number.isFinite(value) ? value : 0
  }
  const words = textAt(document, ['event', 'reason'])
  const list = textAt(document, ['mailman', 'list', 'fqdn']) ?? textAt(document, ['mailman', 'list', 'name'])
  return {
    key: keyOf(event),
    kind: text('kind') as AlertKind,
    severity: severities.find(severity => severity === text('severity')) ?? 'info',
    list: list === undefined ? null : cut(list, MAX_TEXT),
    about: text('about') || null,
    sinceMs: timeAt(document, 'start') || event.timestampMs,
    raisedMs: event.timestampMs,
    endedMs: undefined,
    count: number('count'),
    held: number('held'),
    lists: number('lists'),
    senders: number('senders'),
    usual: number('usual'),
    evidence: number('evidence'),
    limit: number('limit'),
    reasons: textsAt(document, 'mailman', 'hold', 'reason').slice(0, 20),
    examples: textsAt(document, 'mailman', 'alert', 'examples').slice(0, 20),
    before: [],
    ...(words === undefined ? {} : { words }),
  }
}

/** As src/notify/alert-event.ts writes it: the time, then the words. */
function readBefore(text: string): ShownAlert['before'][number] {
  const [, time = '', words = ''] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.*)$/s.exec(text) ?? []
  return time === '' ? { atMs: null, text: cut(text, MAX_TEXT) } : { atMs: Date.parse(time), text: cut(words, MAX_TEXT) }
}

const timeAt = (document: unknown, name: string): number => Date.parse(textAt(document, ['event', name]) ?? '') || 0
const keyOf = ({ document }: StoredEvent): string => textAt(document, ['mailman', 'alert', 'key']) ?? ''
const hostOf = ({ document }: StoredEvent): string => textAt(document, ['host', 'name']) ?? ''
const instanceOf = ({ document }: StoredEvent): string => textAt(document, ['mailman', 'instance']) ?? ''
