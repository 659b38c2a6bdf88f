/** The law of the ledger: in whatever order batches are settled, no mark passes one that is not. */
import fc from 'fast-check'
import t from 'tap'
import { Ledger } from '../../src/checkpoint/ledger.js'
import type { Mark } from '../../src/model.js'

const mark = (offset: number): Mark => ({ offset, lastMs: offset, openMs: 0, pids: [], suspectPid: 0, suspectMs: 0 })

t.test('any order of settling, for several streams', async t => {
  const property = fc.property(
    fc.array(fc.nat(2), { minLength: 1, maxLength: 30 }).chain(streams =>
      fc.tuple(
        fc.constant(streams),
        fc.shuffledSubarray(
          streams.map((_, i) => i),
          { minLength: streams.length },
        ),
        fc.nat(streams.length),
      ),
    ),
    ([streams, order, upTo]) => {
      const ledger = new Ledger<number>()
      const entries = streams.map((stream, number) => ({ stream, number, entry: ledger.enter(stream, mark(number)) }))
      const settled = new Set<number>()
      const reached = new Map<number, number>()
      for (const number of order.slice(0, upTo)) {
        settled.add(number)
        const { stream, entry } = entries[number]!
        const moved = entry.settle()
        const own = entries.filter(one => one.stream === stream)
        const firstOpen = own.find(one => !settled.has(one.number))
        const expected = own.filter(one => firstOpen === undefined || one.number < firstOpen.number).at(-1)?.number
        if (moved !== undefined) reached.set(stream, moved.offset)
        if (reached.get(stream) !== expected) return false
        if (ledger.has(stream) !== (firstOpen !== undefined)) return false
      }
      return true
    },
  )
  fc.assert(property, { numRuns: 500 })
  t.pass('500 orders')
})

t.test('a mark is told once, by the batch that moved it', async t => {
  const ledger = new Ledger<string>()
  const [a, b, c] = [1, 2, 3].map(offset => ledger.enter('vette', mark(offset)))
  t.equal(b!.settle(), undefined)
  t.same(a!.settle(), mark(2))
  t.ok(ledger.has('vette'))
  t.same(c!.settle(), mark(3))
  t.notOk(ledger.has('vette'))
})
