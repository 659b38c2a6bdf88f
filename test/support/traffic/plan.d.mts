export interface Down {
  /** Seconds since 1970. */
  readonly stopped: number
  readonly started: number
}

/** What befalls a host; times in seconds since 1970. */
export interface Plan {
  /** Of local time. */
  readonly paces?: readonly { from: number; to: number; pace: number }[]
  /** Spam beside the usual, to as many lists; undefined: to all. */
  readonly waves?: readonly { from: number; to: number; perHour: number; lists?: number }[]
  readonly stops?: readonly Down[]
  /** Moderators decide on many at once. */
  readonly clears?: readonly { at: number; count: number; isLogged: boolean }[]
  /** The clock is wrong by so many seconds. */
  readonly clocks?: readonly { from: number; to: number; by: number }[]
  readonly outage?: Down & { readonly until: number; readonly reason: Reason; readonly errors?: number }
  /** Lists that hold all, by their place. */
  readonly heldLists?: readonly { index: number; from: number; until: number; reason: Reason }[]
  readonly digestsAreLogged?: boolean
}

export type Reason = 'header' | 'stranger' | 'mixed'

export function restart(at: number, seconds: number): Down
export function quietPlan(options: { from: number; to: number; seed: number; holdsPerHour: number }): Plan
/** Seconds from UTC. */
export function europe(at: number): number
