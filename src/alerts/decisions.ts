/** Posts that reached a decision without a moderator: which were held, and which went straight through. */
import { noPeople, People, type PeopleState } from './people.js'
import type { Post } from './post.js'
import type { Decision } from './usual.js'

/** 150,000 held messages at least are remembered, so that their release is not taken for a post of its own; in 512 KiB. */
const BITS = 2 ** 21

/** What a list sends itself: `dev-request@…`; in 2.1 its notices' ids begin so too. */
const OWN = /^-(?:request|bounces|owner|admin|confirm|join|leave)@/i

/** A digest or a notice, which 2.1 logs as a post of the list itself. */
export function isOwn(list: string, sender: string): boolean {
  const at = list.indexOf('@')
  const length = at === -1 ? list.length : at
  if (sender[length] !== '-') return false
  return sender.toLowerCase().startsWith(list.slice(0, length)) && OWN.test(sender.slice(length))
}

/** Lists and ids of messages. */
export const noDecisions = (): PeopleState => noPeople(BITS)

export class Decisions {
  readonly #held: People

  constructor(state: PeopleState = noDecisions()) {
    this.#held = new People(state)
  }

  isOne(post: Post): post is Decision {
    const { list, message, id, what, held } = post
    // Also what is let through: it may have been held so long ago that it was forgotten.
    if (what !== 'message-posted' && id !== 0) this.#held.add(message)
    if (list === undefined || what === 'message-approved') return false
    if (held || id === 0) return !post.isOwn
    // 3 does not say of which list it was let through.
    return !(post.isOwn || this.#held.has(message) || this.#held.has(id))
  }
}
