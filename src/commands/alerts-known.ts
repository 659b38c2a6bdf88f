/** What the agent wrote of its alerts, for `alerts list`, `ack` and `silence`; and who answers. */
import { userInfo } from 'node:os'
import { isLocked } from '../checkpoint/lock.js'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { ShipperError } from '../errors.js'
import { type Answers, noAnswers, readAnswers } from '../notify/answers.js'
import { readShown, type Shown } from '../notify/shown.js'

export interface Known {
  readonly config: Config
  readonly directory: string
  /** Undefined: no agent has written any, or not this version's. */
  readonly shown: Shown | undefined
  readonly answers: Answers
  /** Whether an agent runs, and reads what is answered within seconds. */
  readonly isRunning: boolean
}

/** @throws ShipperError, MLS_STATE_UNREADABLE among them */
export async function readKnown(path: string | undefined, nowMs: number): Promise<Known> {
  const config = await loadConfig(path)
  const { directory } = config.state
  const { maintenance } = config.alerts
  try {
    const shown = await readShown(directory, { maintenance, timezone: config.logs.timezone, nowMs })
    // Somebody may answer before an agent has ever written anything: a silence before an upgrade.
    const answers = await readAnswers(directory)
    return {
      config,
      directory,
      shown,
      answers: answers === 'damaged' ? noAnswers : answers,
      isRunning: await isLocked(directory),
    }
  } catch (error) {
    throw new ShipperError('MLS_STATE_UNREADABLE', `${directory} (${(error as NodeJS.ErrnoException).code})`)
  }
}

export function sayNone({ directory, config }: Known): string {
  if (!config.alerts.enabled) return 'Alerts are turned off: alerts.enabled is false.'
  return `No agent of this version has written alerts in ${directory}: see \`mailman-shipper status\`. Of logs of the past: alerts replay.`
}

/** Who sits at the terminal, also behind sudo. */
export function whoAnswers(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SUDO_USER) return env.SUDO_USER
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? '?'}` // one that the system has no name for
  }
}
