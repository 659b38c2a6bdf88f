/**
 * One notifier's part: what it was told, and the messages that are on the way to it. What is due and not on the way becomes a message
 * of its own, so that one that is refused for ever holds up no other.
 */
import { createHash } from 'node:crypto'
import type { Alert } from '../alerts/alert.js'
import type { LeastSeverity } from '../config/alerts-options.js'
import type { Moment, Notice } from './notice.js'
import { type Due, dueOf, mayTell, OVER_MS, type Rules, rankOf, type Seen, type Told } from './plan.js'

/** A notice stays as it was written: its id is how a receiver knows that it came before. */
export interface Message {
  readonly notice: Notice
  attempts: number
  nextMs: number
}

export interface Lane {
  readonly told: Map<string, Told>
  readonly way: Message[]
  /** When the messages of the last hour were made. */
  madeMs: number[]
  /** Since when more would have been made than an hour takes; undefined: that is not so. */
  limitedMs: number | undefined
}

export const newLane = (): Lane => ({ told: new Map(), way: [], madeMs: [], limitedMs: undefined })

const MAX_ON_THE_WAY = 8
/** The worst of them; the others follow. */
const MAX_ALERTS = 50
const HOUR_MS = 3_600_000
/** Messages an hour; the last ten of them are for what is critical. */
const MAX_AN_HOUR = 60
const MAX_UNCRITICAL = 50
const FIRST_RETRY_MS = 5_000
const MAX_RETRY_MS = 300_000

/** Makes messages of what is due. @returns whether there are new ones */
export function compose(name: string, lane: Lane, seen: ReadonlyMap<string, Seen>, least: LeastSeverity, rules: Rules): boolean {
  const onTheWay = new Set(lane.way.flatMap(({ notice }) => notice.alerts.map(({ key }) => key)))
  const groups = new Map<Moment, Due[]>()
  for (const [key, each] of seen) {
    if (onTheWay.has(key)) continue
    const due = dueOf(each, lane.told.get(key), least, rules)
    if (due !== undefined) groups.set(due.moment, [...(groups.get(due.moment) ?? []), due])
  }
  let isNew = false
  for (const [moment, dues] of groups)
    if (dues.some(({ ripeMs }) => ripeMs <= rules.nowMs) && hasRoom(lane, dues, rules.nowMs)) {
      const alerts = dues.map(({ seen }) => ({ ...seen.alert })).sort(worstFirst)
      lane.way.push(messageOf(name, moment, alerts.slice(0, MAX_ALERTS), lane, seen, least, rules.nowMs))
      isNew = true
    }
  return isNew
}

function hasRoom(lane: Lane, dues: readonly Due[], nowMs: number): boolean {
  if (lane.way.length >= MAX_ON_THE_WAY) return false
  lane.madeMs = lane.madeMs.filter(ms => nowMs - HOUR_MS < ms && ms <= nowMs)
  const isCritical = dues.some(({ seen }) => seen.alert.severity === 'critical')
  if (lane.madeMs.length < (isCritical ? MAX_AN_HOUR : MAX_UNCRITICAL)) return true
  lane.limitedMs ??= nowMs
  return false
}

function messageOf(
  name: string,
  moment: Moment,
  alerts: readonly Alert[],
  lane: Lane,
  seen: ReadonlyMap<string, Seen>,
  least: LeastSeverity,
  nowMs: number,
): Message {
  const words = lane.limitedMs === undefined ? undefined : sayLeftOut(lane.limitedMs, lane, seen, least)
  lane.limitedMs = undefined
  lane.madeMs.push(nowMs)
  const id = createHash('sha256').update(JSON.stringify([name, moment, nowMs, alerts.map(({ key }) => key)]))
  const notice = { id: id.digest('hex').slice(0, 16), atMs: nowMs, moment, alerts, ...(words === undefined ? {} : { words }) }
  return { notice, attempts: 0, nextMs: nowMs }
}

/** Nothing that lasts is left out, only late; what began and ended meanwhile was not told. */
function sayLeftOut(sinceMs: number, { told }: Lane, seen: ReadonlyMap<string, Seen>, least: LeastSeverity): string[] {
  const left = [...seen.values()].filter(
    ({ alert, seenMs }) =>
      seenMs >= sinceMs && alert.endedMs !== undefined && rankOf[alert.severity] >= rankOf[least] && !told.has(alert.key),
  )
  const count =
    left.length === 1 ? '1 alert that began and ended meanwhile is' : `${left.length} alerts that began and ended meanwhile are`
  return [
    `More than ${MAX_UNCRITICAL} messages were sent within an hour, so this one had to wait.`,
    `${count} left out; mailman-shipper alerts list --all shows them.`,
  ]
}

/** The message to be sent now; undefined: none. One of which nothing may be said now waits. */
export function nextOf({ way }: Lane, rules: Rules): Message | undefined {
  const { nowMs } = rules
  return way.find(
    // Where the clock was set back nothing waits for it to come round.
    ({ notice, nextMs }) =>
      (nextMs <= nowMs || nextMs > nowMs + MAX_RETRY_MS) && notice.alerts.some(alert => mayTell(alert, rules)),
  )
}

/** It was taken. */
export function settle(lane: Lane, message: Message, nowMs: number): void {
  for (const { key, severity, count, endedMs } of message.notice.alerts)
    lane.told.set(key, {
      lastMs: nowMs,
      severity,
      count,
      grown: message.notice.moment === 'grown' || lane.told.get(key)?.grown === true,
      ended: endedMs !== undefined,
    })
  drop(lane, message)
  // The others need not wait: it is there again.
  for (const other of lane.way) other.nextMs = nowMs
}

/** @param random 0 to 1: what waits for one server shall not come in step */
export function postpone(message: Message, nowMs: number, random: number): void {
  const waitMs = Math.min(FIRST_RETRY_MS * 2 ** message.attempts, MAX_RETRY_MS)
  message.attempts++
  message.nextMs = nowMs + waitMs * (0.5 + random / 2)
}

/** Messages about what is over for a day go no more. @returns them */
export function giveUp(lane: Lane, seen: ReadonlyMap<string, Seen>, nowMs: number): Message[] {
  const given = lane.way.filter(({ notice }) =>
    notice.alerts.every(({ key }) => {
      const overMs = seen.get(key)?.endSeenMs
      const isOver = !seen.has(key) || overMs !== undefined
      return isOver && nowMs - Math.max(overMs ?? 0, notice.atMs) >= OVER_MS
    }),
  )
  for (const message of given) {
    drop(lane, message)
    // Else the same would be due again at once.
    for (const { key, endedMs } of message.notice.alerts) {
      const told = lane.told.get(key)
      if (endedMs !== undefined && told !== undefined) lane.told.set(key, { ...told, ended: true })
    }
  }
  return given
}

/** Of what is not known any more nothing is to be told. */
export function forget({ told }: Lane, seen: ReadonlyMap<string, Seen>): void {
  for (const key of told.keys()) if (!seen.has(key)) told.delete(key)
}

function drop({ way }: Lane, message: Message): void {
  const place = way.indexOf(message)
  if (place >= 0) way.splice(place, 1)
}

const worstFirst = (a: Alert, b: Alert): number => rankOf[b.severity] - rankOf[a.severity] || a.sinceMs - b.sinceMs
