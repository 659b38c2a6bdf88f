/** Troubles that are too many of something, one row each: what is counted, how much is too much, and how bad it is. */
import type { ActionName } from '../../parsers/_actions.js'
import type { Board } from './alert.js'
import { ERRORS } from './errors.js'
import { Excess, type ExcessLimits, type ExcessState } from './excess.js'
import type { Fact } from './fact.js'
import { hashOf, paired } from './hash.js'

export interface RateKind extends Omit<ExcessLimits, 'leastHours' | 'ofHolds'> {
  readonly actions: readonly ActionName[]
  /** Which of them; default: all. */
  counts?(fact: Fact): boolean
  /** Of facts with the same key within a minute only the first counts: they come from one cause. */
  key(fact: Fact): number
}

const second = ({ atMs }: Fact): number => Math.floor(atMs / 1000) | 0
const ofList = ({ list }: Fact): number => (list === undefined ? 0 : hashOf(list))
/** Of a list and message; where the log does not say which message, what is of one second is of one. */
const ofMessage = (fact: Fact): number =>
  paired(ofList(fact), fact.messageId === undefined ? second(fact) : hashOf(fact.messageId))

/** It was not the message: the connection was refused, or broke. 2.1 says that it cannot connect only once. */
const isLowLevel = ({ template }: Fact): boolean => template.includes('ow level ') // `Low level SMTP error`, and 3's `low level`

/** So long a delivery to the mail server takes where that is in trouble, or looks up every name. */
export const SLOW_SECONDS = 60

export const rateKinds: readonly RateKind[] = [
  {
    kind: 'delivery-failures',
    severity: 'critical',
    actions: ['smtp-connect-failed', 'smtp-auth-failed', 'message-delivery-failed'],
    counts: fact => fact.action !== 'message-delivery-failed' || isLowLevel(fact),
    key: () => 1,
    times: 5,
    leastPerHour: 0.5,
    least: 5,
    limit: 12,
  },
  {
    kind: 'delivery-failures',
    severity: 'warning',
    actions: ['message-delivery-failed', 'delivery-abandoned'],
    counts: fact => !isLowLevel(fact),
    key: ofMessage,
    times: 5,
    leastPerHour: 4,
    least: 30,
    limit: 30,
  },
  {
    kind: 'delivery-slow',
    severity: 'warning',
    actions: ['message-delivered'],
    counts: ({ seconds }) => seconds >= SLOW_SECONDS,
    key: ofMessage,
    times: 6,
    leastPerHour: 0.5,
    least: 5,
    limit: 12,
  },
  {
    kind: 'bounce-storm',
    severity: 'warning',
    actions: ['bounce-received', 'bounce-ignored', 'bounce-unrecognized'],
    // A bounce that nobody understood is two lines, of one message.
    key: ofMessage,
    times: 5,
    leastPerHour: 6,
    least: 50,
    limit: 40,
  },
  {
    kind: 'error-burst',
    severity: 'warning',
    actions: [...ERRORS],
    key: second,
    times: 6,
    leastPerHour: 1,
    least: 10,
    limit: 15,
  },
  {
    kind: 'login-attacks',
    severity: 'warning',
    actions: ['login-failed', 'account-probe'],
    // 2.1.29 tells of one failure in two logs.
    key: second,
    times: 6,
    leastPerHour: 3,
    least: 30,
    limit: 30,
  },
  {
    kind: 'subscription-flood',
    severity: 'warning',
    actions: ['subscription-pending', 'subscription-held', 'subscription-banned', 'subscription-refused'],
    key: fact => paired(ofList(fact), second(fact)),
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

export interface RateState {
  readonly excess: ExcessState
  /** Keys of that minute. */
  readonly keys: Set<number>
  minute: number
}

export class RateWatch {
  readonly state: RateState
  readonly #excess: Excess

  constructor(
    readonly kind: RateKind,
    board: Board,
    state?: RateState,
  ) {
    this.#excess = new Excess({ ...kind, leastHours: LEAST_HOURS }, board, state?.excess)
    this.state = state ?? { excess: this.#excess.state, keys: new Set(), minute: 0 }
  }

  see(fact: Fact): void {
    if (this.kind.counts?.(fact) === false) return
    const { atMs } = fact
    const { state } = this
    const minute = Math.floor(atMs / 60_000)
    if (minute !== state.minute) state.keys.clear()
    state.minute = minute
    const key = this.kind.key(fact)
    if (state.keys.has(key) || state.keys.size >= MAX_KEYS) return
    state.keys.add(key)
    const { list, sender } = fact
    this.#excess.count(atMs, list, sender === undefined ? 0 : hashOf(sender), undefined)
  }

  tick(nowMs: number): void {
    this.#excess.tick(nowMs)
  }
}
