/**
 * Every state that holds something up or loses something, in one table (P6). Each is told in the agent's log when it begins, with
 * code, sentence and remedy of errors.ts, and when it ends; `status` says the same sentence and remedy while it lasts, and
 * `mailman_shipper_trouble{code="…"}` is 1. A moment is over when it is told: `status` keeps the last of each code, and
 * `mailman_shipper_incidents_total{code="…"}` counts them.
 *
 * | topic | lasts | said at its end |
 * |---|---|---|
 * | output | nothing is delivered; `status` exits with 4, `/healthz` answers 503 | events are taken again |
 * | place | a file or a directory cannot be read; everything else goes on | can be read again |
 * | checkpoint | a restart would read again what was settled since; nothing is lost or stored twice, so it holds nothing up | the checkpoint can be written again |
 * | behind | more than 1 MiB of a log has waited for ten minutes, and nothing holds it up | events are stored as they are written again |
 * | stuck | the task that reads has not come by for a minute: a bug; `/healthz` answers 503 | the agent looks at the logs again |
 * | retention | the embedded store cannot delete what is older than `local.keepDays`; everything else goes on | old events are deleted again |
 * | empty | for a minute no log was found | a log was found |
 * | metrics | the port is taken | the metrics are served |
 * | figures | the agent’s own documents cannot be written; shipping goes on | the agent’s own figures are written |
 * | learned | what the detector has learned cannot be saved: a restart would know less; everything else goes on | it can be saved again |
 * | heartbeat | the URL of `alerts.heartbeat` cannot be asked for; everything else goes on | the heartbeat is heard again |
 * | notifier | alerts cannot be sent that way; each notifier is a place; the others go on | alerts are sent again |
 * | guard | a guard cannot read something; each path is a place | the guard sees again |
 * | loss, hole, refused, start | moments | |
 */
import type { ErrorCode } from '../errors.js'

export type Lasting =
  | 'output'
  | 'place'
  | 'checkpoint'
  | 'behind'
  | 'stuck'
  | 'retention'
  | 'empty'
  | 'metrics'
  | 'figures'
  | 'learned'
  | 'notifier'
  | 'guard'
  | 'heartbeat'
export type Topic = Lasting | 'loss' | 'hole' | 'refused' | 'start'

/** What the agent's log says when the last trouble of a topic, or that of one place, is over. */
export const endings: Readonly<Record<Lasting, string>> = {
  output: 'events are taken again',
  place: 'can be read again',
  checkpoint: 'the checkpoint can be written again',
  behind: 'events are stored as they are written again',
  stuck: 'the agent looks at the logs again',
  retention: 'old events are deleted again',
  empty: 'a log was found',
  metrics: 'the metrics are served',
  figures: 'the agent’s own figures are written',
  learned: 'what the detector has learned is saved again',
  notifier: 'alerts are sent again',
  guard: 'a guard sees again',
  heartbeat: 'the heartbeat is heard again',
}

/** What is told as a warning: nothing is lost by it, or nothing can be done. All else is an error. */
const warnings = new Set<ErrorCode>([
  'MLS_FILE_WAITING',
  'MLS_FILE_GONE',
  'MLS_FILE_HOLE',
  'MLS_FILES_NONE',
  'MLS_STATE_SLOT',
  'MLS_STATE_CLONED',
  'MLS_AGENT_BEHIND',
  'MLS_AGENT_FIGURES',
  'MLS_ALERTS_UNSAVED',
  'MLS_AGENT_HEARTBEAT',
  'MLS_ALERTS_BLIND',
])

export const levelOf = (code: ErrorCode): 'warn' | 'error' => (warnings.has(code) ? 'warn' : 'error')
