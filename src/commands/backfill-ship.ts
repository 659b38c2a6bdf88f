/** The files of several logs → batches → the output. One task reads, as in pipeline.ts; the logs take turns, a batch each. */
import { withLock } from '../checkpoint/lock.js'
import type { Config } from '../config/options.js'
import { type Counts, Sender, type SenderEvents } from '../delivery/send.js'
import { SetAside } from '../delivery/set-aside.js'
import type { Clock, Output } from '../model.js'
import { Shipping } from '../shipping.js'
import { DRAIN_MS, SAVE_MS } from '../timing.js'
import { Waker } from '../waker.js'
import type { LogReading, Take } from './backfill-read.js'

export interface ShipParts {
  readonly config: Config
  readonly output: Output
  readonly clock: Clock
  readonly events: Omit<SenderEvents, 'tooLarge'>
  /** Keeps how far the files are settled. Never rejects. */
  readonly save: () => Promise<void>
}

export class BackfillShipping {
  readonly #shipping: Shipping
  readonly #sender: Sender
  readonly #clock: Clock
  readonly #save: () => Promise<void>
  readonly #waker: Waker
  readonly #ended = new AbortController()
  #savedAt: number
  #stopping = false

  constructor({ config, output, clock, events, save }: ShipParts) {
    const { directory } = config.state
    const setAside = new SetAside(directory, clock.now, work => withLock(directory, '-set-aside', work))
    this.#clock = clock
    this.#save = save
    this.#savedAt = clock.monotonic()
    this.#waker = new Waker(clock)
    this.#sender = new Sender(
      output,
      setAside,
      { ...events, tooLarge: bytes => this.#shipping.shrink(bytes) },
      clock,
      Math.random,
    )
    this.#shipping = new Shipping(output, this.#sender, clock, {
      pause: () => this.#waker.wait(SAVE_MS).then(() => this.#keepUp()),
      landed: () => this.#waker.wake(),
      save,
    })
  }

  get counts(): Readonly<Counts> {
    return this.#sender.counts
  }

  /** @returns true when all was read and is settled; false when it was stopped before */
  async run(readings: readonly LogReading[]): Promise<boolean> {
    const take: Take = (stream, events, cut) => {
      this.#shipping.collect(stream, events, cut)
      return this.#shipping.isFull ? this.#shipping.dispatch() : undefined
    }
    let left = [...readings]
    while (left.length > 0 && !this.#stopping) {
      // A log with a batch on the way could not send another one yet.
      const reading = left.find(({ stream }) => stream === undefined || !this.#shipping.isBusy(stream)) ?? left[0]!
      if (!(await reading.advance(take, this.#shipping.atOnce))) left = left.filter(other => other !== reading)
      await this.#keepUp()
    }
    await this.#shipping.drain()
    await this.#save()
    this.#ended.abort()
    return left.length === 0 && !this.#stopping
  }

  /** No more reading; what is collected is delivered or, after a while, left to the next run. */
  stop(): void {
    this.#stopping = true
    this.#waker.wake()
    void this.#clock.sleep(DRAIN_MS, this.#ended.signal).then(() => {
      this.#shipping.abandon()
      this.#waker.wake()
    })
  }

  async #keepUp(): Promise<void> {
    const now = this.#clock.monotonic()
    if (now < this.#savedAt + SAVE_MS) return
    this.#savedAt = now
    await this.#save()
  }
}
