import t from 'tap'
import { Hints } from '../../src/files/hints.js'

t.test('the first one says when all that came by then are due', async t => {
  const hints = new Hints()
  t.equal(hints.dueMs, Number.POSITIVE_INFINITY, 'nothing is due')
  t.ok(hints.add('/logs/smtp', 1_000), 'there is something to wait for')
  const due = hints.dueMs
  t.ok(due > 1_000 && due <= 1_100, 'a line waits less than it would in a batch')
  t.notOk(hints.add('/logs/smtp', 1_010))
  t.notOk(hints.add('/logs/post', due - 1))
  t.equal(hints.dueMs, due, 'later ones put nothing off')
  t.same([...hints.take()].sort(), ['/logs/post', '/logs/smtp'])
  t.equal(hints.dueMs, Number.POSITIVE_INFINITY)
  t.same([...hints.take()], [])
  t.ok(hints.add('/logs/vette', 2_000))
  t.equal(hints.dueMs - due, 1_000)
})
