/** `agent-stuck`: while it lasts the detector sees nothing, so somebody should know. */
import { nothingCounted } from './alerts/alert.js'
import type { AlertBook } from './alerts/book.js'
import { errors } from './errors.js'
import type { Health } from './health.js'

/** So long the output takes nothing, or a log cannot be read. */
const STUCK_MS = 15 * 60_000
/** Troubles while which all lines are read. */
const notStuck = ['checkpoint', 'retention', 'metrics', 'figures', 'learned', 'notifier', 'heartbeat', 'guard'] as const

/** To be called every few seconds. @param nowMs wall clock */
export function watchAgent(book: AlertBook, { troubles }: Health, nowMs: number): void {
  const trouble = troubles
    .besides(...notStuck)
    .find(({ code, since }) => code !== 'MLS_FILE_WAITING' && nowMs - Date.parse(since) >= STUCK_MS)
  if (trouble === undefined) book.over('agent-stuck', undefined, null, nowMs)
  else
    book.stands({
      ...nothingCounted,
      kind: 'agent-stuck',
      severity: 'warning',
      list: null,
      sinceMs: Date.parse(trouble.since),
      raisedMs: nowMs,
      words: `${errors[trouble.code].message}: meanwhile nothing is seen that is in the logs`,
    })
}
