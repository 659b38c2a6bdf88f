/** events → batches → delivery: what is collected, what is on the way, and how far each stream is settled. */
import { BatchCollector } from './batches/collect.js'
import { Ledger } from './checkpoint/ledger.js'
import type { Sender } from './delivery/send.js'
import { EventCounts } from './event-counts.js'
import type { Batch, Clock, LogEvent, Output, WriteIndexes } from './model.js'
import type { Stream } from './stream.js'
import { BATCH_AGE_MS } from './timing.js'

const MAX_IN_FLIGHT = 4

export interface ShippingHooks {
  /** While a batch cannot leave yet: returns when something happened. */
  readonly pause: () => Promise<void>
  /** Events were read; they are on their way from now on. */
  readonly collected?: (stream: Stream, events: readonly LogEvent[]) => void
  /** A batch was settled, or given up. */
  readonly landed: () => void
  /** Writes the checkpoint, and returns when that is done or has failed. */
  readonly save: () => Promise<void>
}

export class Shipping {
  /** Wall clock; 0: nothing yet. */
  lastDeliveryMs = 0
  /** Of what was read, settled or not. */
  readonly events = new EventCounts()
  readonly #output: Output
  readonly #sender: Sender
  readonly #clock: Clock
  readonly #hooks: ShippingHooks
  readonly #abandon = new AbortController()
  readonly #collector = new BatchCollector()
  readonly #ledger = new Ledger<Stream>()
  readonly #inFlight = new Set<Promise<void>>()
  /** Whose events are in the batch that is collected. */
  #streams = new Set<Stream>()
  #doubts = new Set<WriteIndexes>()
  #since = 0
  #cut = false

  constructor(output: Output, sender: Sender, clock: Clock, hooks: ShippingHooks) {
    this.#output = output
    this.#sender = sender
    this.#clock = clock
    this.#hooks = hooks
  }

  get isFull(): boolean {
    return this.#collector.isFull
  }

  /** It is full, or has waited while nothing is on the way. */
  get isDue(): boolean {
    const waitedMs = this.collectedSince === undefined || this.#inFlight.size > 0 ? 0 : this.#clock.monotonic() - this.#since
    return this.isFull || waitedMs >= BATCH_AGE_MS
  }

  /** How many events may be collected before it is asked whether it is full; undefined: some. */
  get atOnce(): number | undefined {
    return this.#collector.isShrunk ? 1 : undefined
  }

  /** Monotonic time of the oldest event that was not sent; undefined where there is none. */
  get collectedSince(): number | undefined {
    return this.#collector.count === 0 ? undefined : this.#since
  }

  /** True while a batch with lines of this stream is on the way. */
  isBusy(stream: Stream): boolean {
    return this.#ledger.has(stream)
  }

  /** @param cut a quiet time ended a record: that must be in the checkpoint before the event is sent */
  collect(stream: Stream, events: readonly LogEvent[], cut = false): void {
    if (events.length === 0) return
    if (this.#collector.count === 0) this.#since = this.#clock.monotonic()
    for (const event of events) this.#collector.add(this.#output.prefix(event), event)
    this.events.add(stream.generation.log, events)
    this.#streams.add(stream)
    const doubt = stream.doubtOf(events)
    if (doubt !== undefined) this.#doubts.add(doubt)
    this.#cut ||= cut
    this.#hooks.collected?.(stream, events)
  }

  /** From now on batches are at most this large. */
  shrink(maxBytes: number): void {
    this.#collector.shrink(maxBytes)
  }

  /** Nothing more is to come for a while. */
  rest(): void {
    this.#collector.rest()
  }

  /** Sends what is collected, as soon as none of its streams has a batch on the way: so lines arrive in their order. */
  async dispatch(): Promise<void> {
    if (this.#collector.count === 0 || this.#abandon.signal.aborted) return
    const streams = [...this.#streams]
    while (this.#inFlight.size >= MAX_IN_FLIGHT || streams.some(stream => this.isBusy(stream))) {
      await this.#hooks.pause()
      if (this.#abandon.signal.aborted) return
    }
    if (this.#cut) {
      this.#cut = false
      await this.#hooks.save()
    }
    const batch = doubted(this.#collector.take(), this.#doubts)
    this.#streams = new Set()
    this.#doubts = new Set()
    // All events emitted so far by these streams are in this batch or before it: their marks are what it settles.
    const entries = streams.map(stream => ({ stream, entry: this.#ledger.enter(stream, stream.mark) }))
    const delivery = this.#sender.deliver(batch, this.#abandon.signal).then(done => {
      this.#inFlight.delete(delivery)
      if (done) {
        for (const { stream, entry } of entries) {
          const mark = entry.settle()
          if (mark !== undefined) stream.settle(mark, this.#output.writeIndexes)
        }
        this.#collector.release(batch)
        this.lastDeliveryMs = this.#clock.now()
      }
      this.#hooks.landed()
    })
    this.#inFlight.add(delivery)
  }

  /** Returns when nothing is on the way any more. */
  async drain(): Promise<void> {
    await this.dispatch()
    while (this.#inFlight.size > 0) await Promise.race(this.#inFlight)
  }

  /** Gives up what is on the way: it is sent again after the next start. */
  abandon(): void {
    this.#abandon.abort()
  }
}

const doubted = (batch: Batch, doubts: ReadonlySet<WriteIndexes>): Batch =>
  doubts.size === 0 ? batch : { ...batch, doubts: [...doubts] }
