/**
 * Messages that Mailman gave up and put into `shunt` or `bad` (2.1: Queue/Runner.py, cron/cull_bad_shunt; 3: core/runner.py). They
 * stay there for weeks, so only new ones are told of: a few broken messages are daily life, ten are a fault of Mailman's.
 */
import type { Trouble } from './guard.js'
import { many, sayAge } from './say.js'

const MANY = 10
/** After so long without another one the new ones are no news. */
const NEWS_MS = 24 * 3_600_000

/** All counts of files. */
export interface AsideMemory {
  /** That lay there before. */
  readonly old: number
  readonly depth: number
  readonly sinceMs: number
  readonly grownMs: number
}

export function asideTrouble(
  memory: AsideMemory | undefined,
  about: string,
  depth: number,
  nowMs: number,
): { readonly aside: AsideMemory; readonly trouble: Trouble | undefined } {
  const old = Math.min(memory?.old ?? depth, depth)
  const isNews = memory !== undefined && (memory.depth < depth || nowMs - memory.grownMs < NEWS_MS)
  if (!isNews || depth === old) return { aside: { old: depth, depth, sinceMs: nowMs, grownMs: nowMs }, trouble: undefined }
  const isFirst = memory.old === memory.depth
  const sinceMs = isFirst ? nowMs : memory.sinceMs
  const more = depth - old
  const trouble: Trouble = {
    kind: 'queue-stuck',
    severity: more >= MANY ? 'warning' : 'info',
    list: null,
    about,
    sinceMs,
    count: more,
    lists: 0,
    words: `${many(more, 'message was', 'messages were')} put aside in the queue ${about} within ${sayAge(Math.max(60_000, nowMs - sinceMs))}; ${depth.toLocaleString('en')} lie there`,
  }
  return { aside: { old, depth, sinceMs, grownMs: memory.depth < depth ? nowMs : memory.grownMs }, trouble }
}
