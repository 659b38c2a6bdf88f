/**
 * Which of several nodes takes the next request: each in its turn, but for those that failed lately. These rest, five seconds at
 * first and a minute at most, and are then asked a small question of their own before they get documents again (F61).
 *
 * An operator is told of a node once it failed and another took events, and once more when it has been well for a while. Where
 * all fail, that is no trouble of a node: the sender tells of it.
 */

const FIRST_REST_MS = 5_000
/** Counted in first rests: the longest one, and how long a node is tried until it counts as well again. */
const LONGEST = 12
const WELL = 6

interface Trouble {
  /** `rests`; `asked` whether it is back; `tried`: it said so, and gets documents. */
  state: 'rests' | 'asked' | 'tried'
  failures: number
  /** When it said so. */
  triedMs: number
  restsUntilMs: number
  why: string
  isTold: boolean
}

export interface NodesOptions {
  /** Take a line for the operator: a node is left out; it is used again. */
  readonly warn?: (message: string) => void
  readonly info?: (message: string) => void
  /** The first rest; the others are measured by it. Default: 5 s. */
  readonly restMs?: number
}

export class Nodes {
  readonly #restMs: number
  readonly #urls: readonly string[]
  readonly #troubles = new Map<string, Trouble>()
  readonly #warn: (message: string) => void
  readonly #info: (message: string) => void
  #turn = 0

  /** @param urls as they are configured */
  constructor(urls: readonly string[], { warn = () => {}, info = () => {}, restMs = FIRST_REST_MS }: NodesOptions = {}) {
    this.#urls = urls.map(url => new URL(url).href)
    this.#warn = warn
    this.#info = info
    this.#restMs = restMs
  }

  get isAnyWell(): boolean {
    return this.#urls.some(url => this.#isWell(url))
  }

  /** The next of those that are well, or of all where none is. */
  choose<T extends { readonly url: URL }>(all: readonly T[]): T | undefined {
    const well = all.filter(({ url }) => this.#isWell(url.href))
    const from = well.length > 0 ? well : all
    return from[this.#turn++ % from.length]
  }

  /** Whether this node's rest is over; whoever is told so must ask it, and say `failed` or `isBack`. */
  takeRested({ href }: URL): boolean {
    const trouble = this.#troubles.get(href)
    if (trouble?.state !== 'rests' || performance.now() < trouble.restsUntilMs) return false
    trouble.state = 'asked'
    return true
  }

  /** It answered the small question. */
  isBack({ href }: URL): void {
    const trouble = this.#troubles.get(href)
    if (trouble?.state === 'asked') this.#try(trouble)
  }

  /** @param why for people; holds no document, no secret */
  failed({ href }: URL, why: string): void {
    const before = this.#troubles.get(href)
    // What was on its way to it when it failed, or was sent for want of a better one, is no failure more.
    if (before?.state === 'rests') return
    const failures = (before?.failures ?? 0) + 1
    const restsUntilMs = performance.now() + this.#restMs * Math.min(LONGEST, 2 ** (failures - 1))
    this.#troubles.set(href, { state: 'rests', failures, triedMs: 0, restsUntilMs, why, isTold: before?.isTold ?? false })
  }

  /** It took a request with documents. */
  took({ href }: URL): void {
    const trouble = this.#troubles.get(href)
    if (trouble !== undefined && trouble.state !== 'tried') {
      // All rested, so all was out of reach: the others have a right to be asked at once. Else it was on its way when the node failed.
      if (!this.isAnyWell) this.#endOutage(href)
      return
    }
    if (trouble !== undefined) this.#forgive(href, trouble)
    this.#tellOfOthers()
  }

  #isWell(href: string): boolean {
    const state = this.#troubles.get(href)?.state
    return state === undefined || state === 'tried'
  }

  #endOutage(href: string): void {
    for (const trouble of this.#troubles.values()) trouble.restsUntilMs = 0
    const trouble = this.#troubles.get(href)!
    if (trouble.isTold) this.#try(trouble)
    else this.#troubles.delete(href)
  }

  #try(trouble: Trouble): void {
    trouble.state = 'tried'
    trouble.triedMs = performance.now()
  }

  /** One that fails now and then is not forgiven each time: it would be told of each time. */
  #forgive(href: string, trouble: Trouble): void {
    const isSteady = performance.now() - trouble.triedMs >= this.#restMs * WELL
    if (trouble.isTold && isSteady) this.#info(`${nameOf(href)} is used again`)
    if (!trouble.isTold || isSteady) this.#troubles.delete(href)
  }

  #tellOfOthers(): void {
    for (const [href, trouble] of this.#troubles) {
      // One that is about to be asked may be well.
      if (trouble.isTold || trouble.state !== 'rests' || trouble.restsUntilMs <= performance.now()) continue
      trouble.isTold = true
      this.#warn(`${nameOf(href)} is left out, the other nodes are used: ${trouble.why}`)
    }
  }
}

const nameOf = (href: string): string => new URL(href).host
