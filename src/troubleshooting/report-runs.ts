/**
 * Where the share of holds leaves the usual. Each minute is weighed: a hold speaks for “far more is held than usual”, a delivered
 * post against it, each by how much likelier it is with a share halfway between the usual one and all (`log` of the ratio). The
 * stretch with the greatest sum is the run (the best segment of a change-point test); it begins and ends with holds.
 */

/** Of one span, minute by minute. */
export interface Minutes {
  readonly held: readonly number[]
  /** Delivered without a moderator. */
  readonly posted: readonly number[]
}

/** Minutes from the span's beginning; `end` exclusive. */
export interface Run {
  readonly start: number
  readonly end: number
  readonly held: number
  readonly posted: number
  /** In the same minutes of a usual week: the mean. */
  readonly usualHeld: number
  readonly usualPosted: number
  readonly weight: number
}

/** Chance makes a sum of 15 once in some millions of holds and posts. */
const MIN_WEIGHT = 15
/** Usual weeks have waves of their own: a run must weigh so many times as much as theirs. */
const TIMES_USUAL = 2
const MIN_HOLDS = 20
/** One list has few posts: there the weight decides. */
const MIN_HOLDS_OF_LIST = 5
const TIMES_HOLDS = 3
const MAX_RUNS = 5
/** So many holds and posts of a usual hour count as much as the mean of all hours. */
const STEADY = 20

/** @returns in the order of time; empty where there is no usual week */
export function findRuns(seen: Minutes, usual: readonly Minutes[], isOneList = false): Run[] {
  if (usual.length === 0) return []
  const shares = usualShares(usual, seen.held.length)
  const own = usual.map(week => Math.max(0, ...stretches(weigh(week, shares)).map(({ weight }) => weight))).sort((a, b) => a - b)
  const least = Math.max(MIN_WEIGHT, TIMES_USUAL * own[Math.floor((own.length - 1) / 2)]!)
  const weights = weigh(seen, shares)
  const runs: Run[] = []
  for (const { start, end, weight } of stretches(weights).filter(stretch => stretch.weight >= least)) {
    const mean = (of: keyof Minutes) => usual.reduce((all, week) => all + sum(week[of], start, end), 0) / usual.length
    const held = sum(seen.held, start, end)
    const run = {
      start,
      end,
      weight,
      held,
      posted: sum(seen.posted, start, end),
      usualHeld: mean('held'),
      usualPosted: mean('posted'),
    }
    if (held >= (isOneList ? MIN_HOLDS_OF_LIST : MIN_HOLDS) && held >= TIMES_HOLDS * run.usualHeld) runs.push(run)
  }
  return runs
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_RUNS)
    .sort((a, b) => a.start - b.start)
}

/** The usual share of holds at each minute: of the hour, drawn towards the mean where the hour has few. */
export function usualShares(usual: readonly Minutes[], length: number): number[] {
  const total = (of: keyof Minutes, from: number, to: number) => usual.reduce((all, week) => all + sum(week[of], from, to), 0)
  const held = total('held', 0, length)
  const mean = (held + 1) / (held + total('posted', 0, length) + 2)
  const shares: number[] = []
  for (let from = 0; from < length; from += 60) {
    const hourHeld = total('held', from, from + 60)
    const share = (hourHeld + STEADY * mean) / (hourHeld + total('posted', from, from + 60) + STEADY)
    for (let i = from; i < Math.min(from + 60, length); i++) shares.push(Math.min(0.9, Math.max(0.01, share)))
  }
  return shares
}

function weigh({ held, posted }: Minutes, shares: readonly number[]): number[] {
  return held.map((holds, i) => {
    const share = shares[i] ?? 0.5
    const high = (1 + share) / 2
    return holds * Math.log(high / share) + (posted[i] ?? 0) * Math.log((1 - high) / (1 - share))
  })
}

/**
 * Stretches whose sums rise above 0, each from its beginning to where its sum is greatest. One is over when its sum has fallen by
 * what would make a run by itself: two waves with usual hours between them are two.
 */
function stretches(weights: readonly number[]): { start: number; end: number; weight: number }[] {
  const found: { start: number; end: number; weight: number }[] = []
  let best = { start: 0, end: 0, weight: 0 }
  let weight = 0
  for (let i = 0; i < weights.length; i++) {
    if (weight <= 0 && best.weight === 0) best = { start: i, end: i, weight: 0 }
    weight = Math.max(0, weight) + weights[i]!
    if (weight > best.weight) best = { start: best.start, end: i + 1, weight }
    if (best.weight === 0 || (weight > 0 && weight > best.weight - MIN_WEIGHT)) continue
    found.push(best)
    i = best.end - 1
    best = { start: i + 1, end: i + 1, weight: 0 }
    weight = 0
  }
  return best.weight > 0 ? [...found, best] : found
}

function sum(counts: readonly number[], from: number, to: number): number {
  let all = 0
  for (let i = from; i < to; i++) all += counts[i] ?? 0
  return all
}
