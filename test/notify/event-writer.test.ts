/** Alerts in the store: each moment once, whatever the store answers, and after a restart too. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { type Alert, nothingCounted } from '../../src/alerts/alert.js'
import type { Answer, Batch, Output } from '../../src/model.js'
import { AlertEventWriter } from '../../src/notify/event-writer.js'

const site = { hostName: 'lists1', instance: 'main', timezone: 'UTC', namespace: 'default' }
const nowMs = Date.UTC(2026, 4, 19, 18)

const alertOf = (key: string): Alert => ({
  ...nothingCounted,
  key,
  kind: 'holds-spike',
  severity: 'critical',
  list: null,
  about: null,
  sinceMs: nowMs - 10_000,
  raisedMs: nowMs,
  endedMs: undefined,
  count: 4,
  before: [],
})

/** Answers as it is told, and keeps what it took. */
function scripted(answers: ('holdUp' | 'retry' | 'stored' | 'set-aside')[]) {
  const taken: string[] = []
  const output: Output = {
    name: 'scripted',
    prefix: ({ id }) => `${id}\n`,
    async write({ body, starts }: Batch): Promise<Answer> {
      const status = answers.shift() ?? 'stored'
      if (status === 'holdUp') return { holdUp: { code: 'MLS_OUTPUT_BUSY', detail: '' } }
      if (status === 'stored') for (const start of starts) taken.push(body.toString('latin1', start, body.indexOf('\n', start)))
      return { outcomes: starts.map(() => ({ status, reason: '' })) }
    },
    async close() {},
  }
  return { output, taken }
}

const momentsOf = (ids: readonly string[]): string[] => ids.map(id => id.split('-').slice(-2).join(' '))

t.test('what is not taken is written again, what is taken is not', async t => {
  const { output, taken } = scripted(['holdUp', 'retry'])
  const writer = new AlertEventWriter(
    output,
    site,
    () => nowMs,
    () => undefined,
  )
  const alert = alertOf('0123456789')
  for (let i = 0; i < 5; i++) {
    writer.update([alert])
    await nextTurn()
  }
  t.same(momentsOf(taken), ['0123456789 raised'])
  alert.count = 39
  writer.update([alert])
  await nextTurn()
  t.equal(taken.length, 1)
  alert.count = 40
  writer.update([alert])
  await nextTurn()
  alert.endedMs = nowMs + 1
  const next = new AlertEventWriter(
    output,
    site,
    () => nowMs,
    () => nowMs,
    writer.state,
  )
  next.update([alert])
  await nextTurn()
  next.update([alert])
  await nextTurn()
  t.same(momentsOf(taken).slice(1), ['0123456789 grown', '0123456789 acknowledged', '0123456789 ended'])
})

t.test('more alerts than it remembers', async t => {
  const { output, taken } = scripted([])
  const writer = new AlertEventWriter(
    output,
    site,
    () => nowMs,
    () => undefined,
  )
  const alerts = Array.from({ length: 1_500 }, (_, i) => alertOf(`${i}`.padStart(10, '0')))
  for (let i = 0; i < 40; i++) {
    writer.update(alerts)
    await nextTurn()
  }
  t.equal(taken.length, 1_500)
  t.equal(new Set(taken).size, 1_500)
  writer.update(alerts.slice(0, 10))
  await nextTurn()
  t.equal(writer.state.length, 10, 'what nobody names is forgotten')
})
