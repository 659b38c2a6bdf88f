/**
 * Whom the mail server refused. Mailman 2.1's refusals name no message: `process` in Handlers/SMTPDirect.py writes a message's line
 * in `smtp` and `post`, with the number of refusals, and right behind it one line for each. So they are tied to it by host,
 * process, second and order. Mailman 3's name the message, and no list.
 */
import type { Seen } from './seen.js'
import { isFinal, type Step, stepOf } from './steps.js'

export interface Refusal {
  /** Undefined: the line names none, and means all recipients of a part of them. */
  readonly address: string | undefined
  readonly code: string | undefined
  readonly text: string
  /** Mailman does not try again. */
  readonly isFinal: boolean
  /** A later try went through, or at least did not refuse it again. */
  readonly isSettled: boolean
  readonly tries: number
  readonly lastMs: number
  readonly inferred: string | undefined
  readonly others: number
}

/** How long after the line of a message its refusals may be stamped. */
export const REFUSAL_WINDOW_MS = 2000
const SAME = 'same process and second as the message’s line; the refusal’s own line names no message'

/** True for a line about one recipient, that names no message. */
const isLoose = (event: Seen): boolean =>
  event.action === 'message-delivery-failed' &&
  event.messageId === undefined &&
  event.refusedCount === undefined &&
  event.recipients.length > 0

const isOfProcess = (event: Seen, attempt: Seen): boolean =>
  event.host === attempt.host && event.pid === attempt.pid && !event.isSuspect

const refusedIn = (posts: readonly Seen[]): number => posts.reduce((sum, post) => sum + (post.refusedCount ?? 0), 0)
const byPlace = (a: Seen, b: Seen): number => a.timestampMs - b.timestampMs || a.offset - b.offset

/**
 * The refusals of one try of 2.1.
 * @param attempt a line of `post` with failures
 * @param around all events of the second of that line and of the next one: other lines of `post`, and refusals
 */
export function tieRefusals(attempt: Seen, around: readonly Seen[]): Step[] {
  const wanted = attempt.refusedCount ?? 0
  if (wanted === 0) return []
  const own = around.filter(event => isOfProcess(event, attempt)).sort(byPlace)
  const posts = own.filter(event => event.action === 'message-posted' && (event.refusedCount ?? 0) > 0)
  const loose = own.filter(isLoose)
  const now = (event: Seen): boolean => event.timestampMs === attempt.timestampMs
  // Where the numbers agree, the order in which both logs were written says which refusal is whose.
  for (const isIn of [now, () => true]) {
    const [theirs, lines] = [posts.filter(isIn), loose.filter(isIn)]
    const index = theirs.findIndex(({ id }) => id === attempt.id)
    if (index < 0 || refusedIn(theirs) !== lines.length) continue
    const start = refusedIn(theirs.slice(0, index))
    return lines.slice(start, start + wanted).map(event => stepOf(event, SAME))
  }
  const rivals = posts.filter(post => now(post) && post.id !== attempt.id).length
  if (rivals === 0) return loose.slice(0, wanted).map(event => stepOf(event, SAME))
  return loose.filter(now).map(event => stepOf(event, SAME, rivals))
}

/** Each address once, the last word on it. @param attemptsMs when the message was handed over */
export function readRefusals(steps: readonly Step[], attemptsMs: readonly number[]): Refusal[] {
  const found = new Map<string, Refusal>()
  const lastTryMs = Math.max(...attemptsMs, 0)
  for (const { event, inferred, others } of steps) {
    const final = isFinal(event.code)
    for (const address of event.recipients.length > 0 ? event.recipients : [undefined]) {
      const key = address ?? `\n${event.code}`
      const before = found.get(key)
      found.set(key, {
        address,
        code: event.code,
        text: event.error ?? event.text,
        isFinal: final,
        isSettled: !final && lastTryMs > event.timestampMs + REFUSAL_WINDOW_MS,
        // `All recipients refused` and the line for each of them are one try.
        tries: before === undefined ? 1 : before.tries + Number(event.timestampMs > before.lastMs + REFUSAL_WINDOW_MS),
        lastMs: event.timestampMs,
        inferred: before !== undefined && before.inferred === undefined ? undefined : inferred,
        others: before === undefined ? others : Math.min(before.others, others),
      })
    }
  }
  const all = [...found.values()]
  // 3 says first that it was refused for all, then for whom.
  const named = new Set(all.filter(({ address }) => address !== undefined).map(({ code }) => code))
  return all.filter(({ address, code }) => address !== undefined || !named.has(code))
}
