/** Decisions that are to be learned later: numbers in a ring, for on a busy host they are many. */
import type { KnownList } from './lists.js'
import { type Decision, type Lesson, STANDINGS, type Standing } from './usual.js'

/** On a host with more of them within the time that they wait, they wait less. */
const MAX_WAITING = 2 ** 16
const FIRST = 2 ** 8

/** Columns of a ring whose size is a power of two. */
export interface LearningState {
  atMs: Float64Array
  /** Places of lists. */
  lists: Int32Array
  senders: Int32Array
  members: Int32Array
  /** The standing's place among all, and 4 for a hold. */
  kinds: Uint8Array
  first: number
  count: number
}

const ring = (size: number): LearningState => ({
  atMs: new Float64Array(size),
  lists: new Int32Array(size),
  senders: new Int32Array(size),
  members: new Int32Array(size),
  kinds: new Uint8Array(size),
  first: 0,
  count: 0,
})

export class Learning {
  #ring: LearningState

  constructor(state: LearningState = ring(FIRST)) {
    this.#ring = state
  }

  get state(): LearningState {
    return this.#ring
  }

  /** @returns whether the oldest is old enough, or from a time to come, or more cannot wait */
  isDue(nowMs: number, untilMs: number): boolean {
    const { atMs, first, count } = this.#ring
    return count > 0 && (atMs[first]! <= untilMs || atMs[first]! > nowMs || count === MAX_WAITING)
  }

  /** There must be room. */
  push({ atMs, list, sender, member, held }: Decision, standing: Standing): void {
    if (this.#ring.count === this.#ring.atMs.length) this.#grow()
    const { lists, senders, members, kinds, first, count } = this.#ring
    const place = (first + count) & (lists.length - 1)
    this.#ring.atMs[place] = atMs
    lists[place] = list.place
    senders[place] = sender
    members[place] = member
    kinds[place] = STANDINGS.indexOf(standing) + (held ? 4 : 0)
    this.#ring.count++
  }

  /** Takes the oldest. @param lists in the order of their places */
  shift(lists: readonly KnownList[]): Lesson & { readonly standing: Standing } {
    const { atMs, lists: places, senders, members, kinds, first } = this.#ring
    this.#ring.first = (first + 1) & (atMs.length - 1)
    this.#ring.count--
    const place = places[first]!
    const kind = kinds[first]!
    return {
      atMs: atMs[first]!,
      list: place === -1 ? undefined : lists[place],
      sender: senders[first]!,
      member: members[first]!,
      held: kind >= 4,
      standing: STANDINGS[kind & 3]!,
    }
  }

  /** Twice as large, the oldest first. */
  #grow(): void {
    const old = this.#ring
    const size = old.atMs.length
    const larger = ring(2 * size)
    for (const column of ['atMs', 'lists', 'senders', 'members', 'kinds'] as const) {
      larger[column].set(old[column].subarray(old.first))
      larger[column].set(old[column].subarray(0, old.first), size - old.first)
    }
    larger.count = old.count
    this.#ring = larger
  }
}
