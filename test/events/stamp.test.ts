import t from 'tap'
import type { Stamp } from '../../parsers/_mailman-line.js'
import { isZone } from '../../src/diagnostics/timezone.js'
import { type Instant, StampReader, Zone } from '../../src/events/stamp.js'

const NOW = Date.UTC(2026, 11, 31)
const stampOf = (time: string, kind: Stamp['kind'] = 'mailman'): Stamp => ({ kind, time, pid: 1, label: '', textStart: 0 })
const reader = (zone: string, lastMs = 0) => new StampReader(new Zone(zone), lastMs)
/** The next stamp of a file, which is believed. */
function next(stamps: StampReader, time: string): Instant | undefined {
  const instant = stamps.read(stampOf(time), () => NOW)
  if (instant !== undefined) stamps.lastMs = instant.ms
  return instant
}
/** Instants of one file's stamps, in its order. */
const read = (zone: string, ...times: string[]): (string | undefined)[] => {
  const stamps = reader(zone)
  return times.map(time => next(stamps, time)?.iso)
}

t.test('local time becomes an instant', async t => {
  t.strictSame(read('Europe/Berlin', 'Jan 02 08:15:01 2026', 'Jul 02 08:15:01 2026'), [
    '2026-01-02T07:15:01.000Z',
    '2026-07-02T06:15:01.000Z',
  ])
  t.strictSame(read('UTC', 'Dec 31 23:59:59 2025'), ['2025-12-31T23:59:59.000Z'])
  t.strictSame(read('Asia/Kathmandu', 'Jan 02 08:15:01 2026'), ['2026-01-02T02:30:01.000Z'], 'a zone with quarters')
  t.strictSame(read('Europe/Berlin', 'Feb 29 12:00:00 2024'), ['2024-02-29T11:00:00.000Z'])
})

t.test('clocks go forward: Europe/Berlin, 29 March 2026', async t => {
  t.strictSame(read('Europe/Berlin', 'Mar 29 01:59:59 2026', 'Mar 29 03:00:00 2026'), [
    '2026-03-29T00:59:59.000Z',
    '2026-03-29T01:00:00.000Z',
  ])
  t.strictSame(
    read('Europe/Berlin', 'Mar 29 02:30:00 2026'),
    ['2026-03-29T01:30:00.000Z'],
    'the missing hour: as if the clock had not moved yet',
  )
  t.equal(next(reader('Europe/Berlin'), 'Mar 29 02:30:00 2026')?.ambiguous, false)
})

