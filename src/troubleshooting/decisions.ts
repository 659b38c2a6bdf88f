/**
 * What a moderator decided about a held post. A release names the message; `Discarded posting` and `Refused posting`
 * (ListAdmin.py; 3: app/moderator.py) name list and sender only. They are tied to a hold by these two, as long as that is clear.
 */
import type { Seen } from './seen.js'
import { type Step, stepOf } from './steps.js'

export interface SenderHistory {
  /** Posts of one sender held on one list. */
  readonly holds: readonly Seen[]
  /** Ids of messages that were released. */
  readonly released: ReadonlyMap<string, number>
  /** Discards and rejections on that list, of that sender, that name no message. */
  readonly decisions: readonly Seen[]
}

const SAME = 'same list and sender; the line of the decision names no message'

/** What may have been decided about this one hold. `others` > 0: the line may be about another post of the same sender. */
export function decisionsAbout(hold: Seen, { holds, released, decisions }: SenderHistory): Step[] {
  const events = [...new Map([...holds, ...decisions, hold].map(event => [event.id, event])).values()]
  events.sort((a, b) => a.timestampMs - b.timestampMs)
  let waiting: Seen[] = []
  let unclear: Seen[] = []
  for (const event of events) {
    waiting = waiting.filter(
      ({ messageId }) => !(released.get(messageId ?? '') !== undefined && released.get(messageId ?? '')! <= event.timestampMs),
    )
    if (event.action === 'message-held') {
      waiting.push(event)
      continue
    }
    if (waiting.length === 0) continue
    unclear.push(event)
    if (unclear.length < waiting.length) continue
    // As many decisions as posts that waited: each of them was decided.
    const isOurs = waiting.some(({ id }) => id === hold.id)
    const same = new Set(unclear.map(({ action }) => action)).size === 1
    if (isOurs)
      return unclear.slice(0, same ? 1 : undefined).map(decision => stepOf(decision, SAME, same ? 0 : unclear.length - 1))
    waiting = []
    unclear = []
  }
  const isOpen = waiting.some(({ id }) => id === hold.id)
  const after = unclear.filter(({ timestampMs }) => timestampMs >= hold.timestampMs)
  return isOpen ? after.map(decision => stepOf(decision, SAME, waiting.length - 1)) : []
}
