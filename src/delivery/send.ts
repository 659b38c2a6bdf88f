/**
 * Delivers batches: sends, and sends again what was not taken, until every document is settled. There is no last try.
 *
 * Trouble has one state for all batches: it begins with the first hold-up and ends when no batch is held up any more, and is told
 * once each time. Waiting grows from a quarter of a second to ten, with jitter. A cluster that takes part of each request gets on,
 * and so do we: that is no trouble yet.
 */
import type { ErrorCode } from '../errors.js'
import type { Answer, Batch, Clock, HoldUp, Outcome, Output } from '../model.js'
import { documentOf, partOf } from './part.js'
import type { SetAside } from './set-aside.js'
import type { SetAsideEntry } from './set-aside-file.js'

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 10_000
/** So many requests in a row of which nothing was taken, for want of room, are told of. */
const TRIES_UNTOLD = 2

export interface SenderEvents {
  /** Trouble began, or became another one. */
  heldUp(holdUp: HoldUp): void
  /** Trouble is over. */
  resumed(heldMs: number): void
  /** Documents were set aside, for this reason. */
  setAside(count: number, reason: string): void
  /** Requests of this size are refused; collect smaller ones. */
  tooLarge(bytes: number): void
}

export interface Counts {
  stored: number
  duplicates: number
  setAside: number
}

interface Delivery {
  /** It had to wait, and is not settled yet. */
  isHeld: boolean
}

export class Sender {
  readonly counts: Counts = { stored: 0, duplicates: 0, setAside: 0 }
  /** Resolves when the output has answered for the first time, whatever it said. */
  readonly answered: Promise<void>
  readonly #output: Output
  readonly #setAside: Pick<SetAside, 'add'>
  readonly #events: SenderEvents
  readonly #clock: Clock
  readonly #random: () => number
  /** Batches that had to wait and are not settled yet. */
  #held = 0
  #answer = (): void => {}
  #trouble: { holdUp: HoldUp; since: number; tries: number } | undefined
  /** Why documents could not be set aside, the last time (F31). */
  #full: HoldUp = { code: 'MLS_SETASIDE_FULL', detail: '' }

  constructor(output: Output, setAside: Pick<SetAside, 'add'>, events: SenderEvents, clock: Clock, random: () => number) {
    this.#output = output
    this.#setAside = setAside
    this.#events = events
    this.#clock = clock
    this.#random = random
    this.answered = new Promise(resolve => {
      this.#answer = resolve
    })
  }

  get holdUp(): HoldUp | undefined {
    return this.#trouble?.holdUp
  }

  /** Asks the output before there is anything for it, and again until it answers well, so that trouble is known and told at once. */
  reach(signal: AbortSignal): Promise<boolean> {
    return this.deliver({ body: Buffer.alloc(0), starts: [], documents: [] }, signal)
  }

  /** True when all of the batch is settled; false when `signal` ended it before. Never rejects. */
  async deliver(batch: Batch, signal: AbortSignal): Promise<boolean> {
    const delivery = { isHeld: false }
    const done = await this.#deliver(batch, signal, delivery)
    if (delivery.isHeld) this.#held--
    if (done && this.#held === 0) this.#resume()
    return done
  }

  async #deliver(batch: Batch, signal: AbortSignal, delivery: Delivery): Promise<boolean> {
    const since = this.#output.writeIndexes ?? new Map()
    let rest = batch
    let fruitless = 0
    while (!signal.aborted) {
      const answer = await this.#output.write(rest, signal)
      this.#answer()
      if (signal.aborted && 'holdUp' in answer) return false
      if ('holdUp' in answer && answer.holdUp.code === 'MLS_OUTPUT_TOO_LARGE') return this.#deliverSmaller(rest, signal, delivery)
      const again = 'outcomes' in answer ? await this.#settle(rest, answer.outcomes) : undefined
      if (again?.length === 0) return true
      if (again !== undefined) {
        fruitless = again.length < rest.starts.length ? 0 : fruitless + 1
        rest = partOf(rest, again)
      }
      if (mayBeStored(answer)) rest = { ...rest, doubts: rest.doubts ?? [since] }
      const holdUp = holdUpOf(answer) ?? this.#full
      if (holdUp.code === 'MLS_OUTPUT_BUSY' && again !== undefined && fruitless < TRIES_UNTOLD)
        await this.#sleep(fruitless, signal)
      else await this.#wait(holdUp, signal, delivery)
    }
    return false
  }

