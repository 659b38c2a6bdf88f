/** Troubles that are too many of something, one row each: what is counted, how much is too much, and how bad it is. */
import type { ActionName } from '../../parsers/_actions.js'
import type { Board } from './alert.js'
import { isError } from './errors.js'
import { Excess, type ExcessLimits } from './excess.js'
import type { Fact } from './fact.js'

export interface RateKind extends Omit<ExcessLimits, 'leastHours' | 'ofHolds'> {
  counts(fact: Fact): boolean
  /** Of facts with the same key within a minute only the first counts: they come from one cause. */
  key(fact: Fact): string
}

const of = (...actions: ActionName[]) => ({
  counts: ({ action }: Fact): boolean => action !== undefined && actions.includes(action),
})

export const rateKinds: readonly RateKind[] = [
  {
    kind: 'delivery-failures',
    severity: 'critical',
    ...of('smtp-connect-failed', 'smtp-auth-failed'),
    key: () => '',
    times: 5,
    leastPerHour: 0.5,
    least: 5,
    limit: 12,
  },
  {
    kind: 'delivery-failures',
    severity: 'warning',
    ...of('message-delivery-failed', 'delivery-abandoned'),
    key: ({ list, messageId }) => `${list} ${messageId}`,
    times: 5,
    leastPerHour: 4,
    least: 30,
    limit: 30,
  },
  {
    kind: 'bounce-storm',
    severity: 'warning',
    ...of('bounce-received', 'bounce-ignored', 'bounce-unrecognized'),
    key: ({ list, atMs }) => `${list} ${atMs}`,
    times: 5,
    leastPerHour: 6,
    least: 50,
    limit: 40,
  },
  {
    kind: 'error-burst',
    severity: 'warning',
    counts: ({ action }) => isError(action),
    key: ({ atMs }) => `${atMs}`,
    times: 6,
    leastPerHour: 1,
    least: 10,
    limit: 15,
  },
  {
    kind: 'login-attacks',
    severity: 'warning',
    ...of('login-failed', 'account-probe'),
    key: ({ atMs }) => `${atMs}`,
    times: 6,
    leastPerHour: 3,
    least: 30,
    limit: 30,
  },
  {
    kind: 'subscription-flood',
    severity: 'warning',
    ...of('subscription-pending', 'subscription-held', 'subscription-banned', 'subscription-refused'),
    key: ({ atMs, list }) => `${list} ${atMs}`,
    times: 6,
    leastPerHour: 4,
    least: 30,
    limit: 30,
  },
]

/** Keys of the minute. */
const MAX_KEYS = 1000
/** A week: a Monday is three times a Sunday. */
const LEAST_HOURS = 168

export class RateWatch {
  readonly #excess: Excess
  #keys = new Set<string>()
  #minute = 0

  constructor(
    private readonly kind: RateKind,
    board: Board,
  ) {
    this.#excess = new Excess({ ...kind, leastHours: LEAST_HOURS }, board)
  }

  see(fact: Fact): void {
    if (!this.kind.counts(fact)) return
    const { atMs, list, sender } = fact
    const minute = Math.floor(atMs / 60_000)
    if (minute !== this.#minute) this.#keys = new Set()
    this.#minute = minute
    const key = this.kind.key(fact)
    if (this.#keys.has(key) || this.#keys.size >= MAX_KEYS) return
    this.#keys.add(key)
    this.#excess.count({ atMs, list, sender })
  }

  tick(nowMs: number): void {
    this.#excess.tick(nowMs)
  }
}
