/** The life of an address, as far as logs tell: memberships, bounces, posts that were held, mail that its server refused. */
import type { EventStore } from '../store/query.js'
import { type MessageTrace, read, readSpan, type Span, traceMessage } from './ask-message.js'
import type { Life } from './life.js'
import type { Seen } from './seen.js'

export interface Membership {
  readonly list: string
  /** The last event that says something of it. */
  readonly last: Seen
  /** Events about this membership, the oldest first. */
  readonly events: readonly Seen[]
  /** Bounces since it was last enabled by joining anew. */
  readonly bounces: number
  readonly lastBounce: Seen | undefined
}

export interface HeldPost {
  readonly event: Seen
  /** Undefined where the hold names no message, or is not among the newest. */
  readonly life: Life | undefined
}

export interface WhyAddress {
  readonly forms: readonly string[]
  readonly total: number
  readonly shown: number
  readonly span: Span | undefined
  readonly memberships: readonly Membership[]
  readonly held: readonly HeldPost[]
  readonly heldTotal: number
  readonly posted: readonly Seen[]
  /** Refusals of mail to it. */
  readonly refused: readonly Seen[]
  /** What else was done to it: discarded or rejected posts, bans. */
  readonly other: readonly Seen[]
  readonly isFrom3: boolean
}

const MAX_EVENTS = 5000
const MAX_TRACED = 5

/** What says something of a membership, but for bounces. */
const ofMembership = new Set([
  'subscription-pending',
  'subscription-held',
  'subscription-approved',
  'subscription-discarded',
  'subscription-rejected',
  'subscription-refused',
  'subscription-banned',
  'unsubscription-held',
  'unsubscription-discarded',
  'unsubscription-rejected',
  'member-subscribed',
  'member-unsubscribed',
  'member-removed',
  'member-disabled',
  'member-moderated',
  'address-changed',
  'disabled-notice-sent',
])
const bounced = new Set(['bounce-received', 'bounce-threshold-reached', 'probe-bounced'])
const asSender = new Set(['message-discarded', 'message-rejected', 'invitation-banned', 'address-change-banned'])

/** @param forms the address as it may be stored, in lower case */
export async function askWhyAddress(store: EventStore, forms: readonly string[]): Promise<WhyAddress> {
  const { total, events } = await read(store, { address: forms }, MAX_EVENTS, 'newest')
  const found = readAddress(events, forms)
  const lives: HeldPost[] = []
  for (const event of found.held.slice(-MAX_TRACED)) {
    const trace: MessageTrace | undefined = event.messageId === undefined ? undefined : await traceMessage(store, event.messageId)
    lives.push({ event, life: trace?.lives.find(life => life.steps.some(step => step.event.id === event.id)) })
  }
  return {
    forms,
    total,
    shown: events.length,
    span: await readSpan(store),
    ...found,
    held: lives,
    heldTotal: found.held.length,
    isFrom3: events.some(({ mailman }) => mailman === '3'),
  }
}

/** @param events all that name the address, the oldest first */
export function readAddress(events: readonly Seen[], forms: readonly string[]) {
  const isIt = (address: string | undefined): boolean => address !== undefined && forms.includes(address)
  const sure = events.filter(({ isSuspect }) => !isSuspect)
  const lists = new Map<string, Seen[]>()
  for (const event of sure) {
    if (!(isIt(event.member) || isIt(event.newAddress)) || event.list === undefined) continue
    if (ofMembership.has(event.action) || bounced.has(event.action))
      lists.set(event.list, [...(lists.get(event.list) ?? []), event])
  }
  const memberships: Membership[] = [...lists].map(([list, all]) => {
    const joined = all.findLastIndex(({ action }) => action === 'member-subscribed')
    const bounces = all.slice(joined + 1).filter(({ action }) => bounced.has(action))
    const told = all.filter(({ action }) => ofMembership.has(action) && action !== 'disabled-notice-sent')
    return { list, last: told.at(-1) ?? all.at(-1)!, events: all, bounces: bounces.length, lastBounce: bounces.at(-1) }
  })
  const bySender = (action: string): Seen[] => sure.filter(event => event.action === action && isIt(event.sender))
  return {
    memberships,
    held: bySender('message-held'),
    posted: bySender('message-posted'),
    refused: sure.filter(({ action, recipients }) => action === 'message-delivery-failed' && recipients.some(isIt)),
    other: sure.filter(({ action, sender, member }) => asSender.has(action) && (isIt(sender) || isIt(member))),
  }
}

/** One sentence about a membership, after `since …`. */
export function explainMembership({ last, lastBounce }: Membership): string {
  const score = lastBounce?.score === undefined ? '' : ` (last bounce score ${lastBounce.score})`
  switch (last.action) {
    case 'member-subscribed':
      return `joined${last.via === undefined ? '' : ` (${last.via})`}${score}`
    case 'member-unsubscribed':
      return last.via === 'disabled address'
        ? 'taken off the list: delivery was disabled for too long'
        : `left, or was taken off${last.via === undefined ? '' : ` (${last.via})`}`
    case 'member-removed':
      return 'taken off the list by Mailman, after too many bounces'
    case 'member-disabled':
      return last.score === undefined
        ? 'delivery disabled by bounces'
        : `delivery disabled by bounces: score ${last.score}, threshold ${last.threshold ?? 'not logged'}`
    case 'member-moderated':
      return 'set to moderated, for writing too much too fast'
    case 'address-changed':
      return `address changed from ${last.member ?? '?'} to ${last.newAddress ?? '?'}`
    case 'subscription-pending':
      return 'asked to join, and has not confirmed'
    case 'subscription-held':
      return 'asked to join; waits for a moderator'
    case 'subscription-approved':
      return 'let in by a rule'
    case 'subscription-discarded':
      return 'asked to join; a moderator threw the request away'
    case 'subscription-rejected':
      return 'asked to join; a moderator refused'
    case 'subscription-refused':
      return /already a member/.test(last.text)
        ? 'asked to join, and was a member already'
        : 'asked to join; Mailman would not take the request'
    case 'subscription-banned':
      return 'asked to join, and is banned'
    case 'unsubscription-held':
      return 'asked to leave; waits for a moderator'
    case 'unsubscription-discarded':
    case 'unsubscription-rejected':
      return 'asked to leave; a moderator did not allow it'
    default:
      return `mail bounced${score}`
  }
}

/** What to do where delivery is off. */
export const adviceForDisabled =
  'Once the address works, the member or a list admin switches delivery on again: 2.1: clear `nomail` in the member’s options; 3: set `delivery_status` of the member to enabled.'
