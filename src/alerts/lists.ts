/** The lists that posts came to, by name: what is remembered of each, in one place. */
import { hashOf, owned } from './hash.js'
import { emptyRun, type HoldsRunState } from './holds-run.js'
import { emptyCounts, type ListCounts } from './usual.js'

export interface KnownList {
  readonly name: string
  readonly hash: number
  /** Its place in the order in which they were seen; -1: there are too many to remember this one. */
  readonly place: number
  readonly counts: ListCounts
  readonly run: HoldsRunState
}

const MAX_LISTS = 5000

export class Lists {
  readonly #byName: Map<string, KnownList>

  constructor(readonly state: KnownList[] = []) {
    this.#byName = new Map(state.map(list => [list.name, list]))
  }

  get(name: string): KnownList | undefined {
    return this.#byName.get(name)
  }

  /** @returns one that is forgotten at once, where there are too many */
  of(name: string): KnownList {
    return this.#byName.get(name) ?? this.#add(owned(name))
  }

  #add(name: string): KnownList {
    if (this.state.length === MAX_LISTS) return unknownList(name)
    const list = { ...unknownList(name), place: this.state.length }
    this.state.push(list)
    this.#byName.set(name, list)
    return list
  }
}

/** One of which nothing is known. */
export const unknownList = (name: string): KnownList => ({
  name,
  hash: hashOf(name),
  place: -1,
  counts: emptyCounts(),
  run: emptyRun(),
})
