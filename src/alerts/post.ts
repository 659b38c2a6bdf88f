/** One post on its way: held, let through by a moderator, or posted. */
import { isOwn } from './decisions.js'
import type { Fact } from './fact.js'
import { hashOf, paired } from './hash.js'
import type { KnownList, Lists } from './lists.js'

export interface Post {
  readonly atMs: number
  readonly what: (typeof POSTS)[number]
  readonly held: boolean
  /** Undefined: the log does not say it. */
  readonly list: KnownList | undefined
  /** Hash of the address; 0: not known, or dropped for privacy. */
  readonly sender: number
  /** Hash of list and address; 0 as well. */
  readonly member: number
  /** The list sent it itself: a digest, a notice. */
  readonly isOwn: boolean
  /** Of a stranger, for an example. */
  readonly messageId: string | undefined
  /** Hash of the message id; 0: none. */
  readonly id: number
  /** Hash of list and message id, or of what there is of them; 0: no message id. */
  readonly message: number
  /** Of our vocabulary; for holds. */
  readonly reasons: readonly string[]
}

export const POSTS = ['message-held', 'message-posted', 'message-approved'] as const

export interface PostFact extends Fact {
  readonly action: Post['what']
}

export const isPost = (fact: Fact): fact is PostFact => (POSTS as readonly string[]).includes(fact.action)

const NONE: readonly string[] = []

export function postOf(fact: PostFact, lists: Lists): Post {
  const { atMs, list: name, sender: address, messageId } = fact
  const what = fact.action
  const held = what === 'message-held'
  const list = name === undefined ? undefined : lists.of(name)
  const id = messageId === undefined ? 0 : hashOf(messageId)
  const sender = address === undefined ? 0 : hashOf(address)
  return {
    atMs,
    what,
    held,
    list,
    sender,
    member: sender === 0 || list === undefined ? sender : paired(list.hash, sender),
    isOwn: !held && list !== undefined && address !== undefined && isOwn(list.name, address),
    messageId,
    id,
    message: id === 0 || list === undefined ? id : paired(list.hash, id),
    reasons: held ? fact.reasons : NONE,
  }
}
