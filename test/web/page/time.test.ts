import t from 'tap'
import { sayDuration, timeIn } from '../../../src/web/page/time.js'

t.test('instants in the zone of the logs, and back', async t => {
  const berlin = timeIn('Europe/Berlin')
  t.equal(berlin.say(Date.UTC(2024, 0, 2, 7, 15, 5)), '2024-01-02 08:15:05')
  t.equal(berlin.say(Date.UTC(2024, 6, 1, 22)), '2024-07-02 00:00:00', 'midnight is the hour 0 of the day that begins')
  for (const zone of ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Apia', 'UTC']) {
    const time = timeIn(zone)
    for (let ms = Date.UTC(2024, 0, 1); ms < Date.UTC(2025, 0, 1); ms += 7 * 3_600_000 + 60_000) {
      const text = time.toInput(ms)
      const back = time.fromInput(text)!
      // The hour that comes twice may be meant as the other one; its text is the same.
      if (time.toInput(back) !== text || Math.abs(back - ms) > 3_600_000) t.fail(`${zone} ${text}`)
    }
  }
  t.equal(berlin.fromInput('2024-03-31T12:00'), Date.UTC(2024, 2, 31, 10), 'an input may leave the seconds out')
  t.equal(berlin.fromInput('2024-10-27T12:00:00'), Date.UTC(2024, 9, 27, 11))
  t.equal(berlin.fromInput(''), undefined)
})

t.test('durations', async t => {
  t.strictSame([0, 999, 1000, 61_000, 3_600_000, 90_061_000].map(sayDuration), [
    '0 ms',
    '999 ms',
    '1 s',
    '1 min 1 s',
    '1 h',
    '1 d 1 h',
  ])
})
