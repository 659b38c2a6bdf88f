/** What one event says of a message, as a step of its life. */
import type { Seen } from './seen.js'

export type StepKind =
  | 'accepted'
  | 'held'
  | 'released'
  | 'discarded'
  | 'rejected'
  | 'delivered'
  | 'posted'
  | 'refused'
  | 'abandoned'
  | 'shunted'
  | 'other'

export interface Step {
  readonly kind: StepKind
  readonly event: Seen
  /** Why we take it for this message's though its line does not name the message, or not the list; undefined: it does. */
  readonly inferred: string | undefined
  /** How many others the same line may be about just as well. 0: none. */
  readonly others: number
}

const kinds = new Map<string, StepKind>([
  ['message-accepted', 'accepted'],
  ['message-held', 'held'],
  ['message-approved', 'released'],
  ['message-discarded', 'discarded'],
  ['message-rejected', 'rejected'],
  ['message-delivered', 'delivered'],
  ['message-posted', 'posted'],
  ['message-delivery-failed', 'refused'],
  ['delivery-abandoned', 'abandoned'],
  ['message-shunted', 'shunted'],
])

/** In one second the order of steps is not logged; they can only come in this one. */
const order: readonly StepKind[] = [
  'accepted',
  'held',
  'released',
  'discarded',
  'rejected',
  'delivered',
  'posted',
  'refused',
  'abandoned',
  'shunted',
  'other',
]

export const meanings: Readonly<Record<StepKind, string>> = {
  accepted: 'let through by a rule',
  held: 'held for a moderator',
  released: 'released by a moderator',
  discarded: 'thrown away',
  rejected: 'sent back to the sender',
  delivered: 'handed to the mail server',
  posted: 'handed over as a post',
  refused: 'refused by the mail server',
  abandoned: 'given up after too many tries',
  shunted: 'shunted: set aside after an error',
  other: 'mentioned',
}

export function stepOf(event: Seen, inferred?: string, others = 0): Step {
  // core/runner.py of 3 shunts what is for a list that is gone, and names the message.
  const isShunt = event.action === 'list-missing' && event.messageId !== undefined
  return { kind: isShunt ? 'shunted' : (kinds.get(event.action) ?? 'other'), event, inferred, others }
}

export const inOrder = (a: Step, b: Step): number =>
  a.event.timestampMs - b.event.timestampMs || order.indexOf(a.kind) - order.indexOf(b.kind) || a.event.offset - b.event.offset

/** Codes from 500 on are final but for 552 (Handlers/SMTPDirect.py, mta/deliver.py); all others are tried again. */
export function isFinal(code: string | undefined): boolean {
  const number = Number(code)
  return number >= 500 && number !== 552
}
