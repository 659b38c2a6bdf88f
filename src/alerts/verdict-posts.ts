/**
 * Whether the first posts after a start of Mailman go as usual: Wald's sequential probability ratio test (A. Wald, *Sequential Tests
 * of Statistical Hypotheses*, Ann. Math. Stat. 16, 1945; the book of 1947, ch. 3). H0: such posts are held as often as usual on that
 * list; H1: HELD_SHARE of them are. Each decision adds the logarithm of how much likelier it is under H1; the test ends where the sum
 * leaves (ACCEPT, REJECT). If what is usual were known exactly, it calls a good start bad, or a bad one good, once in 1,000.
 */
import { hashOf } from './hash.js'
import type { Decision, Standing, Usual } from './usual.js'

const HELD_SHARE = 0.9
/** Of either error. */
const ERROR_RATE = 0.001
const REJECT = Math.log((1 - ERROR_RATE) / ERROR_RATE)
const ACCEPT = -REJECT
/** No share is trusted to be nearer to 0 or 1 (as in holds-run.ts). */
const LEAST_SHARE = 0.004
const MOST_SHARE = 0.97
/** A further post of the same sender says less: one person may have been set to moderated, and a robot be let through by name. */
const SAME_SENDER = 0.3
/** What one list may add to what speaks for trouble: it may have been changed on purpose (as in holds-run.ts). */
const OF_LIST = 4
const FEW_LISTS = 4
const MIN_SENDERS = 2
/** Where fewer posts than this are by people who have posted before, it must be judged without knowing people. */
const MIN_KNOWN = 0.3
/** With less, what is usual is a guess. */
const MIN_LEARNED = 30
const MAX_EXAMPLES = 3

export interface PostsJudged {
  readonly state: 'usual' | 'held' | 'undecided'
  /** Posts that were weighed: no more than it took. Event time of the last of them; undefined: none. */
  readonly weighed: number
  readonly weighedMs: number | undefined
  /** All of that kind since the start, and how many of them were held. */
  readonly seen: number
  readonly held: number
  /** Held posts of strangers, which say nothing where most posts are by people who have posted before. */
  readonly strangersHeld: number
  /** The share of such posts that is usually held, of the host; decisions of which that was learned, and how many are needed. */
  readonly usualShare: number
  readonly learned: number
  readonly leastLearned: number
  /** In nats; it ends at or beyond `accept` or `reject`. */
  readonly evidence: number
  readonly accept: number
  readonly reject: number
  /** While it is undecided: so many posts would do, of as many people, if all further ones go through; undefined: no number would. */
  readonly needed: number | undefined
  /** Of the held ones, the most frequent first, and message ids. */
  readonly reasons: readonly string[]
  readonly examples: readonly string[]
}

export class FirstPosts {
  #state: PostsJudged['state'] = 'undecided'
  #weighed = 0
  #weighedMs: number | undefined
  #seen = 0
  #held = 0
  #strangersHeld = 0
  #evidence = 0
  /** Of what was weighed; hashes. */
  readonly #senders = new Set<number>()
  readonly #heldSenders = new Set<number>()
  readonly #lists = new Map<string, number>()
  readonly #reasons = new Map<string, number>()
  readonly #examples: string[] = []

  /** @param usual as it was before the start  @param most posts that are weighed */
  constructor(
    private readonly usual: Usual,
    private readonly most: number,
  ) {}

  add(decision: Decision, standing: Standing): void {
    const { atMs, list, held, messageId, reasons } = decision
    if (standing === 'stranger' && this.usual.known >= MIN_KNOWN) {
      if (held) this.#strangersHeld++
      return
    }
    this.#seen++
    if (held) {
      this.#held++
      for (const reason of reasons) this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1)
      if (this.#examples.length < MAX_EXAMPLES && messageId !== undefined) this.#examples.push(messageId)
    }
    if (this.#state !== 'undecided' || this.#weighed >= this.most) return
    this.#weighed++
    this.#weighedMs = atMs
    const who = decision.sender === 0 ? hashOf(messageId ?? '') : decision.sender
    const part = this.#senders.has(who) ? SAME_SENDER : 1
    this.#senders.add(who)
    const share = within(this.usual.share(list, standing))
    if (held) {
      this.#heldSenders.add(who)
      this.#evidence += this.#ofList(list.name, part * Math.max(0, Math.log(HELD_SHARE / share)))
    } else this.#evidence -= part * forUsual(share)
    if (this.usual.size < MIN_LEARNED) return
    if (this.#evidence <= ACCEPT) this.#state = 'usual'
    else if (this.#evidence >= REJECT && this.#heldSenders.size >= MIN_SENDERS) this.#state = 'held'
  }

  /** All that may be weighed was, and does not say. */
  get isFull(): boolean {
    return this.#state === 'undecided' && this.#weighed >= this.most
  }

  get judged(): PostsJudged {
    const standing = this.usual.known >= MIN_KNOWN ? 'list' : 'stranger'
    const { held, posted } = this.usual.host[standing]
    const share = (held + 0.5) / (held + posted + 1)
    const weight = forUsual(within(share))
    return {
      state: this.#state,
      weighed: this.#weighed,
      weighedMs: this.#weighedMs,
      seen: this.#seen,
      held: this.#held,
      strangersHeld: this.#strangersHeld,
      usualShare: share,
      learned: Math.round(this.usual.size),
      leastLearned: MIN_LEARNED,
      evidence: this.#evidence,
      accept: ACCEPT,
      reject: REJECT,
      needed: weight === 0 ? undefined : this.#weighed + Math.max(1, Math.ceil((this.#evidence - ACCEPT) / weight)),
      reasons: [...this.#reasons].sort((a, b) => b[1] - a[1]).map(([reason]) => reason),
      examples: this.#examples,
    }
  }

  /** What a held post adds, as far as its list may add more. */
  #ofList(list: string, weight: number): number {
    const before = this.#lists.get(list) ?? 0
    const more = this.usual.lists >= FEW_LISTS ? Math.min(OF_LIST - before, weight) : weight
    this.#lists.set(list, before + more)
    return more
  }
}

const within = (share: number): number => Math.min(MOST_SHARE, Math.max(LEAST_SHARE, share))
/** What a post that went through says for the usual share. */
const forUsual = (share: number): number => Math.max(0, Math.log((1 - share) / (1 - HELD_SHARE)))
