/** An alert as JSON, for `alerts replay --json`, webhooks and commands: docs/alert.schema.json. */
import type { Alert } from './alert.js'
import { iso } from './words.js'

export const alertJson = (alert: Alert) => ({
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
  about: alert.about,
  lists: alert.lists,
  senders: alert.senders,
  reasons: alert.reasons,
  examples: alert.examples,
  evidence: rounded(alert.evidence),
  limit: rounded(alert.limit),
  words: alert.words ?? null,
})

/** Null where it is no number that JSON has. */
const rounded = (value: number): number | null => (Number.isFinite(value) ? Math.round(value * 10) / 10 : null)
