import t, { type Test } from 'tap'
import { durationOf, Pace, type Progress, showProgress } from '../../src/diagnostics/progress.js'
import { until } from '../support/until.js'

function capture({ isTTY = false, columns = 80 } = {}) {
  const written: string[] = []
  const write = (text: string | Uint8Array): boolean => written.push(`${text}`) > 0
  return { written, terminal: { isTTY, columns, write } }
}

const half: Progress = { done: 50, total: 100, note: '5 events', events: 5 }

const shows = (t: Test, written: readonly string[]) =>
  until(
    () => written.length > 0,
    () => 'something is shown',
  ).then(() => t.pass('shown'))

t.test('on a terminal: a bar in one line, redrawn in place, and gone at the end', async t => {
  const { terminal, written } = capture({ isTTY: true, columns: 60 })
  const progress = showProgress('reading', terminal, () => ({ ...half, note: `5 events ${'.'.repeat(100)}` }), 5)
  await shows(t, written)
  progress.say('a line that stays')
  progress.end()
  t.match(written[0], /^\r\x1b\[Kreading \[#{15}\.{15}\] 50 % {2}5 ev/)
  t.ok(written[0]!.length - '\r\x1b[K'.length < 60, 'never longer than the terminal is wide')
  t.equal(written.at(-2), '\r\x1b[Ka line that stays\n')
  t.equal(written.at(-1), '\r\x1b[K')
})

t.test('elsewhere: plain lines', async t => {
  const { terminal, written } = capture()
  const progress = showProgress('backfill', terminal, () => half, 5)
  await shows(t, written)
  progress.end()
  t.equal(written[0], 'backfill: 50 %, 5 events\n')
  t.notMatch(written.join(''), /[\r\x1b]/)
})

t.test('rate and time left go by the last half minute', async t => {
  const at = (done: number): Progress => ({ done, total: 10_000, note: '', events: done * 10 })
  const pace = new Pace(0, at(0))
  pace.note(500, at(100))
  t.same(pace.describe(at(100)), [], 'too early to say')
  for (let second = 1; second <= 10; second++) pace.note(second * 1000, at(second * 500)) // skipped quickly
  t.same(pace.describe(at(5_000)), ['5,000 events/s', '10 s left'])
  for (let second = 11; second <= 60; second++) pace.note(second * 1000, at(5_000 + (second - 10) * 10))
  t.same(pace.describe(at(5_500)), ['100 events/s', '7 min 30 s left'])
  for (let second = 61; second <= 100; second++) pace.note(second * 1000, at(5_500))
  t.same(pace.describe(at(5_500)), ['0 events/s'], 'held up: nobody knows how long')
})

t.test('durations', async t => {
  t.same([0, 400, 9_960, 59_400, 185_000, 7_830_000].map(durationOf), [
    '0.0 s',
    '0.4 s',
    '10 s',
    '59 s',
    '3 min 5 s',
    '2 h 10 min',
  ])
})
