/** What the watches ask of one event, each read where it is asked for. All texts but the action are strangers'. */
import type { ActionName } from '../../parsers/_actions.js'
import type { Pattern, Value } from '../../parsers/_contract.js'
import type { FieldName } from '../../parsers/_fields.js'
import type { LogEvent } from '../model.js'

/** What the detector wants of an event: the document, the largest part, need not wait. */
export type Seen = Pick<LogEvent, 'timestampMs' | 'dataset' | 'pattern' | 'values' | 'tags'>

export interface Fact {
  /** When it is taken to have happened: a late event counts as of now. */
  readonly atMs: number
  readonly action: ActionName
  /** Of Mailman's line, as the parser has it: no stranger's text. */
  readonly template: string
  readonly outcome: Pattern['outcome']
  /** Lower case; `name@host` where the log says the host (3). */
  readonly list: string | undefined
  readonly sender: string | undefined
  readonly messageId: string | undefined
  readonly reasons: readonly string[]
  readonly runner: string | undefined
  readonly signal: string | undefined
  /** How long it took; 0: the log does not say it. */
  readonly seconds: number
}

/** Of a line that no template knows there is none. */
export const factOf = ({ pattern, values, timestampMs }: Seen): Fact | undefined =>
  pattern === undefined ? undefined : new SeenFact(pattern, slotsOf(pattern), values, timestampMs)

export class SeenFact implements Fact {
  constructor(
    private readonly pattern: Pattern,
    private readonly slots: Slots,
    private readonly values: LogEvent['values'],
    readonly atMs: number,
  ) {}

  get action(): ActionName {
    return this.pattern.action
  }

  get template(): string {
    return this.pattern.template
  }

  get outcome(): Pattern['outcome'] {
    return this.pattern.outcome
  }

  get list(): string | undefined {
    return textAt(this.values, this.slots.fqdn) ?? textAt(this.values, this.slots.list)
  }

  get sender(): string | undefined {
    return textAt(this.values, this.slots.sender)
  }

  get messageId(): string | undefined {
    return textAt(this.values, this.slots.messageId)
  }

  get reasons(): readonly string[] {
    const value = valueAt(this.values, this.slots.reasons)
    return Array.isArray(value) ? value : typeof value === 'string' ? [value] : []
  }

  get runner(): string | undefined {
    return textAt(this.values, this.slots.runner)
  }

  get signal(): string | undefined {
    return textAt(this.values, this.slots.signal)
  }

  get seconds(): number {
    const value = valueAt(this.values, this.slots.duration)
    return typeof value === 'number' ? value / 1e9 : 0
  }
}

/** Where a value stands: its place among the event's values, or what is the same in every event of the pattern. */
type Slot = number | string | boolean

function valueAt(values: readonly Value[], slot: Slot | undefined): Value {
  return typeof slot === 'number' ? values[slot] : slot
}

/** The first of several. */
function textAt(values: readonly Value[], slot: Slot | undefined): string | undefined {
  const value = valueAt(values, slot)
  if (typeof value === 'string') return value
  return Array.isArray(value) ? value[0] : undefined
}

export interface Slots {
  readonly list: Slot | undefined
  readonly fqdn: Slot | undefined
  readonly sender: Slot | undefined
  readonly messageId: Slot | undefined
  readonly reasons: Slot | undefined
  readonly runner: Slot | undefined
  readonly signal: Slot | undefined
  readonly duration: Slot | undefined
}

const known = new WeakMap<Pattern, Slots>()

export function slotsOf(pattern: Pattern): Slots {
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
      duration: slot('event.duration'),
    }
    known.set(pattern, slots)
  }
  return slots
}
