/**
 * How much garbage V8 lets stand. Left to itself it collects the old generation when that has grown to four times of what was alive,
 * for speed: 120 MB where 27 are alive (docs/performance.md). The flag is read at each collection, so it can be set when V8 runs.
 */
import { setFlagsFromString } from 'node:v8'

/** Collect after so much growth, in percent of what was alive. */
const GROWTH = 50

/** For the whole process, its threads too. To be called before anything is loaded. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`)
}
