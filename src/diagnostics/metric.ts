/** What a metric is in the tables: read from what the agent knows at the moment when somebody asks. */
import type { AgentStatus, ListTallies, Tally } from './status.js'

export type Samples = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[]

export interface Metric {
  /** Of ours, without `mailman_shipper_`. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly labels?: readonly string[]
  readonly read: (status: AgentStatus, lists: ListTallies) => number | Samples | undefined
}

export const byLabel = (label: string, tally: Tally): Samples =>
  Object.entries(tally).map(([key, value]) => [{ [label]: key }, value])

export const secondsOf = (date: string | null): number | undefined => (date === null ? undefined : Date.parse(date) / 1000)
