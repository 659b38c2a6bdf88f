/**
 * Events → batches: full by bytes or by count. How long an event may wait for a batch to fill is the pipeline's to say; the age
 * counts from the first event, so that a steady trickle is sent too.
 *
 * A batch is one buffer, written once. Buffers are used again: `release` a batch when it is settled.
 */
import type { Batch, LogEvent } from '../model.js'

export interface BatchLimits {
  readonly maxBytes: number
  readonly maxEvents: number
}

/** What a request costs besides its documents wants large bodies, memory wants small ones: docs/performance.md. */
export const defaultLimits: BatchLimits = { maxBytes: 2_097_152, maxEvents: 2_500 }

const SLACK_BYTES = 65_536
/** After so many batches that were settled, twice as much is tried: what refused larger ones may have been mended. */
const GROW_AFTER = 100
const NONE = Buffer.alloc(0)

export class BatchCollector {
  readonly #limitBytes: number
  #maxBytes: number
  readonly #maxEvents: number
  /** Batches settled since the size changed. */
  #settled = 0
  readonly #free: Buffer[] = []
  #buffer: Buffer = NONE
  #length = 0
  #starts: number[] = []
  #documents: number[] = []

  constructor(limits: BatchLimits = defaultLimits) {
    this.#limitBytes = limits.maxBytes
    this.#maxBytes = limits.maxBytes
    this.#maxEvents = limits.maxEvents
  }

  get count(): number {
    return this.#starts.length
  }

  get isFull(): boolean {
    return this.#length >= this.#maxBytes || this.#starts.length >= this.#maxEvents
  }

  /** Larger batches were refused lately: now each event counts. */
  get isShrunk(): boolean {
    return this.#maxBytes < this.#limitBytes
  }

  /** From now on, and for a good while, batches are at most this large: what took them refused larger ones. */
  shrink(maxBytes: number): void {
    this.#maxBytes = Math.min(this.#maxBytes, maxBytes)
    this.#settled = 0
  }

  /** @param prefix what the output wants before the document; a byte string */
  add(prefix: string, event: LogEvent): void {
    const item = `${prefix}${event.document}\n`
    if (this.#length + item.length > this.#buffer.length) this.#grow(item.length)
    this.#starts.push(this.#length)
    this.#documents.push(this.#length + prefix.length)
    this.#length += this.#buffer.write(item, this.#length, 'latin1')
  }

  /** What was collected; an empty one begins. */
  take(): Batch {
    const batch = {
      body: this.#buffer.subarray(0, this.#length),
      starts: this.#starts,
      documents: this.#documents,
    }
    this.#buffer = NONE
    this.#length = 0
    this.#starts = []
    this.#documents = []
    return batch
  }

  /** Nothing more is to come for a while: what is kept for the next batches is let go. */
  rest(): void {
    this.#free.length = 0
    if (this.count === 0) this.#buffer = NONE
  }

  /** The batch is settled: its buffer may be written again. */
  release(batch: Batch): void {
    if (this.#maxBytes < this.#limitBytes && ++this.#settled >= GROW_AFTER) {
      this.#maxBytes = Math.min(this.#limitBytes, this.#maxBytes * 2)
      this.#settled = 0
    }
    this.#keep(batch.body)
  }

  #keep({ buffer }: Buffer): void {
    if (buffer.byteLength === this.#limitBytes + SLACK_BYTES && this.#free.length < 8)
      this.#free.push(Buffer.from(buffer as ArrayBuffer))
  }

  /** For the first document, or one that is larger than what is left: then this batch gets a buffer of its own. */
  #grow(bytes: number): void {
    const needed = this.#length + bytes
    const usual = this.#limitBytes + SLACK_BYTES
    const larger = (needed <= usual ? this.#free.pop() : undefined) ?? Buffer.allocUnsafeSlow(Math.max(needed, usual))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#keep(this.#buffer)
    this.#buffer = larger
  }
}
