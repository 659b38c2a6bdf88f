/** `spam-wave`: far more posts of strangers are held than usual, while the posts of others go on. Nobody is woken for that. */
import type { Alert, Board } from './alert.js'
import type { HoldsWatch } from './holds-watch.js'
import { RateRun, UsualRate } from './rate-run.js'
import type { Decision, Standing } from './usual.js'

const TIMES = 4
const LIMIT = 30
const LEAST = 25
const LEAST_PER_HOUR = 2
const MIN_HOURS = 24
const MAX_REMEMBERED = 1000

export class WaveWatch {
  readonly #rate = new UsualRate(LEAST_PER_HOUR)
  readonly #run = new RateRun(this.#rate, TIMES)
  readonly #lists = new Set<string>()
  readonly #senders = new Set<string>()
  readonly #examples: string[] = []
  #open: Alert | undefined

  constructor(
    private readonly holds: HoldsWatch,
    private readonly board: Board,
  ) {}

  see({ atMs, held, list, sender, messageId }: Decision, standing: Standing): void {
    if (!held || standing !== 'stranger') return
    if (this.#lists.size < MAX_REMEMBERED) this.#lists.add(list)
    if (sender !== undefined && this.#senders.size < MAX_REMEMBERED) this.#senders.add(sender)
    if (messageId !== undefined && this.#examples.length < 5) this.#examples.push(messageId)
    this.#weigh(atMs, 1)
    this.#rate.count()
  }

  tick(nowMs: number): void {
    this.#weigh(nowMs, 0)
    this.#rate.pass(nowMs, this.#open === undefined && this.holds.alert === undefined)
  }

  #weigh(atMs: number, count: number): void {
    const evidence = this.#run.add(atMs, count)
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
      this.#run.cap(2 * LIMIT)
      return
    }
    // Where members are held too it may be the host's incident, which has a name of its own.
    if (this.holds.alert !== undefined) this.#run.cap(LIMIT / 2)
    if (evidence < LIMIT || this.#run.count < LEAST || this.#rate.hours < MIN_HOURS || this.holds.alert !== undefined) return
    this.#open = this.board.raise({
      kind: 'spam-wave',
      severity: 'info',
      list: this.#lists.size === 1 ? [...this.#lists][0]! : null,
      sinceMs: this.#run.sinceMs,
      raisedMs: atMs,
      count: this.#run.count,
      held: this.#run.count,
      lists: this.#lists.size,
      senders: this.#senders.size,
      usual: this.#run.usual,
      evidence,
      limit: LIMIT,
      reasons: [],
      examples: [...this.#examples],
    })
  }
}
