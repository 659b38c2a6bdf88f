/**
 * Templates of Mailman's messages.
 *
 *     post to {list} from {sender}, size={size}, message-id={messageId}, success
 *
 * Literal text must stand as written; a hole in braces takes what its kind allows (`_holes.ts`). A hole of text ends at the
 * first place where all that follows up to the next hole of text fits, or at the last such place when marked `{sender*}`;
 * what follows the last hole of text must reach the end. Senders write most of what stands in holes of text, so a template
 * is anchored at both ends, and there is no backtracking: each such hole is ended once, and time stays linear.
 */
import type { ActionName } from './_actions.js'
import type { Pattern, Span, Value } from './_contract.js'
import { bounds, matches } from './_match.js'
import { compile, type Place } from './_plan.js'

export interface Options {
  readonly outcome?: Pattern['outcome']
  readonly constants?: Pattern['constants']
  /** Default: a template that ends in a hole of text is open. */
  readonly open?: boolean
  readonly joins?: Pattern['joins']
  readonly joinsMany?: true
  readonly stderr?: true
}

export function pattern(action: ActionName, template: string, options: Options = {}): Pattern {
  const plan = compile(template)
  const { parts, places, fields } = plan
  const first = parts[0]
  const last = parts.at(-1)
  const match = (text: string): Value[] | undefined => (matches(text, plan) ? convert(text, places, fields.length) : undefined)
  return {
    action,
    template,
    head: typeof first === 'string' ? first : '',
    tail: plan.tail,
    outcome: options.outcome,
    log: undefined,
    fields,
    constants: options.constants ?? {},
    open: options.open ?? (typeof last === 'object' && last.hole.kind === 'text'),
    joins: options.joins,
    joinsMany: options.joinsMany === true,
    stderr: options.stderr === true,
    holdsBody: places.some(({ hole }) => hole.personal === 'body'),
    match,
    spans: text => (match(text) === undefined ? [] : spansOf(text, places)),
  }
}

/** The values of all holes of a text that matches, or undefined where the text of one of them does not fit. */
function convert(text: string, places: readonly Place[], size: number): Value[] | undefined {
  const values: Value[] = new Array(size)
  for (let i = 0; i < places.length; i++) {
    const { hole, at } = places[i]!
    const raw = text.slice(bounds[2 * i], bounds[2 * i + 1])
    if (hole.fits?.(raw) === false) return undefined
    hole.convert(raw, values, at)
  }
  return values
}

function spansOf(text: string, places: readonly Place[]): Span[] {
  const spans: Span[] = []
  places.forEach(({ hole: { personal } }, i) => {
    const start = bounds[2 * i]!
    const end = bounds[2 * i + 1]!
    if (typeof personal === 'string') spans.push({ personal, start, end })
    else if (personal !== undefined)
      for (const found of personal(text.slice(start, end)))
        spans.push({ ...found, start: start + found.start, end: start + found.end })
  })
  return spans
}