t.test('clocks go back: Europe/Berlin, 25 October 2026; the order of the file decides', async t => {
  t.strictSame(
    read(
      'Europe/Berlin',
      'Oct 25 01:59:59 2026',
      'Oct 25 02:00:00 2026',
      'Oct 25 02:59:59 2026',
      'Oct 25 02:00:01 2026',
      'Oct 25 02:30:00 2026',
      'Oct 25 03:00:00 2026',
    ),
    [
      '2026-10-24T23:59:59.000Z',
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:59:59.000Z',
      '2026-10-25T01:00:01.000Z',
      '2026-10-25T01:30:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ],
  )
  const ambiguous = (time: string) => next(reader('Europe/Berlin'), time)?.ambiguous
  t.strictSame(['Oct 25 01:59:59 2026', 'Oct 25 02:00:00 2026', 'Oct 25 02:59:59 2026', 'Oct 25 03:00:00 2026'].map(ambiguous), [
    false,
    true,
    true,
    false,
  ])
})

t.test('clocks go back: America/New_York, 1 November 2026', async t => {
  t.strictSame(read('America/New_York', 'Nov 01 01:50:00 2026', 'Nov 01 01:10:00 2026'), [
    '2026-11-01T05:50:00.000Z',
    '2026-11-01T06:10:00.000Z',
  ])
  t.strictSame(read('America/New_York', 'Mar 08 02:30:00 2026'), ['2026-03-08T07:30:00.000Z'])
})

t.test('disorder of some seconds between processes is no change of clocks; minutes in a quiet file are', async t => {
  t.strictSame(read('Europe/Berlin', 'Oct 25 02:09:30 2026', 'Oct 25 02:09:00 2026', 'Oct 25 02:05:00 2026'), [
    '2026-10-25T00:09:30.000Z',
    '2026-10-25T00:09:00.000Z',
    '2026-10-25T01:05:00.000Z',
  ])
})

t.test('with the context of the checkpoint, a replay in the repeated hour decides alike', async t => {
  const whole = reader('Europe/Berlin')
  for (const time of ['Oct 25 02:59:59 2026', 'Oct 25 02:10:00 2026']) next(whole, time)
  const replay = reader('Europe/Berlin', whole.lastMs)
  t.equal(next(replay, 'Oct 25 02:20:00 2026')?.iso, next(whole, 'Oct 25 02:20:00 2026')?.iso)
})

t.test('what is no time is none', async t => {
  const bad = [
    'Foo 02 08:15:01 2026',
    'Feb 30 08:15:01 2026',
    'Feb 29 08:15:01 2026',
    'Jan 00 08:15:01 2026',
    'Jan 02 24:00:00 2026',
  ]
  const worse = [
    'Jan 02 08:60:00 2026',
    'Jan 02 08:15:61 2026',
    'Jan 02 08:15:01 1990',
    'Jan 02 08:15:01 2099',
    'Jan xx 08:15:01 2026',
    '',
  ]
  t.strictSame(
    read('UTC', ...bad, ...worse),
    [...bad, ...worse].map(() => undefined),
  )
  t.strictSame(read('UTC', 'Jan  2 08:15:01 2026'), ['2026-01-02T08:15:01.000Z'], 'a day that is padded by a blank')
  t.strictSame(read('UTC', 'Dec 31 23:59:60 2016'), ['2017-01-01T00:00:00.000Z'], 'a leap second')
})

t.test("the web server's and the REST library's stamps beside Mailman 3", async t => {
  const iso = (kind: Stamp['kind'], time: string) => reader('Europe/Berlin').read(stampOf(time, kind), () => NOW)?.iso
  t.equal(iso('gunicorn', '2026-11-22 17:04:58 +0000'), '2026-11-22T17:04:58.000Z')
  t.equal(iso('gunicorn', '2026-11-22 17:04:58 -0330'), '2026-11-22T20:34:58.000Z')
  t.equal(iso('access', '22/Nov/2026:17:40:39 +0100'), '2026-11-22T16:40:39.000Z')
  t.equal(iso('falcon', '2026-11-22 17:20:22'), '2026-11-22T16:20:22.000Z', 'local time')
  for (const time of ['2026-13-22 17:04:58 +0000', '2026-11-31 17:04:58 +0000', '2026-11-22 25:04:58 +0000'])
    t.equal(iso('gunicorn', time), undefined, time)
  t.equal(iso('access', '22/Nix/2026:17:40:39 +0000'), undefined)
})

t.test('a host that was moved to another zone', async t => {
  const untilMs = Date.parse('2026-05-01T09:00:00Z')
  const stamps = new StampReader(new Zone('Europe/Berlin', [{ timezone: 'America/New_York', untilMs }]), 0)
  const forward = ['May 01 04:59:59 2026', 'May 01 11:00:00 2026'].map(time => next(stamps, time))
  t.strictSame(
    forward.map(instant => [instant?.iso, instant?.ambiguous]),
    [
      ['2026-05-01T08:59:59.000Z', false],
      ['2026-05-01T09:00:00.000Z', false],
    ],
  )
  // To the west, six hours come twice.
  const back = new StampReader(new Zone('America/New_York', [{ timezone: 'Europe/Berlin', untilMs }]), 0)
  const times = [
    'May 01 04:00:00 2026',
    'May 01 06:00:00 2026',
    'May 01 10:59:59 2026',
    'May 01 05:00:00 2026',
    'May 01 10:00:00 2026',
  ]
  t.strictSame(
    times.map(time => next(back, time)?.iso),
    [
      '2026-05-01T02:00:00.000Z',
      '2026-05-01T04:00:00.000Z',
      '2026-05-01T08:59:59.000Z',
      '2026-05-01T09:00:00.000Z',
      '2026-05-01T14:00:00.000Z',
    ],
  )
})

t.test('zones', async t => {
  t.ok(isZone('Europe/Berlin'))
  t.notOk(isZone('Europe/Nowhere'))
  for (const utc of ['UTC', 'Etc/UTC']) {
    t.ok(isZone(utc))
    t.same(new Zone(utc).offsetsAt(NOW), [0], 'without a question to ICU')
  }
})
