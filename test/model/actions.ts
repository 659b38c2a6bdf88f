/** Programs: what may happen to a log, to the agent and to what it ships to, in any order. Each action is one line of a report. */
import fc from 'fast-check'

export const LOGS = ['error', 'post', 'vette'] as const
export type Log = (typeof LOGS)[number]

/**
 * How the server behaves: `deaf` stores and its answer is lost, `slow` takes no request to its end until it is `up` again, `busy`
 * takes every other document.
 */
export type Mood = 'up' | 'down' | 'deaf' | 'slow' | 'busy'

/** Where the agent is killed: now, or when it next comes by there. */
export type Place = 'now' | 'before sending' | 'before the answer' | 'before saving' | 'after saving'

export type Action =
  | { readonly do: 'write'; readonly log: Log; readonly lines: number }
  /** A piece of a line; the rest comes with what is written next. */
  | { readonly do: 'write part'; readonly log: Log; readonly percent: number }
  /** Mailman's SIGHUP: lines go into the file that has the name now. */
  | { readonly do: 'reopen'; readonly log: Log }
  | { readonly do: 'rotate' | 'truncate' | 'gzip' | 'gzip slowly' | 'chmod'; readonly log: Log }
  /** `late`: lines that are written after the copy and before the cut. */
  | { readonly do: 'copytruncate'; readonly log: Log; readonly late: number }
  /** `file`: the live one, `.1`, `.2`… */
  | { readonly do: 'delete'; readonly log: Log; readonly file: number }
  | { readonly do: 'chmod directory' | 'start' | 'stop' | 'rollover' | 'hint' }
  | { readonly do: 'kill'; readonly at: Place; readonly restart: boolean }
  | { readonly do: 'server'; readonly is: Mood }
  | { readonly do: 'wait'; readonly ms: number }

const log = fc.constantFrom(...LOGS)
const does = <Name extends string>(...names: Name[]): { do: fc.Arbitrary<Name> } => ({ do: fc.constantFrom(...names) })

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ ...does('write'), log, lines: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 3, arbitrary: fc.record({ ...does('write part'), log, percent: fc.nat(100) }) },
  { weight: 7, arbitrary: fc.record({ ...does('rotate', 'reopen', 'gzip', 'gzip slowly', 'truncate'), log }) },
  { weight: 2, arbitrary: fc.record({ ...does('copytruncate'), log, late: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ ...does('delete'), log, file: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ ...does('chmod'), log }) },
  { weight: 2, arbitrary: fc.record(does('stop', 'rollover', 'chmod directory')) },
  { weight: 5, arbitrary: fc.record(does('hint', 'start')) },
  {
    weight: 5,
    arbitrary: fc.record({
      ...does('kill'),
      at: fc.constantFrom<Place[]>('now', 'before sending', 'before the answer', 'before saving', 'after saving'),
      restart: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ ...does('server'), is: fc.constantFrom<Mood[]>('up', 'down', 'deaf', 'slow', 'busy') }) },
  { weight: 10, arbitrary: fc.record({ ...does('wait'), ms: fc.constantFrom(60, 300, 1_200, 6_000, 70_000) }) },
)

export const program: fc.Arbitrary<readonly Action[]> = fc.array(action, { minLength: 5, maxLength: 40, size: 'max' })

export const describe = (actions: readonly Action[]): string => actions.map(one => JSON.stringify(one)).join('\n')