  async #deliverSmaller(batch: Batch, signal: AbortSignal, delivery: Delivery): Promise<boolean> {
    if (batch.starts.length === 1) {
      const outcome: Outcome = { status: 'set-aside', reason: `a document of ${batch.body.length} bytes is too large` }
      while ((await this.#settle(batch, [outcome])).length > 0) {
        if (signal.aborted) return false
        await this.#wait(this.#full, signal, delivery)
      }
      return true
    }
    this.#events.tooLarge(batch.body.length >> 1)
    const indexes = batch.starts.map((_, index) => index)
    const middle = indexes.length >> 1
    return (
      (await this.#deliver(partOf(batch, indexes.slice(0, middle)), signal, delivery)) &&
      (await this.#deliver(partOf(batch, indexes.slice(middle)), signal, delivery))
    )
  }

  /** Counts what is settled and returns the indexes of what is not. */
  async #settle(batch: Batch, outcomes: readonly Outcome[]): Promise<number[]> {
    const again: number[] = []
    const refused: number[] = []
    let taken = 0
    outcomes.forEach((outcome, index) => {
      if (outcome.status === 'retry') again.push(index)
      else if (outcome.status === 'set-aside') refused.push(index)
      else {
        taken++
        if (outcome.status === 'stored') this.counts.stored++
        else this.counts.duplicates++
      }
    })
    if (refused.length > 0 && !(await this.#putAside(batch, refused, outcomes)))
      return [...again, ...refused].sort((a, b) => a - b)
    if (taken > 0 && this.#trouble !== undefined) this.#trouble.tries = 0
    return again
  }

  async #putAside(batch: Batch, indexes: readonly number[], outcomes: readonly Outcome[]): Promise<boolean> {
    const entries = indexes.map((index): SetAsideEntry => {
      const outcome = outcomes[index]!
      const reason = 'reason' in outcome ? outcome.reason : ''
      return { reason, document: documentOf(batch, index) }
    })
    const trouble = await this.#setAside.add(entries)
    if (trouble !== undefined) {
      this.#full = { code: 'MLS_SETASIDE_FULL', detail: `a document was refused (${entries[0]!.reason}), and ${trouble}` }
      return false
    }
    this.counts.setAside += entries.length
    const reasons = new Map<string, number>()
    for (const { reason } of entries) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    for (const [reason, count] of reasons) this.#events.setAside(count, reason)
    return true
  }

  async #wait(holdUp: HoldUp, signal: AbortSignal, delivery: Delivery): Promise<void> {
    if (!delivery.isHeld) this.#held++
    delivery.isHeld = true
    const before = this.#trouble
    const isNews = before?.holdUp.code !== holdUp.code
    const trouble = before ?? { holdUp, since: this.#clock.monotonic(), tries: 0 }
    trouble.holdUp = holdUp
    this.#trouble = trouble
    if (isNews) this.#events.heldUp(holdUp)
    await this.#sleep(trouble.tries++, signal)
  }

  async #sleep(tries: number, signal: AbortSignal): Promise<void> {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries, 10))
    await this.#clock.sleep(longest * (0.5 + 0.5 * this.#random()), signal)
  }

  #resume(): void {
    if (this.#trouble === undefined) return
    this.#events.resumed(this.#clock.monotonic() - this.#trouble.since)
    this.#trouble = undefined
  }
}

/** What to say of an answer after which something has to be sent again; undefined: it is what could not be set aside. */
function holdUpOf(answer: Answer): HoldUp | undefined {
  if ('holdUp' in answer) return answer.holdUp
  const retry = answer.outcomes.find(outcome => outcome.status === 'retry')
  return retry !== undefined && 'reason' in retry ? { code: 'MLS_OUTPUT_BUSY', detail: retry.reason } : undefined
}

/** Answers that say of themselves that nothing was taken. */
const refusals = new Set<ErrorCode>(['MLS_OUTPUT_BUSY', 'MLS_OUTPUT_READONLY', 'MLS_OUTPUT_TOO_LARGE'])

/** Whether what has to be sent again may be stored all the same (F49). */
function mayBeStored(answer: Answer): boolean {
  if ('holdUp' in answer) return !refusals.has(answer.holdUp.code)
  return answer.outcomes.some(outcome => outcome.status === 'retry' && !outcome.reason.startsWith('429'))
}
