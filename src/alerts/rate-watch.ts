/** Troubles that are too many of something, one row each: what is counted, how much is too much, and how bad it is. */
import type { ActionName } from '../../parsers/_actions.js'
import type { Alert, AlertKind, Board, Severity } from './alert.js'
import { isError } from './errors.js'
import type { Fact } from './fact.js'
import { RateRun, UsualRate } from './rate-run.js'

export interface RateKind {
  readonly kind: AlertKind
  readonly severity: Severity
  counts(fact: Fact): boolean
  /** Of facts with the same key within a minute only the first counts: they come from one cause. */
  key(fact: Fact): string
  readonly times: number
  /** What is taken for usual where it was never seen. */
  readonly leastPerHour: number
  /** Fewer are no trouble, however rare they are. */
  readonly least: number
  /** In nats. */
  readonly limit: number
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
const MIN_HOURS = 168
const MAX_REMEMBERED = 1000

export class RateWatch {
  readonly #rate: UsualRate
  readonly #run: RateRun
  readonly #lists = new Map<string, number>()
  readonly #senders = new Set<string>()
  #keys = new Set<string>()
  #minute = 0
  #open: Alert | undefined

  constructor(
    private readonly kind: RateKind,
    private readonly board: Board,
  ) {
    this.#rate = new UsualRate(kind.leastPerHour)
    this.#run = new RateRun(this.#rate, kind.times)
  }

  see(fact: Fact): void {
    if (!this.kind.counts(fact)) return
    const minute = Math.floor(fact.atMs / 60_000)
    if (minute !== this.#minute) this.#keys = new Set()
    this.#minute = minute
    const key = this.kind.key(fact)
    if (this.#keys.has(key) || this.#keys.size >= MAX_KEYS) return
    this.#keys.add(key)
    if (fact.list !== undefined && this.#lists.size < MAX_REMEMBERED)
      this.#lists.set(fact.list, (this.#lists.get(fact.list) ?? 0) + 1)
    if (fact.sender !== undefined && this.#senders.size < MAX_REMEMBERED) this.#senders.add(fact.sender)
    this.#weigh(fact.atMs, 1)
    this.#rate.count()
  }

  /** Time has passed. */
  tick(nowMs: number): void {
    this.#weigh(nowMs, 0)
    this.#rate.pass(nowMs, this.#open === undefined)
  }

  #weigh(atMs: number, count: number): void {
    const evidence = this.#run.add(atMs, count)
    const { kind, severity, limit, least } = this.kind
    if (evidence === 0) {
      if (this.#open !== undefined) this.board.end(this.#open, atMs)
      this.#open = undefined
      this.#lists.clear()
      this.#senders.clear()
      return
    }
    if (this.#open !== undefined) {
      this.#open.count += count
      this.#run.cap(2 * limit)
      return
    }
    if (evidence < limit || this.#run.count < least || this.#rate.hours < MIN_HOURS) return
    this.#open = this.board.raise({
      kind,
      severity,
      list: this.#lists.size === 1 ? [...this.#lists.keys()][0]! : null,
      sinceMs: this.#run.sinceMs,
      raisedMs: atMs,
      count: this.#run.count,
      held: 0,
      lists: this.#lists.size,
      senders: this.#senders.size,
      usual: this.#run.usual,
      evidence,
      limit,
      reasons: [],
      examples: [],
    })
  }
}
