/** What the detector has learned, on disk with the alerts that are open: the file `detector` of the state directory. */
import type { BookState } from './alerts/book.js'
import { type DetectorState, STATE_VERSION } from './alerts/detector.js'
import { loadSnapshot, saveSnapshot } from './checkpoint/snapshot.js'
import type { Log } from './diagnostics/log.js'
import type { GuardsState } from './guards/guards.js'
import type { Health } from './health.js'
import type { FileId } from './model.js'
import type { Written } from './notify/event-writer.js'

const FILE = 'detector'

export interface Learned {
  readonly detector: DetectorState
  readonly book: BookState
  readonly written: Written
  readonly guards: GuardsState
  /** How far each file was seen; what is not settled comes again after a restart. */
  readonly seen: ReadonlyMap<FileId, number>
  readonly eventMs: number
  readonly wallMs: number
  /** More was to be read then. A crash takes away what was seen after this was saved: a minute of the clock, but days of old logs. */
  readonly isBehind: boolean
}

/** Undefined where nothing of use is there. */
export async function loadLearned(directory: string, log: Log): Promise<Learned | undefined> {
  const loaded = await loadSnapshot(directory, FILE)
  if (loaded === undefined) return undefined
  const learned = loaded === 'damaged' ? undefined : (loaded as Learned)
  if (learned?.detector.version === STATE_VERSION) return learned
  log.warn('what is usual is learned anew: the file `detector` is damaged, or of another version')
  return undefined
}

/** @returns false where it could not be saved, which is told */
export async function saveLearned(directory: string, learned: Learned, troubles: Health['troubles']): Promise<boolean> {
  try {
    await saveSnapshot(directory, FILE, learned)
  } catch (error) {
    troubles.begin('learned', 'MLS_ALERTS_UNSAVED', `${FILE} (${(error as NodeJS.ErrnoException).code})`)
    return false
  }
  troubles.end('learned')
  return true
}
