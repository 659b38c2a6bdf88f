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

export interface UsualRateState {
  /** By hour of the week: how many came, in how many such hours. */
  readonly counts: Float64Array
  readonly weeks: Float64Array
  /** The hour that lasts, since 1970, and how many came in it. */
  hour: number
  inHour: number
  total: number
  hours: number
}

export class UsualRate {
  /** @param leastPerHour what is taken for usual where it was never seen */
  constructor(
    private readonly leastPerHour: number,
    readonly state: UsualRateState = {
      counts: new Float64Array(WEEK_HOURS),
      weeks: new Float64Array(WEEK_HOURS),
      hour: Number.NaN,
      inHour: 0,
      total: 0,
      hours: 0,
    },
  ) {}

  /** Hours that are known. */
  get hours(): number {
    return this.state.hours
  }

  perHour(atMs: number): number {
    const { counts, weeks, total, hours } = this.state
    const hour = Math.floor(atMs / HOUR_MS) % WEEK_HOURS
    const mean = hours === 0 ? 0 : total / hours
    return Math.max(this.leastPerHour, (counts[hour]! + PRIOR_HOURS * mean) / (weeks[hour]! + PRIOR_HOURS))
  }

  /** @param learns false while there is trouble: such an hour is left out */
  pass(atMs: number, learns: boolean): void {
    const { state } = this
    const hour = Math.floor(atMs / HOUR_MS)
    if (Number.isNaN(state.hour)) state.hour = hour
    // There were no logs, or the clock was set back.
    if (hour - state.hour > 2 * WEEK_HOURS || hour < state.hour) state.hour = hour
    for (; state.hour < hour; state.hour++) {
      if (learns) this.#learn(state.hour % WEEK_HOURS)
      state.inHour = 0
    }
  }

  count(): void {
    this.state.inHour++
  }

  #learn(hour: number): void {
    const { state } = this
    const { counts, weeks, inHour } = state
    if (weeks[hour]! >= MAX_WEEKS) {
      counts[hour]! *= 1 - 1 / MAX_WEEKS
      weeks[hour]! *= 1 - 1 / MAX_WEEKS
    }
    counts[hour]! += inHour
    weeks[hour]!++
    state.total += inHour
    state.hours++
  }
}

export interface RateRunState {
  sinceMs: number
  count: number
  /** How many are usual in the same time. */
  usual: number
  sum: number
  lastMs: number
}

export class RateRun {
  /** @param times how many times as many as usual it looks for */
  constructor(
    private readonly rate: UsualRate,
    private readonly times: number,
    readonly state: RateRunState = { sinceMs: 0, count: 0, usual: 0, sum: 0, lastMs: Number.NaN },
  ) {}

  /** Nothing speaks for it. */
  get isIdle(): boolean {
    return this.state.sum === 0
  }

  /** Time passes while it is idle. */
  pass(atMs: number): void {
    this.state.lastMs = atMs
  }

  /** Time passes, and `count` of it came. @returns the evidence in nats */
  add(atMs: number, count: number): number {
    const { state } = this
    if (Number.isNaN(state.lastMs)) state.lastMs = atMs
    const expected = (this.rate.perHour(atMs) * Math.max(0, atMs - state.lastMs)) / HOUR_MS
    state.lastMs = atMs
    state.sum = Math.max(0, state.sum - (this.times - 1) * expected)
    if (state.sum === 0 && count > 0) {
      state.sinceMs = atMs
      state.count = 0
      state.usual = 0
    }
    state.usual += expected
    state.count += count
    state.sum += count * Math.log(this.times)
    return state.sum
  }

  /** It is over where time has eaten up what spoke for it; more than `most` is not remembered, so that it ends in time. */
  cap(most: number): void {
    this.state.sum = Math.min(this.state.sum, most)
  }
}
