/**
 * Events of several logs in the order of their time, while they are read in turns: what is read of one log waits until no other
 * log can bring anything older. Where all is read nothing waits, so on a host that is up to date an event is seen at once.
 */
import type { Seen } from './fact.js'
import { ownCopy } from './own-copy.js'

/** So many wait before the log that holds the others up is the only one to be read; few, for what waits costs memory. */
const MANY_WAITING = 1_000
/** So long something waits at most, on the clock: a log that is to be read and cannot be must not silence the others. */
const MAX_WAIT_MS = 60_000

/** One log's part. */
export interface Queue {
  waiting: Seen[]
  /** The first that was not let through. */
  at: number
  /** So many from the beginning are copies. */
  copied: number
  /** Of the last event that was read of this log, waiting or not: nothing older is to come, more or less. */
  lastMs: number
}

export class TimeMerge {
  readonly #queues = new Map<string, Queue>()
  #waiting = 0
  /** Since when, monotonic, nothing of what waits was let through; undefined: nothing waits. */
  #sinceMs: number | undefined

  get size(): number {
    return this.#waiting
  }

  /** Whether this log should not be read while others are: it is ahead of them, and much waits already. */
  holdsBack(log: string): boolean {
    const queue = this.#queues.get(log)
    return this.#waiting >= MANY_WAITING && queue !== undefined && queue.at < queue.waiting.length
  }

  queueOf(log: string): Queue {
    let queue = this.#queues.get(log)
    if (queue === undefined) {
      queue = { waiting: [], at: 0, copied: 0, lastMs: Number.NEGATIVE_INFINITY }
      this.#queues.set(log, queue)
    }
    return queue
  }

  add(queue: Queue, event: Seen): void {
    this.#waiting++
    queue.waiting.push(event)
  }

  /** @param unread logs of which more is to be read now  @param nowMs monotonic */
  release(unread: ReadonlySet<string>, see: (event: Seen) => void, nowMs: number): void {
    if (this.#waiting === 0) return
    let untilMs = Number.POSITIVE_INFINITY
    if (this.#sinceMs === undefined || nowMs - this.#sinceMs <= MAX_WAIT_MS)
      for (const log of unread) untilMs = Math.min(untilMs, this.#queues.get(log)?.lastMs ?? Number.NEGATIVE_INFINITY)
    const before = this.#waiting
    let queues = [...this.#queues.values()].filter(isWaiting)
    while (queues.length > 0) {
      let first = queues[0]!
      for (const queue of queues) if (timeOf(queue) < timeOf(first)) first = queue
      if (timeOf(first) > untilMs) break
      see(first.waiting[first.at++]!)
      this.#waiting--
      if (!isWaiting(first)) queues = queues.filter(isWaiting)
    }
    for (const queue of this.#queues.values()) keepRest(queue)
    if (this.#waiting === 0) this.#sinceMs = undefined
    else if (this.#waiting < before || this.#sinceMs === undefined) this.#sinceMs = nowMs
  }
}

/** What goes on waiting must not hold on to what it was read with: a line's text is a part of the 64 KiB of its chunk. */
function keepRest(queue: Queue): void {
  if (queue.at > 0) queue.waiting = queue.waiting.slice(queue.at)
  queue.copied = Math.max(0, queue.copied - queue.at)
  queue.at = 0
  for (; queue.copied < queue.waiting.length; queue.copied++) queue.waiting[queue.copied] = ownCopy(queue.waiting[queue.copied]!)
}

const isWaiting = ({ waiting, at }: Queue): boolean => at < waiting.length
const timeOf = ({ waiting, at }: Queue): number => waiting[at]!.timestampMs
