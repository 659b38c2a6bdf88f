/** Alerts as the detector raises them, and as events in a store. */
import { type Alert, keyOf } from '../../src/alerts/alert.js'
import { BatchCollector } from '../../src/batches/collect.js'
import type { Batch, LogEvent, Output } from '../../src/model.js'
import { type AlertSite, alertEvent } from '../../src/notify/alert-event.js'

export const alertSite: AlertSite = {
  hostName: 'lists1.example.org',
  instance: 'main',
  namespace: 'default',
  timezone: 'Europe/London',
}

const sinceMs = Date.parse('2015-05-19T17:31:05Z')

/** The outage of 2015, where nothing else is said. */
export function alertOf(more: Partial<Alert> = {}): Alert {
  const alert: Omit<Alert, 'key'> = {
    kind: 'holds-spike',
    severity: 'critical',
    list: null,
    about: null,
    sinceMs,
    raisedMs: sinceMs + 9_000,
    endedMs: undefined,
    count: 12,
    held: 5,
    lists: 4,
    senders: 5,
    usual: 0.41,
    evidence: 15.234567,
    limit: 13.9,
    reasons: ['post-by-non-member', 'too-big'],
    examples: ['One.Two@mail.example.org', '1432056666.1234.5@laptop'],
    before: [{ atMs: sinceMs - 65_000, what: 'restart', text: 'Mailman was restarted' }],
    ...more,
  }
  const { about, ...finding } = alert
  return { key: keyOf(about === null ? finding : { ...finding, about }), ...alert }
}

export function batchOfEvents(output: Pick<Output, 'prefix'>, events: readonly LogEvent[]): Batch {
  const collector = new BatchCollector()
  for (const event of events) collector.add(output.prefix(event), event)
  return collector.take()
}

/** The documents of these alerts: of each its beginning, and its end where it has one. */
export const alertDocuments = (alerts: readonly Alert[], site = alertSite): Record<string, unknown>[] =>
  alerts
    .flatMap(alert => [
      alertEvent(alert, 'raised', alert.raisedMs, site),
      ...(alert.endedMs === undefined ? [] : [alertEvent(alert, 'ended', alert.endedMs, site)]),
    ])
    .map(({ document }) => JSON.parse(Buffer.from(document, 'latin1').toString('utf8')))

const MINUTE = 60_000
const DAY = 1440 * MINUTE

/** What a host may have had to tell in the month before: an outage that is there now, and what is over. */
export function monthOfAlerts(nowMs: number): Alert[] {
  const at = (agoMs: number, lastedMs: number | undefined, more: Partial<Alert>): Alert => {
    const sinceMs = nowMs - agoMs
    const endedMs = lastedMs === undefined ? undefined : sinceMs + lastedMs
    return alertOf({ sinceMs, raisedMs: sinceMs + 9_000, endedMs, before: [], reasons: [], examples: [], ...more })
  }
  const wave = { kind: 'spam-wave', severity: 'info', held: 61, count: 914, lists: 38, senders: 0 } as const
  const host = { lists: 0, senders: 0, held: 0 }
  return [
    at(12 * MINUTE, undefined, {
      count: 143,
      reasons: ['post-by-non-member', 'other'],
      examples: ['1432056666.1234.5@laptop', 'CAB+x1=Fq@mail.example.org'],
      before: [
        { atMs: nowMs - 12 * MINUTE - 7_000, what: 'restart', text: 'Mailman was restarted' },
        { atMs: nowMs - 40 * MINUTE, what: 'setting', text: 'mm_cfg.py was changed' },
      ],
    }),
    at(3 * 60 * MINUTE, undefined, {
      kind: 'held-too-long',
      severity: 'warning',
      list: 'announce',
      ...host,
      count: 4,
      words: '4 messages wait, the oldest for 9 days',
    }),
    at(7 * DAY, 74 * MINUTE, { ...wave }),
    at(14 * DAY, 55 * MINUTE, { ...wave, count: 411 }),
    at(21 * DAY, 91 * MINUTE, { ...wave, count: 1207 }),
    at(4.3 * DAY, 6 * 60 * MINUTE, {
      severity: 'warning',
      list: 'devel',
      lists: 1,
      senders: 2,
      held: 3,
      count: 9,
      reasons: ['dmarc'],
    }),
    at(9.6 * DAY, 20 * MINUTE, { kind: 'login-attacks', severity: 'warning', ...host, count: 312, usual: 2.1 }),
    at(18.2 * DAY, 31 * 60 * MINUTE, {
      kind: 'runner-trouble',
      about: 'OutgoingRunner',
      ...host,
      count: 3,
      before: [{ atMs: nowMs - 18.2 * DAY - 90_000, what: 'start', text: 'Mailman was started' }],
    }),
  ]
}
