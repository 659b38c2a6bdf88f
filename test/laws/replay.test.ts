/**
 * The law of the checkpoint: wherever reading is broken off, what was emitted before and what a replay from the mark emits are
 * together the events of an unbroken reading.
 */
import fc from 'fast-check'
import t from 'tap'
import type { Context } from '../../src/model.js'
import { law } from '../support/law.js'
import { Reading, sourceOf } from '../support/reading.js'

const source = sourceOf('error', { timezone: 'Europe/Berlin' })

/** Stamps of three processes, around the hour that comes twice. */
const stamp = fc
  .tuple(fc.constantFrom('02:10:00', '02:59:59', '02:00:05', '12:01:07'), fc.constantFrom(1, 2, 3))
  .map(([time, pid]) => `Oct 25 ${time} 2026 (${pid}) `)
const access = '[25/Oct/2026:02:10:00 +0100] "GET / HTTP/1.1" 204 0 "-" "-"'
const line = fc.oneof(
  { weight: 3, arbitrary: stamp.map(stamp => `${stamp}Uncaught runner exception: z`) },
  { weight: 3, arbitrary: stamp.map(stamp => `${stamp}Traceback (most recent call last):`) },
  { weight: 2, arbitrary: stamp.map(stamp => `${stamp}SHUNTING: 1+a`) },
  { weight: 1, arbitrary: stamp.map(stamp => `${stamp}what?`) },
  { weight: 4, arbitrary: fc.constantFrom('  File "/x/Mailman/A.py", line 1, in f', '    y', 'KeyError: z', '') },
  { weight: 2, arbitrary: fc.constant(access) },
)

interface Step {
  readonly line: string
  /** A quiet time follows. */
  readonly quiet: boolean
}
const step: fc.Arbitrary<Step> = fc.record({ line, quiet: fc.nat(5).map(n => n === 0) })

interface Place {
  readonly offset: number
  readonly context: Context
  readonly cuts: readonly number[]
  readonly emitted: number
}

law(
  t,
  'broken off anywhere, nothing is lost, changed, or there twice',
  fc.property(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), steps => {
    const text = steps.map(({ line }) => `${line}\n`).join('')
    const unbroken = new Reading(text, { source })
    const places: Place[] = []
    for (const { line, quiet } of steps) {
      unbroken.feed(`${line}\n`)
      if (quiet) unbroken.quiet()
      const { resumeOffset: offset, context, cuts } = unbroken.assembler
      places.push({ offset, context, cuts: [...cuts], emitted: unbroken.events.length })
    }
    const all = unbroken.end().map(({ document }) => JSON.stringify(document))
    const allCuts = unbroken.assembler.cuts
    for (const { offset, context, cuts, emitted } of places) {
      // A quiet time after the break is one for the replay too.
      const replay = new Reading(text, {
        source,
        offset,
        context,
        cuts: [...cuts, ...allCuts.filter(cut => !cuts.includes(cut))],
      })
      const again = replay
        .feed(text.slice(offset))
        .end()
        .map(({ document }) => JSON.stringify(document))
      const expected = all.filter((document, i) => i >= emitted || again.includes(document))
      if (JSON.stringify(again) !== JSON.stringify(expected))
        throw new Error(`from ${offset}:\n${again.join('\n')}\ninstead of\n${expected.join('\n')}`)
    }
    return true
  }),
)
