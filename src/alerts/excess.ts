/** Far more of something than usual, from its beginning to its end: one alert for each time. What is counted, the caller says. */
import type { Alert, AlertKind, Board, Severity } from './alert.js'
import { owned } from './hash.js'
import { RateRun, type RateRunState, UsualRate, type UsualRateState } from './rate-run.js'

export interface ExcessLimits {
  readonly kind: AlertKind
  readonly severity: Severity
  /** How many times as many as usual it looks for. */
  readonly times: number
  /** What is taken for usual where it was never seen. */
  readonly leastPerHour: number
  /** Fewer are no trouble, however rare they are. */
  readonly least: number
  /** In nats. */
  readonly limit: number
  /** So much must be known of what is usual. */
  readonly leastHours: number
  /** What is counted are held messages. */
  readonly ofHolds?: true
}

const MAX_REMEMBERED = 1000
const MAX_EXAMPLES = 5

export interface ExcessState {
  readonly rate: UsualRateState
  readonly run: RateRunState
  readonly lists: Set<string>
  /** Hashes. */
  readonly senders: Set<number>
  readonly examples: string[]
  open: Alert | undefined
}

export class Excess {
  readonly state: ExcessState
  readonly #rate: UsualRate
  readonly #run: RateRun

  /** @param belongsElsewhere while it is true there is a trouble of another name: nothing is told, nor learned */
  constructor(
    private readonly limits: ExcessLimits,
    private readonly board: Board,
    state?: ExcessState,
    private readonly belongsElsewhere: () => boolean = () => false,
  ) {
    this.#rate = new UsualRate(limits.leastPerHour, state?.rate)
    this.#run = new RateRun(this.#rate, limits.times, state?.run)
    this.state = state ?? {
      rate: this.#rate.state,
      run: this.#run.state,
      lists: new Set(),
      senders: new Set(),
      examples: [],
      open: undefined,
    }
  }

  /** @param sender hash; 0: not known  @param messageId for an example */
  count(atMs: number, list: string | undefined, sender: number, messageId: string | undefined): void {
    const { lists, senders, examples } = this.state
    if (list !== undefined && lists.size < MAX_REMEMBERED && !lists.has(list)) lists.add(owned(list))
    if (sender !== 0 && senders.size < MAX_REMEMBERED) senders.add(sender)
    if (messageId !== undefined && examples.length < MAX_EXAMPLES) examples.push(owned(messageId))
    this.#weigh(atMs, 1)
    this.#rate.count()
  }

  /** Time has passed. */
  tick(nowMs: number): void {
    if (this.#run.isIdle) this.#run.pass(nowMs)
    else this.#weigh(nowMs, 0)
    this.#rate.pass(nowMs, this.state.open === undefined && !this.belongsElsewhere())
  }

  #weigh(atMs: number, count: number): void {
    const { state } = this
    const evidence = this.#run.add(atMs, count)
    const { limit, least, leastHours } = this.limits
    if (evidence === 0) {
      if (state.open !== undefined) this.board.end(state.open, atMs)
      state.open = undefined
      state.lists.clear()
      state.senders.clear()
      state.examples.length = 0
      return
    }
    if (state.open !== undefined) {
      state.open.count += count
      this.#run.cap(2 * limit)
      return
    }
    if (this.belongsElsewhere()) this.#run.cap(limit / 2)
    else if (evidence >= limit && state.run.count >= least && this.#rate.hours >= leastHours) this.#raise(atMs, evidence)
  }

  #raise(atMs: number, evidence: number): void {
    const { kind, severity, limit, ofHolds } = this.limits
    const { lists, senders, examples } = this.state
    const { sinceMs, count, usual } = this.state.run
    this.state.open = this.board.raise({
      kind,
      severity,
      list: lists.size === 1 ? [...lists][0]! : null,
      sinceMs,
      raisedMs: atMs,
      count,
      held: ofHolds ? count : 0,
      lists: lists.size,
      senders: senders.size,
      usual,
      evidence,
      limit,
      reasons: [],
      examples: [...examples],
    })
  }
}
