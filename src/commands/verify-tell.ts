/** `verify --notify`: what it found, to those who hear of alerts. Undecided is not told: nobody could do anything with it. */
import { type Alert, type AlertKind, keyOf, nothingCounted, type Severity } from '../alerts/alert.js'
import type { Config } from '../config/options.js'
import { createLog } from '../diagnostics/log.js'
import { ShipperError } from '../errors.js'
import type { Notice } from '../notify/notice.js'
import { nameNotifiers, sendOnce, siteOf } from '../notify/notifiers.js'
import type { Verified } from './verify.js'
import type { Check } from './verify-text.js'

const ranks: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 }

/** What each finding is among alerts, where the detector has not raised one itself. */
const kinds: Readonly<Record<Check['name'], readonly [AlertKind, Severity]>> = {
  restart: ['posts-stopped', 'critical'],
  errors: ['errors-at-restart', 'warning'],
  runners: ['runner-trouble', 'critical'],
  configuration: ['config-not-loaded', 'warning'],
  queues: ['queue-stuck', 'critical'],
  posts: ['holds-spike', 'critical'],
  alerts: ['error-burst', 'warning'],
}

/**
 * @param words the checklist
 * @returns a sentence for each notifier that did not take it; one where there is none
 */
export async function tellOf(config: Config, verified: Verified, words: readonly string[], nowMs: number): Promise<string[]> {
  if (verified.outcome === 'undecided') return []
  const named = nameNotifiers(config.alerts, createLog({ level: 'silent' }), siteOf(config))
  if (named.length === 0) return ['--notify: no notifier is configured (alerts.mail, webhooks, command or journal)']
  const notice = noticeOf(config, verified, words, nowMs)
  const failed: string[] = []
  for (const each of named) {
    try {
      await sendOnce(each, notice)
    } catch (error) {
      if (!(error instanceof ShipperError)) throw error
      failed.push(`not told by ${each.name}: ${error.detail}`)
    }
  }
  return failed
}

function noticeOf(
  { instance }: Config,
  { outcome, checks, judgement }: Verified,
  words: readonly string[],
  nowMs: number,
): Notice {
  const id = `verify-${instance}-${nowMs}`
  if (outcome === 'all clear') return { id, atMs: nowMs, moment: 'all-clear', alerts: [], words }
  // The agent raises the same under the same keys, so that receivers see one.
  const alerts = [...judgement.alerts].sort((a, b) => ranks[a.severity] - ranks[b.severity])
  return { id, atMs: nowMs, moment: 'raised', alerts: alerts.length > 0 ? alerts : [alertOf(checks, judgement, nowMs)], words }
}

function alertOf(checks: readonly Check[], { startMs, stoppedMs }: Verified['judgement'], nowMs: number): Alert {
  const [worst] = checks.filter(({ state }) => state === 'trouble').sort((a, b) => rankOf(a) - rankOf(b))
  const [kind, severity] = kinds[worst!.name]
  const finding = { ...nothingCounted, kind, severity, list: null, sinceMs: stoppedMs ?? startMs ?? nowMs, raisedMs: nowMs }
  return {
    ...finding,
    about: 'verify',
    key: keyOf({ ...finding, about: 'verify' }),
    endedMs: undefined,
    before: [],
    words: worst!.text,
  }
}

const rankOf = ({ name }: Check): number => ranks[kinds[name][1]]
