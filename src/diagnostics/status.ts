/** What the agent knows of itself at one moment: `status`, `/healthz` and the metrics are made from this and nothing else. */
import { type ErrorCode, fileErrorOf } from '../errors.js'

export interface FileStatus {
  readonly log: string
  readonly path: string
  /** `present`, `deleted` or `lost` (files/generation.ts). */
  readonly state: string
  readonly compressed: boolean
  /** Bytes that are settled. */
  readonly offset: number
  readonly size: number
  readonly lagBytes: number
  /** How long it has not been wholly settled; 0: it is. */
  readonly lagSeconds: number
}

/** Something that lasts. */
export interface TroubleStatus {
  readonly code: ErrorCode
  /** What exactly; holds no document, no address, no secret. */
  readonly detail: string
  /** ISO 8601. */
  readonly since: string
}

/** Something that was over when it was told, since the start. */
export interface MomentStatus {
  readonly code: ErrorCode
  readonly count: number
  /** Of the last one. */
  readonly detail: string
  readonly at: string
}

/** A number for each code or reason; only of those that have occurred. */
export type Tally = Readonly<Record<string, number>>

/** Counters of each list that has some of its own, and of all others as `other` (list-counts.ts): a Map, for the names are strangers'. */
export type ListTallies = ReadonlyMap<string, Tally>

/** An alert that stands. */
export interface OpenAlertStatus {
  readonly kind: string
  readonly severity: 'critical' | 'warning' | 'info'
  /** Null: of the whole host. */
  readonly list: string | null
  /** A runner, a queue, a file, where the kind does not say it. */
  readonly about: string | null
  /** ISO 8601, event time. */
  readonly since: string
}

export interface NotifierStatus {
  /** `mail`, `command`, `journal`, a webhook's own name. */
  readonly name: string
  /** Since the start: notices that it took, and attempts that failed. */
  readonly sent: number
  readonly failed: number
  /** Null: none since the start. */
  readonly lastSentAt: string | null
  /** Its last attempt failed; since when all did, and why. Null: it did not. */
  readonly failing: { readonly since: string; readonly detail: string } | null
}

/** What becomes of alerts (docs/alerting.md), for `status` and the metrics. */
export interface AlertFigures {
  /** The worst first. */
  readonly open: readonly OpenAlertStatus[]
  /** Since the start: how often each kind was raised; all kinds that there are, from 0 on. */
  readonly raised: Tally
  readonly detector: {
    /** It knows enough of what is usual to tell of what is not. */
    readonly isLearned: boolean
    /** Of how many lists it knows anything. */
    readonly lists: number
  }
  readonly notifiers: readonly NotifierStatus[]
}

export interface AgentStatus {
  readonly at: string
  readonly startedAt: string
  readonly pid: number
  readonly version: string
  readonly output: string
  /** Nothing is delivered, since when and why. */
  readonly holdUp: TroubleStatus | null
  /** Places that cannot be read, with the system's code. */
  readonly blocked: readonly { readonly path: string; readonly code: string }[]
  /** What else is wrong at this time; delivery goes on. */
  readonly troubles: readonly TroubleStatus[]
  readonly moments: readonly MomentStatus[]
  readonly lastDeliveryAt: string | null
  /** Since the start, in documents. */
  readonly counts: { readonly stored: number; readonly duplicates: number; readonly setAside: number }
  /** Since the start: events that were read, of each log by their action (event-counts.ts); what has not occurred is 0. */
  readonly events: Readonly<Record<string, Tally>>
  /** Since the start: documents set aside, by the kind of reason. */
  readonly setAsideReasons: Tally
  /** Since the start. `retries`: requests after which something had to be sent again, by the reason's code. */
  readonly delivery: { readonly requests: number; readonly retries: Tally }
  /** Since the start: for how long each trouble lasted, with what lasts still. */
  readonly troubleSeconds: Tally
  /** Since the start: bytes that went away unread, followed logs that were gone, zero bytes passed over. */
  readonly losses: { readonly lostBytes: number; readonly goneFiles: number; readonly holeBytes: number }
  readonly checkpoint: {
    /** The last time that this run wrote it; null: not yet. */
    readonly writtenAt: string | null
    /** Since the start. */
    readonly failures: number
  }
  /** Log files that are open now. */
  readonly openFiles: number
  readonly files: readonly FileStatus[]
  /** Absent where alerts are turned off. */
  readonly alerts?: AlertFigures
}

/** The codes of all that is wrong now. */
export function codesOf({ holdUp, blocked, troubles }: AgentStatus): Set<ErrorCode> {
  return new Set([
    ...(holdUp === null ? [] : [holdUp.code]),
    ...blocked.map(({ code }) => fileErrorOf(code)),
    ...troubles.map(({ code }) => code),
  ])
}
