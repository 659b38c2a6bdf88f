/** The change point: counts by minute in, runs out. */
import t from 'tap'
import { findRuns, type Minutes, usualShares } from '../../src/troubleshooting/report-runs.js'

const HOURS = 6
const minutes = (held: (minute: number) => number, posted: (minute: number) => number): Minutes => ({
  held: Array.from({ length: HOURS * 60 }, (_, i) => held(i)),
  posted: Array.from({ length: HOURS * 60 }, (_, i) => posted(i)),
})
/** 12 % held. */
const usual = minutes(
  i => Number(i % 7 === 0),
  () => 1,
)

t.test('every post is held for two hours', async t => {
  const seen = minutes(
    i => (i >= 100 && i < 220 ? 1 : Number(i % 7 === 0)),
    i => Number(i < 100 || i >= 220),
  )
  t.match(findRuns(seen, [usual]), [{ start: 98, end: 220, held: 121, posted: 2, usualPosted: 122 }])
})

t.test('a usual day, no day, a burst of few', async t => {
  t.strictSame(findRuns(usual, [usual, usual]), [])
  t.strictSame(
    findRuns(
      minutes(
        () => 0,
        () => 0,
      ),
      [usual],
    ),
    [],
  )
  t.strictSame(
    findRuns(
      minutes(
        i => (i === 50 ? 12 : Number(i % 7 === 0)),
        () => 1,
      ),
      [usual],
    ),
    [],
    'twelve at once',
  )
})

t.test('nothing is abnormal without something usual', async t => {
  t.strictSame(
    findRuns(
      minutes(
        () => 5,
        () => 0,
      ),
      [],
    ),
    [],
  )
})

t.test('waves of usual weeks raise what counts', async t => {
  const wave = (size: number) =>
    minutes(
      i => (i >= 60 && i < 90 ? size : Number(i % 7 === 0)),
      () => 1,
    )
  const seen = wave(4)
  t.equal(findRuns(seen, [usual]).length, 1)
  t.strictSame(findRuns(seen, [wave(3), wave(3), wave(3)]), [], 'each week has one')
  t.equal(findRuns(seen, [usual, wave(3), usual]).length, 1, 'one of three weeks had one')
})

t.test('two runs of one day', async t => {
  const seen = minutes(
    i => ((i >= 30 && i < 60) || (i >= 200 && i < 300) ? 3 : Number(i % 7 === 0)),
    () => 1,
  )
  t.match(
    findRuns(seen, [usual]).map(({ start }) => start),
    [28, 200],
  )
})

t.test('the usual share is that of the hour, and never 0 or 1', async t => {
  const week = minutes(
    i => (i < 60 ? 0 : 2),
    i => (i < 60 ? 4 : 0),
  )
  const shares = usualShares([week], HOURS * 60)
  t.equal(shares.length, HOURS * 60)
  t.ok(shares[0]! < 0.1 && shares[0]! >= 0.01)
  t.equal(shares[359], 0.9)
})
