/** Far more of something than usual, from its beginning to its end: one alert for each time. What is counted, the caller says. */
import type { Alert, AlertKind, Board, Severity } from './alert.js'
import { RateRun, UsualRate } from './rate-run.js'

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

export interface One {
  readonly atMs: number
  readonly list: string | undefined
  readonly sender: string | undefined
  /** For an example. */
  readonly messageId?: string | undefined
}

const MAX_REMEMBERED = 1000
const MAX_EXAMPLES = 5

export class Excess {
  readonly #rate: UsualRate
  readonly #run: RateRun
  readonly #lists = new Set<string>()
  readonly #senders = new Set<string>()
  readonly #examples: string[] = []
  #open: Alert | undefined

  /** @param belongsElsewhere while it is true there is a trouble of another name: nothing is told, nor learned */
  constructor(
    private readonly limits: ExcessLimits,
    private readonly board: Board,
    private readonly belongsElsewhere: () => boolean = () => false,
  ) {
    this.#rate = new UsualRate(limits.leastPerHour)
    this.#run = new RateRun(this.#rate, limits.times)
  }

  count({ atMs, list, sender, messageId }: One): void {
    if (list !== undefined && this.#lists.size < MAX_REMEMBERED) this.#lists.add(list)
    if (sender !== undefined && this.#senders.size < MAX_REMEMBERED) this.#senders.add(sender)
    if (messageId !== undefined && this.#examples.length < MAX_EXAMPLES) this.#examples.push(messageId)
    this.#weigh(atMs, 1)
    this.#rate.count()
  }

  /** Time has passed. */
  tick(nowMs: number): void {
    this.#weigh(nowMs, 0)
    this.#rate.pass(nowMs, this.#open === undefined && !this.belongsElsewhere())
  }

  #weigh(atMs: number, count: number): void {
    const evidence = this.#run.add(atMs, count)
    const { limit, least, leastHours } = this.limits
    if (evidence === 0) {
      if (this.#open !== undefined) this.board.end(this.#open, atMs)
      this.#open = undefined
      this.#lists.clear()
      this.#senders.clear()
      this.#examples.length = 0
      return
    }
    if (this.#open !== undefined) {
      this.#open.count += count
      this.#run.cap(2 * limit)
      return
    }
    if (this.belongsElsewhere()) this.#run.cap(limit / 2)
    else if (evidence >= limit && this.#run.count >= least && this.#rate.hours >= leastHours) this.#raise(atMs, evidence)
  }

  #raise(atMs: number, evidence: number): void {
    const { kind, severity, limit, ofHolds } = this.limits
    const { sinceMs, count, usual } = this.#run
    this.#open = this.board.raise({
      kind,
      severity,
      list: this.#lists.size === 1 ? [...this.#lists][0]! : null,
      sinceMs,
      raisedMs: atMs,
      count,
      held: ofHolds ? count : 0,
      lists: this.#lists.size,
      senders: this.#senders.size,
      usual,
      evidence,
      limit,
      reasons: [],
      examples: [...this.#examples],
    })
  }
}
