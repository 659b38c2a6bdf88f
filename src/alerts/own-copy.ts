/**
 * A copy of what the watches may ask of an event. A text that V8 cut from a longer one keeps all of that in memory, so an event that
 * waits would hold on to the 64 KiB of the chunk that it was read with.
 */
import type { Pattern, Value } from '../../parsers/_contract.js'
import { type Seen, slotsOf } from './fact.js'

const scratch = Buffer.allocUnsafeSlow(4096)
/** Shorter texts V8 copies by itself; longer ones than fit into `scratch` are rare enough to stay as they are. */
const CUT_FROM = 13
const MAX_CHARACTERS = scratch.length / 3

const places = new WeakMap<Pattern, readonly number[]>()

export function ownCopy({ timestampMs, dataset, pattern, values, tags }: Seen): Seen {
  const kept: Value[] = []
  if (pattern !== undefined) for (const place of placesOf(pattern)) kept[place] = ownValue(values[place])
  return { timestampMs, dataset, pattern, values: kept, tags }
}

function placesOf(pattern: Pattern): readonly number[] {
  let known = places.get(pattern)
  if (known === undefined) {
    known = Object.values(slotsOf(pattern))
      .filter(slot => typeof slot === 'number')
      .sort((a, b) => a - b)
    places.set(pattern, known)
  }
  return known
}

function ownValue(value: Value): Value {
  if (typeof value !== 'string' || value.length < CUT_FROM || value.length > MAX_CHARACTERS) return value
  return scratch.toString('utf8', 0, scratch.write(value))
}
