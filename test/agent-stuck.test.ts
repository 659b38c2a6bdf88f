/** An agent that sees nothing any more says so, once for each time. */
import t from 'tap'
import { watchAgent } from '../src/agent-stuck.js'
import { AlertBook } from '../src/alerts/book.js'
import { createLog } from '../src/diagnostics/log.js'
import { Health } from '../src/health.js'

t.test('a hold-up of a quarter of an hour is an alert until it is over; what does not blind the detector is none', async t => {
  let nowMs = Date.UTC(2026, 4, 19, 18)
  const clock = { now: () => nowMs, monotonic: () => nowMs, sleep: async () => {} }
  const log = createLog({ level: 'silent' })
  const health = new Health({ log, clock, version: '0', output: 'elasticsearch', stateDirectory: '/nowhere' })
  const book = new AlertBook()
  const look = (minutes: number): void => {
    nowMs += minutes * 60_000
    watchAgent(book, health, nowMs)
  }
  health.troubles.begin('output', 'MLS_OUTPUT_UNREACHABLE', 'es1')
  health.troubles.begin('metrics', 'MLS_METRICS_UNSERVED', 'port 1')
  look(14)
  t.same(book.alerts, [])
  look(1)
  look(60)
  t.match(book.alerts, [
    { kind: 'agent-stuck', severity: 'warning', list: null, sinceMs: Date.UTC(2026, 4, 19, 18), words: /cannot be reached/ },
  ])
  health.troubles.end('output')
  look(1)
  t.match(book.alerts, [{ endedMs: nowMs }])
  look(60)
  t.equal(book.alerts.length, 1)
})
