/**
 * Says what the agent has to tell, and no more than an operator can read: of each topic twenty lines at once, then one a minute.
 * What begins and ends each second is so told in a bounded number of lines, each with the count of those left out before it; the
 * last line of a topic is never left out, only late.
 */
import type { Clock } from '../model.js'
import type { Log } from './log.js'
import type { Topic } from './states.js'

const AT_ONCE = 20
const ANOTHER_MS = 60_000

export interface Told {
  readonly level: 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

interface Quota {
  left: number
  /** Monotonic time up to which `left` was counted. */
  atMs: number
  /** Lines left out since the last one that was written; `waiting` is the last of them. */
  untold: number
  waiting: Told | undefined
}

export class Teller {
  readonly #log: Pick<Log, 'info' | 'warn' | 'error'>
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #quotas = new Map<Topic, Quota>()

  constructor(log: Pick<Log, 'info' | 'warn' | 'error'>, clock: Pick<Clock, 'monotonic'>) {
    this.#log = log
    this.#clock = clock
  }

  tell(topic: Topic, told: Told): void {
    const quota = this.#quotaOf(topic)
    if (quota.left >= 1) this.#write(quota, told)
    else {
      quota.untold++
      quota.waiting = told
    }
  }

  /** Says what was left out last, as soon as another line may be said. To be called now and then. */
  tick(): void {
    for (const topic of this.#quotas.keys()) {
      const quota = this.#quotaOf(topic)
      if (quota.left >= 1) this.#catchUp(quota)
    }
  }

  /** Says at once what waits: nothing comes after it. */
  end(): void {
    for (const quota of this.#quotas.values()) this.#catchUp(quota)
  }

  #catchUp(quota: Quota): void {
    if (quota.waiting === undefined) return
    quota.untold--
    this.#write(quota, quota.waiting)
  }

  #write(quota: Quota, { level, fields, message }: Told): void {
    this.#log[level](quota.untold === 0 ? fields : { ...fields, untold: quota.untold }, message)
    quota.left--
    quota.untold = 0
    quota.waiting = undefined
  }

  #quotaOf(topic: Topic): Quota {
    const nowMs = this.#clock.monotonic()
    let quota = this.#quotas.get(topic)
    if (quota === undefined) {
      quota = { left: AT_ONCE, atMs: nowMs, untold: 0, waiting: undefined }
      this.#quotas.set(topic, quota)
    }
    const more = Math.floor((nowMs - quota.atMs) / ANOTHER_MS)
    quota.left = Math.min(AT_ONCE, quota.left + more)
    quota.atMs += more * ANOTHER_MS
    return quota
  }
}
