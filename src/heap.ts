/**
 * How much garbage V8 lets stand. Left to itself it collects the old generation when that has grown to four times of what was alive,
 * and lets the young one grow to 32 MB (Node 20; 64 on 24), for speed: 120 MB where 27 are alive (docs/performance.md). These flags
 * are read at each collection, so they can be set while V8 runs; `--max-semi-space-size` could not.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collect after so much growth, in percent of what was alive. */
const GROWTH = 50

/** Two halves: what is made goes into the one, and what is alive of it is copied to the other. Less costs time, more saves none. */
const YOUNG_BYTES = 8 * 2 ** 20

/** Settled from one tick to the next: there is much to do. */
const MANY_EVENTS = 2_000
/** Ticks in which none was: it is quiet. */
const QUIET_TICKS = 3

const IS_20 = process.version.startsWith('v20.')

/** V8 of Node 20 takes any argument for a request to collect the young generation only; that of 24 keeps its pages without these. */
const COLLECT = IS_20 ? 'gc(); gc()' : "gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })"

/** While it is given back: code that did not run since the collection before goes too, and V8 of Node 20 moves together what stays. */
const THOROUGH = [
  '--expose-gc',
  '--bytecode-old-age=1',
  '--flush-baseline-code',
  ...(IS_20 ? ['--compact-on-every-full-gc'] : []),
]
const USUAL = ['--no-expose-gc', '--bytecode-old-age=5', '--no-flush-baseline-code', '--no-compact-on-every-full-gc']

/** For the whole process, its threads too. To be called before anything is loaded. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`)
}

/**
 * For a process that stays, and now and then again: the young generation does not grow by itself. V8 takes memory from it when little
 * is done, and lets it grow again once a thread begins.
 * @param isBusy so it is to be as large as it may be, or each collection finds less of it dead
 */
export function holdYoungGeneration(isBusy: boolean): void {
  if (isBusy && youngBytes() < YOUNG_BYTES) grow()
  setFlagsFromString('--semi-space-growth-factor=1')
}

/** It grows when as much as it holds has outlived a collection: 2 MB are kept, and replaced bit by bit. */
function grow(): void {
  setFlagsFromString('--semi-space-growth-factor=2')
  const alive: number[][] = []
  for (let round = 0; round < 4096 && (round % 64 > 0 || youngBytes() < YOUNG_BYTES); round++)
    alive[round % 256] = new Array<number>(1024).fill(round)
}

const youngBytes = (): number => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0

/**
 * What was made for the start, or for much that came, is given back to the system when it is quiet, 3 MB of it code. V8 would do so
 * after a while, or never: where little is made, nothing is collected. It takes 20–100 ms, in which nothing else is done.
 */
function giveBack(): void {
  THOROUGH.forEach(setFlagsFromString)
  runInNewContext(COLLECT)
  USUAL.forEach(setFlagsFromString)
}

/** The heap of a process that stays, as much as it has to do. */
export class HeapPace {
  readonly #rest: () => void
  #settled = 0
  #sinceGivenBack = MANY_EVENTS
  #quietTicks = 0

  /** @param rest lets go of what is kept for the next rush */
  constructor(rest: () => void) {
    this.#rest = rest
  }

  /** To be called every few seconds. @param settled events so far */
  tick(settled: number): void {
    const more = settled - this.#settled
    this.#settled = settled
    this.#sinceGivenBack += more
    this.#quietTicks = more === 0 ? this.#quietTicks + 1 : 0
    holdYoungGeneration(more > MANY_EVENTS)
    if (this.#quietTicks !== QUIET_TICKS || this.#sinceGivenBack < MANY_EVENTS) return
    this.#sinceGivenBack = 0
    this.#rest()
    giveBack()
  }
}
