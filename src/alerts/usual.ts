/**
 * What is usual: of each list and of the host, by who writes, how many posts are held and how many go through. Counts fade, so that
 * what is usual may change over weeks; a list with few posts is drawn towards the host.
 */
import type { KnownList } from './lists.js'
import { noPeople, People, type PeopleState } from './people.js'
import type { Post } from './post.js'

/** A post that reached a decision without a moderator: it was held, or it was posted. */
export interface Decision extends Post {
  readonly list: KnownList
}

/** What is learned of a decision, later. */
export interface Lesson extends Pick<Decision, 'atMs' | 'sender' | 'member' | 'held'> {
  /** Undefined: there are too many. */
  readonly list: KnownList | undefined
}

/** Whether the sender has posted on this list without a moderator, or only on another one, or never. */
export type Standing = (typeof STANDINGS)[number]

export const STANDINGS = ['list', 'host', 'stranger'] as const

/** Held and posted. */
interface Counts {
  held: number
  posted: number
}

export interface ListCounts {
  readonly list: Counts
  readonly host: Counts
  readonly stranger: Counts
  /** 0: nothing was learned yet. */
  fadedMs: number
}

/** By hour of the week, the first is that of Thursday at 0:00 UTC. */
interface UsualHours {
  /** Posts by strangers, in each hour of the week, and of how many such hours. */
  readonly strangersPosts: Float64Array
  readonly posts: Float64Array
  readonly holds: Float64Array
  readonly weeks: Float64Array
}

export interface UsualState {
  readonly people: PeopleState
  /** Of which something was learned. */
  lists: number
  readonly host: ListCounts
  readonly hours: UsualHours
  /** Posts that went through lately, how many were to be expected, and up to when; both halve each hour. */
  readonly pace: { posts: number; expected: number; atMs: number }
  lastHour: number
  /** Decisions that were learned, and in how many hours. */
  decisions: number
  seenHours: number
}

const HALF_LIFE_MS = 28 * 86_400_000
/** They fade so often: once a day. */
const FADE_MS = 86_400_000
/** So many decisions of a list count as much as the host's share. */
const PRIOR = 10
const HOUR_MS = 3_600_000
const WEEK_HOURS = 168

const empty = (): UsualState => ({
  people: noPeople(),
  lists: 0,
  host: emptyCounts(),
  hours: {
    strangersPosts: new Float64Array(WEEK_HOURS),
    posts: new Float64Array(WEEK_HOURS),
    holds: new Float64Array(WEEK_HOURS),
    weeks: new Float64Array(WEEK_HOURS),
  },
  pace: { posts: 0, expected: 0, atMs: Number.NaN },
  lastHour: Number.NaN,
  decisions: 0,
  seenHours: 0,
})

export class Usual {
  readonly #people: People

  constructor(readonly state: UsualState = empty()) {
    this.#people = new People(state.people)
  }

  standing({ sender, member }: Decision): Standing {
    if (sender === 0) return 'stranger'
    if (this.#people.has(member)) return 'list'
    return this.#people.has(sender) ? 'host' : 'stranger'
  }

  learn({ atMs, list, sender, member, held }: Lesson, standing: Standing): void {
    this.#countHours(atMs)
    const { state } = this
    const { host, hours } = state
    if (list !== undefined) {
      if (list.counts.fadedMs === 0) state.lists++
      count(list.counts, atMs, standing, held)
    }
    count(host, atMs, standing, held)
    const hour = hourOfWeek(atMs)
    state.decisions++
    if (held) {
      hours.holds[hour]!++
      return
    }
    hours.posts[hour]!++
    if (standing === 'stranger') hours.strangersPosts[hour]!++
    if (sender === 0) return
    this.#people.add(sender)
    this.#people.add(member)
  }

  /** A post went through: that says how busy it is, long before it is learned. */
  passed(atMs: number): void {
    const { pace } = this.state
    const fromMs = Math.min(atMs, Number.isNaN(pace.atMs) ? atMs : pace.atMs)
    const factor = 0.5 ** ((atMs - fromMs) / HOUR_MS)
    pace.posts = pace.posts * factor + 1
    pace.expected = pace.expected * factor + this.posts(Math.max(fromMs, atMs - 24 * HOUR_MS), atMs)
    pace.atMs = atMs
  }

  /** How busy it was at the last post, compared with usual; at most 1: on holidays fewer posts are to be missed. */
  get #pace(): number {
    const { posts, expected } = this.state.pace
    return Math.min(1, (posts + 1) / (expected + 1))
  }

