/**
 * What is usual: of each list and of the host, by who writes, how many posts are held and how many go through. Counts fade, so that
 * what is usual may change over weeks; a list with few posts is drawn towards the host.
 */
import { People } from './people.js'

/** A post that reached a decision without a moderator: it was held, or it was posted. */
export interface Decision {
  readonly atMs: number
  readonly list: string
  /** Undefined: not known, or dropped for privacy. */
  readonly sender: string | undefined
  readonly held: boolean
  readonly messageId: string | undefined
  /** Of our vocabulary; for holds. */
  readonly reasons: readonly string[]
}

/** Whether the sender has posted on this list without a moderator, or only on another one, or never. */
export type Standing = (typeof STANDINGS)[number]

const STANDINGS = ['list', 'host', 'stranger'] as const

/** Held and posted. */
interface Counts {
  held: number
  posted: number
}

interface ListCounts {
  readonly list: Counts
  readonly host: Counts
  readonly stranger: Counts
  fadedMs: number
}

const HALF_LIFE_MS = 28 * 86_400_000
/** So many decisions of a list count as much as the host's share. */
const PRIOR = 10
const HOUR_MS = 3_600_000
const WEEK_HOURS = 168

export class Usual {
  readonly #people = new People()
  readonly #lists = new Map<string, ListCounts>()
  readonly #host = emptyCounts(0)
  /** Posts by strangers, in each hour of the week, and of how many such hours. */
  readonly #strangersPosts = new Float64Array(WEEK_HOURS)
  readonly #posts = new Float64Array(WEEK_HOURS)
  readonly #holds = new Float64Array(WEEK_HOURS)
  readonly #weeks = new Float64Array(WEEK_HOURS)
  #lastHour = Number.NaN
  #decisions = 0
  #hours = 0

  standing({ list, sender }: Decision): Standing {
    if (sender === undefined) return 'stranger'
    if (this.#people.has(`${list} ${sender}`)) return 'list'
    return this.#people.has(sender) ? 'host' : 'stranger'
  }

  learn(decision: Decision, standing: Standing): void {
    const { atMs, list, sender, held } = decision
    this.#countHours(atMs)
    const counts = this.#lists.get(list) ?? emptyCounts(atMs)
    this.#lists.set(list, counts)
    for (const all of [counts, this.#host]) {
      fade(all, atMs)
      all[standing][held ? 'held' : 'posted']++
    }
    const hour = hourOfWeek(atMs)
    this.#decisions++
    if (held) {
      this.#holds[hour]!++
      return
    }
    this.#posts[hour]!++
    if (standing === 'stranger') this.#strangersPosts[hour]!++
    if (sender === undefined) return
    this.#people.add(sender)
    this.#people.add(`${list} ${sender}`)
  }

  /** The share of such posts that is held: of the list, drawn towards the host's. */
  share(list: string, standing: Standing): number {
    const { held, posted } = this.#host[standing]
    const host = (held + 0.5) / (held + posted + 1)
    const own = this.#lists.get(list)?.[standing]
    return own === undefined ? host : (own.held + PRIOR * host) / (own.held + own.posted + PRIOR)
  }

  /** Decisions on an average day. */
  get perDay(): number {
    return this.#hours === 0 ? 0 : (24 * this.#decisions) / this.#hours
  }

  get lists(): number {
    return this.#lists.size
  }

  /** @param list undefined: of the host */
  shares(list: string | undefined): { standing: Standing; learned: number; share: number }[] {
    const own = list === undefined ? this.#host : this.#lists.get(list)
    return STANDINGS.map(standing => {
      const { held, posted } = own?.[standing] ?? { held: 0, posted: 0 }
      const share = list === undefined ? (held + 0.5) / (held + posted + 1) : this.share(list, standing)
      return { standing, learned: held + posted, share }
    })
  }

  /**
   * Posts by strangers that are expected between two times, as in the same hours of other weeks.
   * @param list of this one only, by its share of the posts
   */
  strangersPosts(fromMs: number, toMs: number, list?: string): number {
    const all = this.#expected(this.#strangersPosts, fromMs, toMs)
    if (list === undefined || all === 0) return all
    const own = this.#lists.get(list)
    return own === undefined ? 0 : (all * own.stranger.posted) / Math.max(1, this.#host.stranger.posted)
  }

  /** The share of posts by people who have posted before: what a sender's standing is worth here. */
  get known(): number {
    const { list, host, stranger } = this.#host
    return (list.posted + host.posted) / Math.max(1, list.posted + host.posted + stranger.posted)
  }

  posts(fromMs: number, toMs: number): number {
    return this.#expected(this.#posts, fromMs, toMs)
  }

  holds(fromMs: number, toMs: number): number {
    return this.#expected(this.#holds, fromMs, toMs)
  }

  /** Decisions of which all this was learned. */
  get size(): number {
    return STANDINGS.reduce((all, who) => all + this.#host[who].held + this.#host[who].posted, 0)
  }

  get host(): Readonly<Record<Standing, Readonly<Counts>>> {
    return this.#host
  }

  #expected(counts: Float64Array, fromMs: number, toMs: number): number {
    let sum = 0
    for (let at = fromMs; at < toMs; ) {
      const next = Math.min(toMs, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS)
      const hour = hourOfWeek(at)
      sum += ((next - at) / HOUR_MS) * (counts[hour]! / Math.max(1, this.#weeks[hour]!))
      at = next
    }
    return sum
  }

  /** Each hour that has begun counts, also one without a post. */
  #countHours(atMs: number): void {
    const hour = Math.floor(atMs / HOUR_MS)
    if (Number.isNaN(this.#lastHour)) this.#lastHour = hour - 1
    if (hour - this.#lastHour > WEEK_HOURS) this.#lastHour = hour - 1
    for (; this.#lastHour < hour; this.#lastHour++) {
      this.#weeks[hourOfWeek((this.#lastHour + 1) * HOUR_MS)]!++
      this.#hours++
    }
  }
}

const emptyCounts = (fadedMs: number): ListCounts => ({
  list: { held: 0, posted: 0 },
  host: { held: 0, posted: 0 },
  stranger: { held: 0, posted: 0 },
  fadedMs,
})

const hourOfWeek = (atMs: number): number => Math.floor(atMs / HOUR_MS) % WEEK_HOURS

function fade(counts: ListCounts, atMs: number): void {
  if (atMs - counts.fadedMs < HALF_LIFE_MS / 28) return
  const factor = 0.5 ** ((atMs - counts.fadedMs) / HALF_LIFE_MS)
  for (const who of STANDINGS) {
    counts[who].held *= factor
    counts[who].posted *= factor
  }
  counts.fadedMs = atMs
}
