/**
 * How many posts, holds… each list had, for the metrics: the busiest lists under their own names, all others together as `other`.
 *
 * Names stand in logs, so they are strangers' texts, and there may be any number of them. A name gets counters of its own only after
 * it has been seen five times, as long as it looks like a list's, and only a hundred have them. Who is busy is known by a sketch of
 * bounded size: each candidate has a weight, one for each event; where there are too many, and now and then, all weights are halved,
 * and who has none left is forgotten (lossy counting: G. S. Manku, R. Motwani, Approximate Frequency Counts over Data Streams,
 * VLDB 2002; halved, so that last year's busy list makes way). A list that was first does not keep its place for ever: one that is
 * more than twice as busy takes it.
 *
 * A counter never goes down. A list begins at 0 when the metrics are read, never between, so that no event is counted before its
 * series was seen; what it had before stays in `other`. One that makes way takes its series with it: it is not added to `other`, where
 * Prometheus would see its whole past happen at once. Rates, and so sums of rates, are right all the time; a sum of the plain counters
 * is smaller after that.
 */
import type { ActionName } from '../parsers/_actions.js'
import type { Pattern, Value } from '../parsers/_contract.js'
import type { ListTallies } from './diagnostics/status.js'

/** What people graph by list. Of deliveries that fail no log says the list. */
export const listActions = [
  'message-posted',
  'message-held',
  'message-approved',
  'message-rejected',
  'message-discarded',
  'bounce-received',
] as const satisfies readonly ActionName[]

const OWN = 100
const CANDIDATES = 10_000
const SEEN = 5
/** Events after which all weights are halved: about a week of a host with 700 lists. */
const HALVE_AFTER = 50_000

/** What Mailman allows (ACCEPTABLE_LISTNAME_CHARACTERS; 3: config.mailman.listname_chars) and a host's name. */
const listName = /^[-+_.=!$*{}~0-9a-z]{1,100}(?:@[-.0-9a-z]{1,100})?$/
const OTHER = 'other'

interface Candidate {
  weight: number
  /** In the order of `listActions`; undefined: its events are in `other`. */
  own: number[] | undefined
}

/** Where an event of a pattern says what is counted. */
interface Place {
  readonly action: number
  /** Of its values; a negative name: it says no list. */
  readonly fqdn: number
  readonly name: number
}

const zeros = (): number[] => listActions.map(() => 0)

export class ListCounts {
  readonly #candidates = new Map<string, Candidate>()
  readonly #others = zeros()
  #sinceHalved = 0

  /** @param pattern and values of an event that no stranger may have forged */
  add(pattern: Pattern, values: readonly Value[]): void {
    const place = placeOf(pattern)
    if (place === undefined) return
    const list = place.name < 0 ? undefined : (values[place.fqdn] ?? values[place.name])
    const counts = typeof list === 'string' ? this.#countsOf(list) : this.#others
    counts[place.action]!++
  }

  /** Who is busy now gets counters of its own, at 0. */
  read(): ListTallies {
    this.#promote()
    const owns = [...this.#candidates].flatMap(([list, { own }]) => (own === undefined ? [] : [[list, own] as const]))
    const tallies = [...owns, [OTHER, this.#others] as const]
    return new Map(tallies.map(([list, counts]) => [list, Object.fromEntries(listActions.map((name, i) => [name, counts[i]!]))]))
  }

  #countsOf(list: string): number[] {
    const candidate = this.#candidates.get(list)
    if (++this.#sinceHalved > HALVE_AFTER) this.#halve()
    if (candidate !== undefined) {
      candidate.weight++
      return candidate.own ?? this.#others
    }
    if (list !== OTHER && listName.test(list)) {
      if (this.#candidates.size >= CANDIDATES) this.#halve()
      // A copy: a part of a text holds the whole text.
      if (this.#candidates.size < CANDIDATES)
        this.#candidates.set(Buffer.from(list, 'latin1').toString('latin1'), { weight: 1, own: undefined })
    }
    return this.#others
  }

  #halve(): void {
    this.#sinceHalved = 0
    for (const [list, candidate] of this.#candidates) {
      candidate.weight >>>= 1
      if (candidate.weight === 0 && candidate.own === undefined) this.#candidates.delete(list)
    }
  }

  #promote(): void {
    const known = [...this.#candidates.values()].sort((a, b) => b.weight - a.weight)
    const owners = known.filter(({ own }) => own !== undefined)
    for (const candidate of known) {
      if (candidate.own !== undefined || candidate.weight < SEEN) continue
      if (owners.length >= OWN) {
        // They stand in the order of their weight, the least last; nobody who comes now is less busy than one who came before.
        const least = owners.pop()!
        if (candidate.weight <= 2 * least.weight) break
        least.own = undefined
      }
      candidate.own = zeros()
      owners.unshift(candidate)
    }
  }
}

const places = new Map<Pattern, Place | undefined>()

function placeOf(pattern: Pattern): Place | undefined {
  const known = places.get(pattern)
  if (known !== undefined || places.has(pattern)) return known
  const action = (listActions as readonly ActionName[]).indexOf(pattern.action)
  const name = pattern.fields.indexOf('mailman.list.name')
  const fqdn = pattern.fields.indexOf('mailman.list.fqdn')
  // Where the pattern has no field for the host, the name is asked for twice.
  const place = action < 0 ? undefined : { action, fqdn: fqdn < 0 ? name : fqdn, name }
  places.set(pattern, place)
  return place
}
