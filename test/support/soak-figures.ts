/** The figures of a soak: what the agent took of the machine, as tables of text. */
import type { Sample } from './soak-agent.js'

type Figure = 'rssMb' | 'openFiles' | 'stateKb'

/** Samples of a life older than this are compared: before, memory still warms up. */
const WARM_SECONDS = 30

/** First, median, last and most of the life that was longest, and of all lives when they were equally old. */
export function figuresOf(samples: readonly Sample[]): string[] {
  const lives = [...new Set(samples.map(({ life }) => life))].map(life => samples.filter(sample => sample.life === life))
  const longest = lives.toSorted((a, b) => b.at(-1)!.ageSeconds - a.at(-1)!.ageSeconds)[0]
  if (longest === undefined) return ['no samples']
  const rows: [string, readonly Sample[], Figure][] = [
    [`RSS, MB: life ${longest[0]!.life}, ${longest.at(-1)!.ageSeconds} s`, longest, 'rssMb'],
    ['RSS, MB: all samples', samples, 'rssMb'],
  ]
  for (const age of [10, WARM_SECONDS, 60, 120]) {
    const alike = lives.flatMap(life => life.find(({ ageSeconds }) => ageSeconds >= age && ageSeconds < age + 10) ?? [])
    if (alike.length > 1) rows.push([`RSS, MB: ${alike.length} lives at ${age} s`, alike, 'rssMb'])
  }
  rows.push(['open files', samples, 'openFiles'], ['state, kB', samples, 'stateKb'])
  const head = `${''.padEnd(34)}${['first', 'median', 'last', 'max'].map(name => name.padStart(8)).join('')}`
  return [
    head,
    ...rows.map(([name, some, figure]) => {
      const values = some.map(sample => sample[figure])
      const cells = [values[0]!, medianOf(values), values.at(-1)!, Math.max(...values)]
      return `${name.padEnd(34)}${cells.map(cell => cell.toFixed(1).padStart(8)).join('')}`
    }),
    `processor: ${(100 * shareOf(longest)).toFixed(0)} % of one core in the longest life`,
  ]
}

export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function shareOf(life: readonly Sample[]): number {
  const [first, last] = [life[0]!, life.at(-1)!]
  return (last.cpuSeconds - first.cpuSeconds) / Math.max(1, last.atSeconds - first.atSeconds)
}

/**
 * In each life that lasts, once it is warm, the median of its first and of its last third: memory that is flat has the same. Lives are
 * not compared with each other: a later one begins with more rotated files.
 * @returns that of the life that grew most
 */
export function driftOf(
  samples: readonly Sample[],
): { readonly life: number; readonly firstMb: number; readonly lastMb: number } | undefined {
  const warm = samples.filter(({ ageSeconds }) => ageSeconds >= WARM_SECONDS)
  return [...new Set(warm.map(({ life }) => life))]
    .map(life => ({ life, values: warm.filter(sample => sample.life === life).map(({ rssMb }) => rssMb) }))
    .filter(({ values }) => values.length >= 9)
    .map(({ life, values }) => {
      const third = Math.floor(values.length / 3)
      return { life, firstMb: medianOf(values.slice(0, third)), lastMb: medianOf(values.slice(-third)) }
    })
    .sort((a, b) => b.lastMb / b.firstMb - a.lastMb / a.firstMb)[0]
}