  /** The share of such posts that is held: of the list, drawn towards the host's. */
  share({ counts }: KnownList, standing: Standing): number {
    const host = this.#hostShare(standing)
    const { held, posted } = counts[standing]
    return (held + PRIOR * host) / (held + posted + PRIOR)
  }

  /** Decisions on an average day. */
  get perDay(): number {
    return this.state.seenHours === 0 ? 0 : (24 * this.state.decisions) / this.state.seenHours
  }

  /** About so many people and their lists. */
  get people(): number {
    return this.#people.size
  }

  get lists(): number {
    return this.state.lists
  }

  /** @param list undefined: of the host */
  shares(list: KnownList | undefined): { standing: Standing; learned: number; share: number }[] {
    const own = list?.counts ?? this.state.host
    return STANDINGS.map(standing => {
      const { held, posted } = own[standing]
      const share = list === undefined ? this.#hostShare(standing) : this.share(list, standing)
      return { standing, learned: held + posted, share }
    })
  }

  /**
   * Posts by strangers that are expected between two times, as in the same hours of other weeks.
   * @param list of this one only, by its share of the posts
   */
  strangersPosts(fromMs: number, toMs: number, list?: KnownList): number {
    const share = list === undefined ? 1 : list.counts.stranger.posted / Math.max(1, this.state.host.stranger.posted)
    return share === 0 ? 0 : share * this.#pace * this.#expected(this.state.hours.strangersPosts, fromMs, toMs)
  }

  /** The share of posts by people who have posted before: what a sender's standing is worth here. */
  get known(): number {
    const { list, host, stranger } = this.state.host
    return (list.posted + host.posted) / Math.max(1, list.posted + host.posted + stranger.posted)
  }

  posts(fromMs: number, toMs: number): number {
    return this.#expected(this.state.hours.posts, fromMs, toMs)
  }

  holds(fromMs: number, toMs: number): number {
    return this.#expected(this.state.hours.holds, fromMs, toMs)
  }

  /** Decisions of which all this was learned. */
  get size(): number {
    const { list, host, stranger } = this.state.host
    return list.held + list.posted + host.held + host.posted + stranger.held + stranger.posted
  }

  get host(): Readonly<Record<Standing, Readonly<Counts>>> {
    return this.state.host
  }

  #hostShare(standing: Standing): number {
    const { held, posted } = this.state.host[standing]
    return (held + 0.5) / (held + posted + 1)
  }

  #expected(counts: Float64Array, fromMs: number, toMs: number): number {
    let sum = 0
    for (let at = fromMs; at < toMs; ) {
      const next = Math.min(toMs, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS)
      const hour = hourOfWeek(at)
      sum += ((next - at) / HOUR_MS) * (counts[hour]! / Math.max(1, this.state.hours.weeks[hour]!))
      at = next
    }
    return sum
  }

  /** Each hour that has begun counts, also one without a post. */
  #countHours(atMs: number): void {
    const { state } = this
    const hour = Math.floor(atMs / HOUR_MS)
    if (Number.isNaN(state.lastHour)) state.lastHour = hour - 1
    if (Math.abs(hour - state.lastHour) > WEEK_HOURS) state.lastHour = hour - 1
    for (; state.lastHour < hour; state.lastHour++) {
      state.hours.weeks[hourOfWeek((state.lastHour + 1) * HOUR_MS)]!++
      state.seenHours++
    }
  }
}

export const emptyCounts = (): ListCounts => ({
  list: { held: 0, posted: 0 },
  host: { held: 0, posted: 0 },
  stranger: { held: 0, posted: 0 },
  fadedMs: 0,
})

const hourOfWeek = (atMs: number): number => Math.floor(atMs / HOUR_MS) % WEEK_HOURS

function count(counts: ListCounts, atMs: number, standing: Standing, held: boolean): void {
  // The clock may have been set back.
  if (counts.fadedMs === 0 || counts.fadedMs > atMs) counts.fadedMs = atMs
  else if (atMs - counts.fadedMs >= FADE_MS) fade(counts, atMs)
  const own = counts[standing]
  if (held) own.held++
  else own.posted++
}

function fade(counts: ListCounts, atMs: number): void {
  const factor = 0.5 ** ((atMs - counts.fadedMs) / HALF_LIFE_MS)
  for (const who of STANDINGS) {
    counts[who].held *= factor
    counts[who].posted *= factor
  }
  counts.fadedMs = atMs
}
