// Hours of the day and of the week as stretches of time, where days have 23, 24 and 25 hours.
import { DateTime } from 'luxon'
import t from 'tap'
import { endOfStretch, stretchesOf } from '../../src/notify/spans.js'

const zone = 'Europe/London'
const at = (text: string): number => DateTime.fromISO(text, { zone }).toMillis()
const hours = (from: number, to: number) => ({ fromMinute: from * 60, toMinute: to * 60 })
const sayEnd = (span: Parameters<typeof endOfStretch>[0], text: string): string | undefined => {
  const end = endOfStretch(span, zone, at(text))
  return end === undefined ? undefined : DateTime.fromMillis(end, { zone }).toFormat('yyyy-MM-dd HH:mm')
}

t.test('quiet hours over midnight', async t => {
  const night = hours(22, 7)
  t.equal(sayEnd(night, '2026-11-20T21:59:59.999'), undefined)
  t.equal(sayEnd(night, '2026-11-20T22:00'), '2026-11-21 07:00')
  t.equal(sayEnd(night, '2026-11-21T06:59:59.999'), '2026-11-21 07:00')
  t.equal(sayEnd(night, '2026-11-21T07:00'), undefined)
  t.equal(sayEnd(hours(9, 9), '2026-11-21T08:00'), '2026-11-21 09:00', 'the same hour: all day')
})

t.test('a night in which clocks change ends at its hour all the same', async t => {
  const [spring] = stretchesOf(hours(22, 7), zone, at('2026-03-29T06:30')).slice(-1)
  t.equal((spring!.toMs - spring!.fromMs) / 3_600_000, 8)
  t.equal(sayEnd(hours(22, 7), '2026-03-29T06:30'), '2026-03-29 07:00')
  const [autumn] = stretchesOf(hours(22, 7), zone, at('2026-10-25T06:30')).slice(-1)
  t.equal((autumn!.toMs - autumn!.fromMs) / 3_600_000, 10)
  t.equal(sayEnd(hours(22, 7), '2026-10-25T06:59'), '2026-10-25 07:00')
  t.equal(
    sayEnd({ fromMinute: 8 * 60, toMinute: 9 * 60 }, '2026-10-25T08:30'),
    '2026-10-25 09:00',
    'after the change of that day',
  )
})

t.test('a weekday is that on which it begins', async t => {
  const sunday = { ...hours(17, 19), weekday: 7 }
  t.equal(sayEnd(sunday, '2026-11-22T18:00'), '2026-11-22 19:00')
  t.equal(sayEnd(sunday, '2026-11-21T18:00'), undefined)
  const late = { ...hours(22, 2), weekday: 7 }
  t.equal(sayEnd(late, '2026-11-23T01:00'), '2026-11-23 02:00')
  t.equal(sayEnd(late, '2026-11-22T01:00'), undefined)
  t.equal(sayEnd({ ...hours(22, 2), weekday: undefined }, '2026-11-22T01:00'), '2026-11-22 02:00', 'every day')
  t.equal(stretchesOf(sunday, zone, at('2026-11-22T18:00')).length, 2, 'the one before is known for a week')
})
