/** What the page asks and gets, as JSON: the server makes these, the scripts in page/ read them. All texts come from strangers. */
export interface Site {
  /** IANA name of the zone in which times are shown. */
  readonly zone: string
  readonly store: string
  readonly version: string
  readonly reasons: readonly (Advice & { readonly reason: string })[]
}

/** An event as a row: long texts are cut. */
export interface Row {
  readonly id: string
  readonly timestampMs: number
  /** Without `mailman.`: `vette`, `smtp_failure`… */
  readonly log: string
  readonly list: string
  readonly action: string
  readonly host: string
  readonly isFailure: boolean
  readonly text: string
  readonly reasons: readonly string[]
  readonly messageId: string
}

export interface Rows {
  readonly total: number
  readonly rows: readonly Row[]
}

/** What became of a message, on one list. */
export interface Fate {
  readonly list: string
  readonly title: string
  readonly sentence: string
}

/** One message's way. */
export interface Way {
  /** Events that name it; those that are shown may be fewer, and some may be tied to it otherwise. */
  readonly total: number
  /** `inferred`: why it is taken for this message's, though it does not name it. */
  readonly rows: readonly (Row & { readonly inferred: string })[]
  readonly fates: readonly Fate[]
}

/** Counts by time; `held` and `shares` belong to the buckets of `startsMs`. */
export interface Times {
  readonly bucketMs: number
  readonly startsMs: readonly number[]
  readonly counts: readonly number[]
  /** Of these, messages that were held. */
  readonly held: readonly number[]
  /** Messages held, of those held or posted: of the list and the time, whatever else is asked. null: neither happened. */
  readonly shares: readonly (number | null)[]
}

export const facetNames = ['log', 'action', 'list', 'reason'] as const
export type FacetName = (typeof facetNames)[number]
export interface Count {
  readonly value: string
  readonly count: number
}
export type Facets = Readonly<Record<FacetName, readonly Count[]>>

/** What an action or a reason means, and what a list admin does about it. */
export interface Advice {
  readonly meaning: string
  readonly advice: string
}

export interface Details {
  readonly id: string
  readonly timestampMs: number
  /** Path → value, in the order in which they are shown. */
  readonly fields: readonly (readonly [path: string, value: string])[]
  /** Something was too long and is cut. */
  readonly isCut: boolean
  readonly action: Advice | null
  readonly reasons: readonly (Advice & { readonly reason: string })[]
  readonly messageId: string
}

export interface Reason extends Advice {
  readonly reason: string
  readonly count: number
}

export interface Reasons {
  readonly held: number
  readonly reasons: readonly Reason[]
}

/** An alert, as its latest event has it. */
export interface ShownAlert {
  readonly key: string
  readonly host: string
  readonly instance: string
  readonly kind: string
  readonly severity: 'critical' | 'warning' | 'info'
  /** `messages are held that usually go through` */
  readonly title: string
  /** Empty: of the whole host. */
  readonly list: string
  readonly about: string
  readonly sinceMs: number
  readonly raisedMs: number | null
  /** null: no end was seen. */
  readonly endedMs: number | null
  readonly acknowledgedMs: number | null
  readonly count: number
  readonly figures: string
  readonly reasons: readonly string[]
  /** Message ids. */
  readonly examples: readonly string[]
  readonly before: readonly { readonly atMs: number | null; readonly text: string }[]
  /** A URL, or a place in the documents of this version. */
  readonly runbook: string
}

export interface Alerts {
  readonly alerts: readonly ShownAlert[]
  /** There are older ones. */
  readonly isCut: boolean
}

export interface Refusal {
  readonly message: string
  readonly remedy: string
}
