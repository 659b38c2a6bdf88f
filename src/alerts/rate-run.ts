/**
 * Whether something comes far more often than usual: a CUSUM of log-likelihood ratios of two Poisson rates, the usual one of that
 * hour of the week and TIMES as many (docs/alerting.md). What comes in clusters must be counted once for each cluster by the caller.
 */

const HOUR_MS = 3_600_000
const WEEK_HOURS = 168
/** So many hours of the mean rate count as much as what was seen in one hour of the week. */
const PRIOR_HOURS = 3
/** Weeks fade: an hour of the week remembers about the last eight. */
const MAX_WEEKS = 8

export class UsualRate {
  readonly #counts = new Float64Array(WEEK_HOURS)
  readonly #weeks = new Float64Array(WEEK_HOURS)
  #hour = Number.NaN
  #inHour = 0
  #total = 0
  #hours = 0

  /** @param leastPerHour what is taken for usual where it was never seen */
  constructor(private readonly leastPerHour: number) {}

  /** Hours that are known. */
  get hours(): number {
    return this.#hours
  }

  perHour(atMs: number): number {
    const hour = Math.floor(atMs / HOUR_MS) % WEEK_HOURS
    const mean = this.#hours === 0 ? 0 : this.#total / this.#hours
    return Math.max(this.leastPerHour, (this.#counts[hour]! + PRIOR_HOURS * mean) / (this.#weeks[hour]! + PRIOR_HOURS))
  }

  /** @param learns false while there is trouble: such an hour is left out */
  pass(atMs: number, learns: boolean): void {
    const hour = Math.floor(atMs / HOUR_MS)
    if (Number.isNaN(this.#hour)) this.#hour = hour
    if (hour - this.#hour > 2 * WEEK_HOURS) this.#hour = hour
    for (; this.#hour < hour; this.#hour++) {
      if (learns) this.#learn(this.#hour % WEEK_HOURS)
      this.#inHour = 0
    }
  }

  count(): void {
    this.#inHour++
  }

  #learn(hour: number): void {
    if (this.#weeks[hour]! >= MAX_WEEKS) {
      this.#counts[hour]! *= 1 - 1 / MAX_WEEKS
      this.#weeks[hour]! *= 1 - 1 / MAX_WEEKS
    }
    this.#counts[hour]! += this.#inHour
    this.#weeks[hour]!++
    this.#total += this.#inHour
    this.#hours++
  }
}

export class RateRun {
  sinceMs = 0
  count = 0
  usual = 0
  #sum = 0
  #lastMs = Number.NaN

  /** @param times how many times as many as usual it looks for */
  constructor(
    private readonly rate: UsualRate,
    private readonly times: number,
  ) {}

  /** Time passes, and `count` of it came. @returns the evidence in nats */
  add(atMs: number, count: number): number {
    if (Number.isNaN(this.#lastMs)) this.#lastMs = atMs
    const expected = (this.rate.perHour(atMs) * Math.max(0, atMs - this.#lastMs)) / HOUR_MS
    this.#lastMs = Math.max(atMs, this.#lastMs)
    this.#sum = Math.max(0, this.#sum - (this.times - 1) * expected)
    if (this.#sum === 0 && count > 0) {
      this.sinceMs = atMs
      this.count = 0
      this.usual = 0
    }
    this.usual += expected
    this.count += count
    this.#sum += count * Math.log(this.times)
    return this.#sum
  }

  /** It is over where time has eaten up what spoke for it; more than `most` is not remembered, so that it ends in time. */
  cap(most: number): void {
    this.#sum = Math.min(this.#sum, most)
  }
}
