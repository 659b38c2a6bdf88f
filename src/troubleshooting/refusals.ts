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
/** How far around a try its refusals, and those of its neighbours, are looked for. */
export const AROUND_MS = 5000
const SAME = 'same process and second as the message’s line; the refusal’s own line names no message'

/** True for a line about one recipient, that names no message. */
const isLoose = (event: Seen): boolean =>
  event.action === 'message-delivery-failed' &&
  event.messageId === undefined &&
  event.refusedCount === undefined &&
  event.recipients.length > 0

const isOfProcess = (event: Seen, attempt: Seen): boolean =>
  event.host === attempt.host && event.pid === attempt.pid && !event.isSuspect

const byPlace = (a: Seen, b: Seen): number => a.timestampMs - b.timestampMs || a.offset - b.offset

/**
 * The refusals of one try of 2.1.
 * @param attempt a line of `post` with failures
 * @param around all events of AROUND_MS before and after it: other lines of `post`, and refusals
 */
export function tieRefusals(attempt: Seen, around: readonly Seen[]): Step[] {
  const wanted = attempt.refusedCount ?? 0
  if (wanted === 0) return []
  const own = around.filter(event => isOfProcess(event, attempt)).sort(byPlace)
  const posts = own.filter(event => event.action === 'message-posted')
  const loose = own.filter(isLoose)
  const isNear = (event: Seen, [before, after]: readonly [number, number]): boolean =>
    event.timestampMs >= attempt.timestampMs - before && event.timestampMs <= attempt.timestampMs + after
  const named = own.filter(event => event.messageId === attempt.messageId && isNear(event, [1000, 0]))
  const known = new Set(named.flatMap(({ recipients, action }) => (action === 'message-delivery-failed' ? recipients : [])))
  // `All recipients refused` names message and recipients; the lines for each of them only say more.
  if (attempt.messageId !== undefined && known.size >= wanted)
    return loose.filter(event => isNear(event, [0, 1000]) && known.delete(event.recipients[0]!)).map(event => stepOf(event, SAME))
  const places = placesOf(attempt, posts, loose)
  if (places.length === 1) return loose.slice(places[0]!, places[0]! + wanted).map(event => stepOf(event, SAME))
  const candidates = loose.filter(event => isNear(event, [0, 1000]))
  const rivals = posts.filter(post => isNear(post, [1000, 1000]) && post.id !== attempt.id && (post.refusedCount ?? 0) > 0).length
  if (rivals === 0) return candidates.slice(0, wanted).map(event => stepOf(event, SAME))
  return candidates.map(event => stepOf(event, SAME, rivals))
}

/**
 * Where in `lines` the refusals of a try may begin. A process writes a post's line, then one for each refusal, then the next
 * post's: so both logs are laid beside each other, and what does not fit by number and time is ruled out.
 * @param posts of the process, in order  @param lines refusals of the process, in order
 */
function placesOf(attempt: Seen, posts: readonly Seen[], lines: readonly Seen[]): number[] {
  const places: number[] = []
  const endMs = attempt.timestampMs + AROUND_MS - REFUSAL_WINDOW_MS
  for (let start = 0; start <= lines.length; start++) {
    // Those before belong to a post before the first one that was read.
    if (start > 0 && lines[start - 1]!.timestampMs > posts[0]!.timestampMs) break
    let at = start
    let place = -1
    const fits = posts.every((post, i) => {
      const count = post.refusedCount ?? 0
      const own = lines.slice(at, at + count)
      if (post.id === attempt.id) place = at
      at += count
      const lastMs = Math.min(post.timestampMs + REFUSAL_WINDOW_MS, posts[i + 1]?.timestampMs ?? Number.POSITIVE_INFINITY)
      return (
        own.every(({ timestampMs }) => timestampMs >= post.timestampMs && timestampMs <= lastMs) &&
        (own.length === count || post.timestampMs > endMs)
      )
    })
    if (fits && place >= 0) places.push(place)
  }
  return places
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
