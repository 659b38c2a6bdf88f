import type { TrafficRecord } from './generate.mjs'
import type { Plan } from './plan.mjs'

export interface LifeOptions {
  /** Seconds since 1970. */
  readonly from: number
  readonly to: number
  readonly lists?: number
  /** Posts by people. */
  readonly perHour?: number
  /** Of holds, usually. */
  readonly share?: number
  readonly seed?: number
  readonly plan?: Plan
}

export interface LifeRecord extends TrafficRecord {
  /** What the host's clock says. */
  readonly loggedAt: number
  readonly pid: number
  /** Held, and would have been posted. */
  readonly wouldPost: boolean
}

export function live(options: LifeOptions): Generator<LifeRecord[]>
export function holdsPerHour(options: { perHour: number; share: number }): number
/** With its stamp, as Mailman writes it. @param offsetOf seconds from UTC; default: Europe's */
export function textOf(record: LifeRecord, offsetOf?: (at: number) => number): string
