/** One step of setup: tried on its own, so that one refusal does not hide what else can be done. */
import { type ErrorCode, errors, ShipperError } from '../errors.js'
import { readTrouble } from './trouble.js'

/** `skipped`: this server, or this configuration, has no use for it. */
export type StepStatus = 'done' | 'unchanged' | 'refused' | 'failed' | 'skipped'

export interface Step {
  readonly name: string
  readonly status: StepStatus
  /** For people: what was done, or why not and what to do. Holds no secret. */
  readonly detail: string
  /** `run` cannot work without it. */
  readonly needed: boolean
  readonly code?: ErrorCode
}

export interface StepPlan {
  readonly name: string
  readonly needed: boolean
  /** What the account lacks for it, in words; empty: nothing. */
  readonly missing: readonly string[]
  run(): Promise<{ readonly status: StepStatus; readonly detail: string }>
}

export async function takeStep({ name, needed, missing, run }: StepPlan): Promise<Step> {
  if (missing.length > 0) {
    return { name, needed, status: 'refused', detail: `the account lacks ${missing.join('; ')}`, code: 'MLS_SETUP_PRIVILEGE' }
  }
  try {
    return { name, needed, ...(await run()) }
  } catch (error) {
    if (error instanceof ShipperError)
      return { name, needed, status: 'failed', detail: `${error.message}. ${error.remedy}`, code: error.code }
    const { holdUp, status } = await readTrouble(error, undefined)
    if (status === 403) {
      return { name, needed, status: 'refused', detail: `the account may not (${holdUp.detail})`, code: 'MLS_SETUP_PRIVILEGE' }
    }
    return {
      name,
      needed,
      status: 'failed',
      detail: `${errors[holdUp.code].message} (${holdUp.detail})`,
      code: 'MLS_SETUP_FAILED',
    }
  }
}
