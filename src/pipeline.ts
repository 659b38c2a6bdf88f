/**
 * The page to read first: files → lines → events → batches → delivery → checkpoint.
 *
 * One task reads: it looks at the files, reads the oldest unread bytes, and collects events. A full or aged batch is delivered
 * beside it, a few at a time, never two with lines of the same file. When nothing is taken, reading stops by itself, and the
 * log files are the buffer. A line is safe to forget when its batch is settled: delivery/outcome.ts, then checkpoint/ledger.ts.
 */
import type { Config } from './config/options.js'
import { Sender, type SenderEvents } from './delivery/send.js'
import type { SetAside } from './delivery/set-aside.js'
import type { Privacy } from './events/privacy.js'
import { createSources } from './events/source.js'
import { type FileEvents, Followed } from './followed.js'
import type { Clock, LogEvent, Output, SavedGeneration } from './model.js'
import { nobody, type Observer } from './observer.js'
import { Shipping } from './shipping.js'
import type { Stream } from './stream.js'
import { BATCH_AGE_MS, DRAIN_MS, LOOK_MS, QUIET_MS, SAVE_MS } from './timing.js'
import { Waker } from './waker.js'

export interface PipelineParts {
  readonly config: Config
  readonly privacy: Privacy | undefined
  readonly output: Output
  readonly setAside: SetAside
  readonly saved: readonly SavedGeneration[]
  readonly clock: Clock
  readonly random: () => number
  readonly events: Omit<SenderEvents, 'tooLarge'> & FileEvents
  readonly observer?: Observer
  /** Writes the checkpoint; resolves when it is safe on disk, to false where it could not be written. */
  readonly save: (generations: readonly SavedGeneration[]) => Promise<boolean>
}

export class Pipeline {
  readonly followed: Followed
  readonly sender: Sender
  readonly shipping: Shipping
  /** Monotonic time at which the task that reads last came by; it does so at least every LOOK_MS. */
  aliveMs = 0
  readonly #clock: Clock
  readonly #write: PipelineParts['save']
  readonly #waker: Waker
  readonly #observer: Observer
  readonly #ended = new AbortController()
  #savedAt = 0
  #unsaved = false
  #stopping = false

  constructor({ config, privacy, output, setAside, saved, clock, random, events, observer = nobody, save }: PipelineParts) {
    this.#clock = clock
    this.#observer = observer
    this.#write = save
    this.#waker = new Waker(clock)
    this.followed = new Followed(config, saved, createSources(config, clock.now, privacy), clock, events)
    this.sender = new Sender(output, setAside, { ...events, tooLarge: bytes => this.shipping.shrink(bytes) }, clock, random)
    this.shipping = new Shipping(output, this.sender, clock, {
      // Files are rotated and deleted during an outage too.
      pause: () => this.#waker.wait(LOOK_MS).then(() => this.#keepUp()),
      collected: (stream, events) => observer.see(stream, events),
      landed: () => {
        this.#unsaved = true
        this.#waker.wake()
      },
      save: () => this.#save(),
    })
  }

  /** Follows the logs until `stop`. `ready` is called once, when all files are open that can be. */
  async run(ready: () => void = () => {}): Promise<void> {
    this.followed.watch(() => this.#waker.wake())
    await this.followed.look()
    ready()
    while (!this.#stopping) {
      await this.#keepUp()
      const hasRead = await this.#readAll()
      if (!this.#stopping) this.#flushQuiet(QUIET_MS) // else not all may be read: a record that is open may go on in it
      const now = this.#clock.monotonic()
      if (hasRead || now - (this.shipping.collectedSince ?? now) >= BATCH_AGE_MS) await this.shipping.dispatch()
      if (!this.#stopping) await this.#waker.wait(this.#nextDuty() - this.#clock.monotonic())
    }
    await this.#end()
  }

  /** Ships what is there and returns when all of it is settled; false where it was stopped before. */
  async runOnce(): Promise<boolean> {
    do {
      await this.followed.look()
      await this.#readAll()
    } while (this.followed.hasUnread && !this.#stopping)
    if (!this.#stopping) this.#flushQuiet(Number.NEGATIVE_INFINITY)
    await this.#end()
    return !this.#stopping
  }

  /** No more reading; what is collected is delivered or, after a while, left to the next start. */
  stop(): void {
    this.#stopping = true
    this.#waker.wake()
    void this.#clock.sleep(DRAIN_MS, this.#ended.signal).then(() => {
      this.shipping.abandon()
      this.#waker.wake()
    })
  }

  async #readAll(): Promise<boolean> {
    let hasRead = false
    const isBusy = (stream: Stream): boolean => this.shipping.isBusy(stream)
    for (;;) {
      const stream = this.followed.next(isBusy, this.#observer.isAhead)
      if (stream === undefined || this.#stopping) return hasRead
      hasRead = true
      await this.followed.read(stream, events => this.#take(stream, events), this.shipping.atOnce)
      if (stream.generation.finished) stream.finish((events, cut) => this.shipping.collect(stream, events, cut))
      await this.#keepUp()
    }
  }

  #take(stream: Stream, events: readonly LogEvent[]): Promise<void> | undefined {
    this.shipping.collect(stream, events)
    return this.shipping.isDue ? this.shipping.dispatch() : undefined
  }

  #flushQuiet(quietMs: number): void {
    this.followed.flushQuiet(this.#clock.monotonic() - quietMs, (stream, events) => this.shipping.collect(stream, events, true))
  }

  /** What falls due by the clock, whatever else is done. */
  async #keepUp(): Promise<void> {
    this.aliveMs = this.#clock.monotonic()
    this.#observer.flow(() => this.followed.unread)
    await this.followed.keepUp()
    if (this.#unsaved && this.aliveMs >= this.#savedAt + SAVE_MS) await this.#save()
  }

  async #save(): Promise<void> {
    this.#savedAt = this.#clock.monotonic()
    this.#unsaved = !(await this.#write(this.followed.save()))
  }

  async #end(): Promise<void> {
    await this.shipping.drain()
    await this.#save()
    await this.followed.close()
    this.#ended.abort()
  }

  #nextDuty(): number {
    const duties = [this.followed.dueMs]
    if (this.shipping.collectedSince !== undefined) duties.push(this.shipping.collectedSince + BATCH_AGE_MS)
    if (this.#unsaved) duties.push(this.#savedAt + SAVE_MS)
    for (const { quietSinceMs } of this.followed.streams) if (quietSinceMs !== undefined) duties.push(quietSinceMs + QUIET_MS)
    return Math.min(...duties)
  }
}
