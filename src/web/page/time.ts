/** Instants as people of the site read and type them: in the zone of the logs, which need not be the browser's. */
export interface Time {
  /** `2024-03-01 17:30:05` */
  say(ms: number): string
  /** `2024-03-01T17:30:05`, for an input; and back. undefined: no time. */
  toInput(ms: number): string
  fromInput(text: string): number | undefined
  readonly zone: string
}

export function timeIn(zone: string): Time {
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const toInput = (ms: number): string => {
    const parts = new Map<string, string>(format.formatToParts(ms).map(({ type, value }) => [type, value]))
    const [year, month, day, hour, minute, second] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map(type =>
      parts.get(type),
    )
    return `${year?.padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}`
  }
  /** How far the zone is ahead of UTC. */
  const ahead = (ms: number): number => Date.parse(`${toInput(ms)}Z`) - Math.floor(ms / 1000) * 1000
  return {
    zone,
    toInput,
    say: ms => toInput(ms).replace('T', ' '),
    fromInput(text) {
      const asUtc = Date.parse(`${text}Z`)
      if (Number.isNaN(asUtc)) return undefined
      // The second look is right where the clocks change between the two.
      return asUtc - ahead(asUtc - ahead(asUtc))
    },
  }
}

/** `3 min 5 s`: the two largest units. */
export function sayDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const parts: string[] = []
  let rest = Math.round(ms / 1000)
  for (const [unit, seconds] of [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const) {
    if (rest >= seconds && parts.length < 2) parts.push(`${Math.floor(rest / seconds)} ${unit}`)
    rest %= seconds
  }
  return parts.join(' ')
}
