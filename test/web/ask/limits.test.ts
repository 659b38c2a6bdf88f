import t from 'tap'
import { Limits, neighbourhoodOf } from '../../../src/web/ask/limits.js'

t.test('so many in an hour; then again', async t => {
  let nowMs = 0
  const limits = new Limits(() => nowMs)
  const counted = () => limits.count('a', 2)
  t.strictSame([counted(), counted(), counted(), counted()], [0, 0, 1, 2])
  t.equal(limits.count('b', 2), 0)
  nowMs = 3_599_999
  t.equal(counted(), 3)
  nowMs = 3_600_000
  t.equal(counted(), 0)
})

t.test('memory is bounded: whoever cannot be counted may not', async t => {
  let nowMs = 0
  const limits = new Limits(() => nowMs)
  for (let i = 0; i < 10_000; i++) limits.count(`${i}`, 2)
  t.equal(limits.count('one more', 2), 3)
  t.equal(limits.count('7', 2), 0)
  nowMs = 3_600_000
  t.equal(limits.count('one more', 2), 0)
})

t.test('neighbours', async t => {
  t.equal(neighbourhoodOf('192.0.2.7'), '192.0.2.7')
  t.equal(neighbourhoodOf('::ffff:192.0.2.7'), '192.0.2.7')
  t.equal(neighbourhoodOf('2001:db8:0:7::1'), '2001:db8:0:7')
  t.equal(neighbourhoodOf('2001:DB8::7:1:2:3:4'), '2001:db8:0:7')
  t.equal(neighbourhoodOf('2001:0db8:0000:0007:1:2:3:4'), '2001:db8:0:7')
  t.equal(neighbourhoodOf('::1'), '0:0:0:0')
  t.equal(neighbourhoodOf(''), '')
})
