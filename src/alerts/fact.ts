/** What the watches know of one event. All texts but `action` and `log` are strangers'. */
import type { ActionName } from '../../parsers/_actions.js'
import type { Pattern, Value } from '../../parsers/_contract.js'
import type { FieldName } from '../../parsers/_fields.js'
import type { LogEvent } from '../model.js'

export interface Fact {
  readonly atMs: number
  /** Undefined: no template knows the line. */
  readonly action: ActionName | undefined
  /** `vette`, `error`… */
  readonly log: string
  /** Lower case; `name@host` where the log says the host (3). */
  readonly list: string | undefined
  readonly sender: string | undefined
  readonly messageId: string | undefined
  readonly reasons: readonly string[]
  readonly runner: string | undefined
  readonly signal: string | undefined
  readonly outcome: 'success' | 'failure' | 'unknown' | undefined
}

/** What no watch asks for: half of all events. */
const IGNORED: ReadonlySet<ActionName> = new Set<ActionName>([
  'message-delivered',
  'bounces-processed',
  'debug-traced',
  'lock-traced',
  'lmtp-traced',
  'content-traced',
  'task-run',
  'api-requested',
])

/** Undefined where no watch asks for it. */
export function factOf({ timestampMs, dataset, pattern, values }: LogEvent): Fact | undefined {
  if (pattern === undefined || IGNORED.has(pattern.action)) return undefined
  const slots = slotsOf(pattern)
  const text = (slot: Slot | undefined): string | undefined => {
    const value = typeof slot === 'number' ? values[slot] : slot
    const first = Array.isArray(value) ? value[0] : value
    return typeof first === 'string' ? first : undefined
  }
  const reasons: Value = typeof slots.reasons === 'number' ? values[slots.reasons] : slots.reasons
  return {
    atMs: timestampMs,
    action: pattern.action,
    log: dataset.slice('mailman.'.length),
    list: text(slots.fqdn) ?? text(slots.list),
    sender: text(slots.sender)?.toLowerCase(),
    messageId: text(slots.messageId),
    reasons: Array.isArray(reasons) ? reasons : typeof reasons === 'string' ? [reasons] : [],
    runner: text(slots.runner),
    signal: text(slots.signal),
    outcome: pattern.outcome,
  }
}

/** Where a value stands: its place among the event's values, or what is the same in every event of the pattern. */
type Slot = number | string | boolean

interface Slots {
  readonly list: Slot | undefined
  readonly fqdn: Slot | undefined
  readonly sender: Slot | undefined
  readonly messageId: Slot | undefined
  readonly reasons: Slot | undefined
  readonly runner: Slot | undefined
  readonly signal: Slot | undefined
}

const known = new WeakMap<Pattern, Slots>()

function slotsOf(pattern: Pattern): Slots {
  let slots = known.get(pattern)
  if (slots === undefined) {
    const slot = (field: FieldName): Slot | undefined => {
      const place = pattern.fields.indexOf(field)
      return place >= 0 ? place : pattern.constants[field]
    }
    slots = {
      list: slot('mailman.list.name'),
      fqdn: slot('mailman.list.fqdn'),
      sender: slot('email.from.address'),
      messageId: slot('email.message_id'),
      reasons: slot('mailman.hold.reason'),
      runner: slot('mailman.runner.name'),
      signal: slot('mailman.runner.signal'),
    }
    known.set(pattern, slots)
  }
  return slots
}
