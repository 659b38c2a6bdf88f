export interface TrafficOptions {
  readonly lists?: number
  /** Days, both whole: `2015-05-12`. */
  readonly from?: string
  readonly to?: string
  readonly events?: number
  readonly seed?: number
  readonly incident?: '2015'
  readonly waves?: boolean
}

export interface TrafficRecord {
  /** Seconds since 1970. */
  readonly at: number
  readonly log: string
  readonly text: string
  /** As it is to be parsed; undefined: a part of the record before. */
  readonly action: string | undefined
}

/** Seconds since 1970. */
export const incident2015: {
  readonly stopped: number
  readonly started: number
  readonly mended: number
  readonly reason: string
}
export function generate(options?: TrafficOptions): Generator<TrafficRecord[]>
