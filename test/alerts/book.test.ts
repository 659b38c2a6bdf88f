/** The book of alerts: what guards say again and again is one alert; what ended stays for a while. */
import { deserialize, serialize } from 'node:v8'
import t from 'tap'
import type { Finding } from '../../src/alerts/alert.js'
import { AlertBook } from '../../src/alerts/book.js'

const stuck: Finding = {
  kind: 'queue-stuck',
  severity: 'warning',
  list: null,
  about: 'out',
  sinceMs: 1_000,
  raisedMs: 5_000,
  count: 10,
  held: 0,
  lists: 0,
  senders: 0,
  usual: 0,
  evidence: 1,
  limit: 1,
  reasons: [],
  examples: [],
  words: '10 messages wait',
}

t.test('the same trouble, seen again, is the same alert with its newest figures', async t => {
  const book = new AlertBook()
  book.stands(stuck)
  t.ok(book.isChanged)
  book.isChanged = false
  book.stands({ ...stuck, sinceMs: 2_000, raisedMs: 9_000, count: 12, words: '12 messages wait' })
  t.notOk(book.isChanged)
  t.match(book.alerts, [{ sinceMs: 1_000, raisedMs: 5_000, count: 12, words: '12 messages wait', endedMs: undefined }])
  book.over('queue-stuck', 'in', null, 10_000)
  t.equal(book.alerts[0]?.endedMs, undefined)
  book.over('queue-stuck', 'out', null, 10_000)
  t.equal(book.alerts[0]?.endedMs, 10_000)
  book.over('queue-stuck', 'out', null, 11_000)
  t.equal(book.alerts.length, 1)
  book.stands(stuck)
  t.equal(book.alerts.length, 2, 'and later there may be another')
})

t.test('what gets worse is told anew, under another key', async t => {
  const book = new AlertBook()
  book.stands(stuck)
  book.stands({ ...stuck, severity: 'critical', raisedMs: 9_000 })
  const [worse, before] = book.alerts
  t.match([worse, before], [{ severity: 'critical' }, { severity: 'warning', endedMs: 9_000 }])
  t.not(worse!.key, before!.key)
  book.stands({ ...stuck, severity: 'warning', raisedMs: 9_500 })
  t.equal(book.alerts.length, 2, 'what gets better is not')
})

t.test('it is the same after a restart', async t => {
  const book = new AlertBook()
  book.stands(stuck)
  const next = new AlertBook(deserialize(serialize(book.state)))
  t.same(next.alerts, book.alerts)
  next.stands(stuck)
  t.equal(next.alerts.length, 1)
})

t.test('what ended is forgotten after two hundred others', async t => {
  const book = new AlertBook()
  for (let i = 0; i < 250; i++) {
    book.stands({ ...stuck, sinceMs: i })
    book.over('queue-stuck', 'out', null, i)
  }
  t.equal(book.alerts.length, 200)
  t.equal(book.alerts[0]?.sinceMs, 50)
})
