/** Posts that reached a decision without a moderator: which were held, and which went straight through. */
import type { Fact } from './fact.js'
import type { Decision } from './usual.js'

/** Ids of held messages that are remembered, so that their release is not taken for a post of its own. */
const MAX_HELD = 50_000

/** What a list sends itself (digests, notices): `dev-request@…`; in 2.1 its notices' ids begin so too. */
const OWN = /^(?:request|bounces|owner|admin|confirm|join|leave)@/

export class Decisions {
  #held = new Set<string>()
  #before = new Set<string>()

  /** Undefined where the fact is no such decision. */
  of({ action, list, sender, messageId, atMs, reasons }: Fact): Decision | undefined {
    if (list === undefined || (action !== 'message-held' && action !== 'message-posted')) return undefined
    const key = `${list} ${messageId}`
    if (action === 'message-held') {
      if (messageId !== undefined) this.#remember(key)
      return { atMs, list, sender, held: true, messageId, reasons }
    }
    if (messageId !== undefined && (this.#held.has(key) || this.#before.has(key))) return undefined
    const name = list.split('@')[0]!
    if (sender?.startsWith(`${name}-`) && OWN.test(sender.slice(name.length + 1))) return undefined
    return { atMs, list, sender, held: false, messageId, reasons }
  }

  #remember(key: string): void {
    if (this.#held.size >= MAX_HELD / 2) {
      this.#before = this.#held
      this.#held = new Set()
    }
    this.#held.add(key)
  }
}
