/** The events of one message → its lives, one for each list: a message may wait on one list and be posted on another. */
import { type Refusal, readRefusals } from './refusals.js'
import type { Seen } from './seen.js'
import { inOrder, type Step, stepOf } from './steps.js'

export type LifeState =
  | 'waiting'
  | 'maybe-decided'
  | 'released'
  | 'maybe-shunted'
  | 'shunted'
  | 'discarded'
  | 'rejected'
  | 'delivered'
  | 'partly-refused'
  | 'refused'
  | 'abandoned'
  | 'under-way'
  | 'mentioned'

export interface Life {
  /** Undefined: no line names one. */
  readonly list: string | undefined
  readonly mailman: '2.1' | '3' | undefined
  readonly state: LifeState
  readonly steps: readonly Step[]
  /** The hold that counts: the last one. */
  readonly hold: Seen | undefined
  readonly refusals: readonly Refusal[]
  /** Of the first try; undefined: no line says so. */
  readonly recipients: number | undefined
  /** How many are left that Mailman could not hand over, after the last try. */
  readonly refused: number
}

const NO_LIST = 'the line names no list'
const SHUNT = 'on the same host soon after; the line of a shunted message does not name it'
/** A message that goes on its way is in the next runner within seconds. */
export const SHUNT_WINDOW_MS = 120_000
const decided = new Set(['released', 'discarded', 'rejected'])
const isTry = ({ kind }: Step): boolean => kind === 'delivered' || kind === 'posted'

/** The steps of each list, in order. Those that name none are given to every list that they may be about. */
export function groupByList(events: readonly Seen[]): ReadonlyMap<string | undefined, readonly Step[]> {
  const steps = events.map(event => stepOf(event)).sort(inOrder)
  const lives = new Map<string | undefined, Step[]>()
  for (const step of steps)
    if (step.event.list !== undefined) lives.set(step.event.list, [...(lives.get(step.event.list) ?? []), step])
  if (lives.size === 0) return new Map(steps.length === 0 ? [] : [[undefined, steps]])
  for (const step of steps) {
    if (step.event.list !== undefined) continue
    const fitting = [...lives.values()].filter(life => mayBeOf(life, step))
    const candidates = fitting.length > 0 ? fitting : [...lives.values()]
    for (const life of candidates)
      life.push(lives.size === 1 ? step : { ...step, inferred: NO_LIST, others: candidates.length - 1 })
  }
  for (const life of lives.values()) life.sort(inOrder)
  return lives
}

function mayBeOf(life: readonly Step[], { kind, event }: Step): boolean {
  const before = life.filter(other => other.event.timestampMs <= event.timestampMs)
  if (decided.has(kind)) return before.findLast(other => decided.has(other.kind) || other.kind === 'held')?.kind === 'held'
  if (kind === 'refused')
    return life.some(
      other =>
        (other.event.refusedCount ?? 0) > 0 &&
        other.event.host === event.host &&
        other.event.pid === event.pid &&
        Math.abs(other.event.timestampMs - event.timestampMs) <= 1000,
    )
  return true
}

/** @param steps in order, those that were inferred among them */
export function makeLife(list: string | undefined, steps: readonly Step[]): Life {
  const sure = steps.filter(({ event }) => !event.isSuspect)
  const tries = sure.filter(isTry)
  const tryMs = tries.map(({ event }) => event.timestampMs)
  const refusals = readRefusals(
    sure.filter(({ kind }) => kind === 'refused'),
    tryMs,
  )
  const recipients = tries.find(({ event }) => event.recipientCount !== undefined)?.event.recipientCount
  const told = tries.findLast(({ kind }) => kind === 'posted')?.event.refusedCount ?? 0
  const left = refusals.filter(({ isSettled, others }) => !isSettled && others === 0).length
  const refused = new Set(tryMs).size > 1 ? Math.max(left, told) : Math.max(told, tries.length === 0 ? left : 0)
  const hold = sure.findLast(({ kind }) => kind === 'held')?.event
  return {
    list,
    mailman: steps.find(({ event }) => event.mailman !== undefined)?.event.mailman,
    state: stateOf(sure, hold, { recipients, refused }),
    steps,
    hold,
    refusals,
    recipients,
    refused,
  }
}

function stateOf(
  steps: readonly Step[],
  hold: Seen | undefined,
  { recipients, refused }: { readonly recipients: number | undefined; readonly refused: number },
): LifeState {
  // A message that was posted may come again and be held: what counts is what came last.
  const since = steps.filter(({ event }) => hold === undefined || event.timestampMs >= hold.timestampMs)
  const has = (kind: Step['kind']): boolean => since.some(step => step.kind === kind && step.others === 0)
  const may = (kind: Step['kind']): boolean => since.some(step => step.kind === kind)
  if (has('abandoned')) return 'abandoned'
  if (since.some(isTry)) {
    if (refused === 0) return 'delivered'
    return recipients !== undefined && refused >= recipients ? 'refused' : 'partly-refused'
  }
  if (has('shunted')) return 'shunted'
  if (has('rejected')) return 'rejected'
  if (has('discarded')) return 'discarded'
  if (may('refused')) return 'refused'
  if (may('shunted')) return 'maybe-shunted'
  if (has('released')) return 'released'
  if (may('released') || may('discarded') || may('rejected')) return 'maybe-decided'
  if (hold !== undefined) return 'waiting'
  return has('accepted') || may('accepted') ? 'under-way' : 'mentioned'
}

/** A message of which nothing came after it went on its way may have been shunted. @param shunts of any message */
export function withShunts(life: Life, shunts: readonly Seen[]): Life {
  if (life.state !== 'released' && life.state !== 'under-way') return life
  const last = life.steps.at(-1)!.event
  const fitting = shunts.filter(
    ({ host, timestampMs }) =>
      host === last.host && timestampMs >= last.timestampMs && timestampMs <= last.timestampMs + SHUNT_WINDOW_MS,
  )
  if (fitting.length === 0) return life
  // Even a single one is a guess: the line could be about any message.
  const guesses = fitting.map(event => stepOf(event, SHUNT, Math.max(1, fitting.length - 1)))
  return makeLife(life.list, [...life.steps, ...guesses].sort(inOrder))
}
