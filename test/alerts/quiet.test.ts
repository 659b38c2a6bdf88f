/** Three weeks of a host that is well, and what once was told of it falsely (npm run alerting, docs/alerting.md). */
import t, { type Test } from 'tap'
import type { Alert } from '../../src/alerts/alert.js'
import { Decisions } from '../../src/alerts/decisions.js'
import { Detector } from '../../src/alerts/detector.js'
import { Lists } from '../../src/alerts/lists.js'
import { type Post, type PostFact, postOf } from '../../src/alerts/post.js'
import type { LogEvent } from '../../src/model.js'
import { type LifeOptions, live, textOf } from '../support/traffic/life.mjs'
import { restart } from '../support/traffic/plan.mjs'
import { eventsOfTraffic } from './traffic-events.js'

const from = Date.UTC(2015, 4, 4) / 1000
const day = (n: number, hour = 0): number => from + n * 86_400 + hour * 3600

/** Waves by day and by night, a restart in each, cleared queues, a holiday, a list that never lets anybody through. */
const options: LifeOptions = {
  from,
  to: day(21),
  lists: 150,
  perHour: 120,
  share: 0.2,
  seed: 6,
  plan: {
    waves: [
      { from: day(11, 10), to: day(11, 12), perHour: 250 },
      { from: day(15, 1), to: day(15, 3), perHour: 400, lists: 1 },
    ],
    stops: [restart(day(11, 11), 20), restart(day(15, 2), 8), restart(day(17, 4), 900)],
    clears: [3, 6, 9, 12, 16].map((n, i) => ({ at: day(n, 9), count: 400, isLogged: i % 2 === 0 })),
    paces: [{ from: day(18), to: day(19), pace: 0.2 }],
    heldLists: [{ index: 12, from, until: day(99), reason: 'header' }],
    digestsAreLogged: true,
  },
}

function tell(events: readonly LogEvent[], clockOf: (event: LogEvent) => number | undefined): Alert[] {
  const alerts: Alert[] = []
  const detector = new Detector({ raised: alert => void alerts.push(alert), ended: () => {} })
  for (const event of events) detector.see(event, clockOf(event))
  return alerts
}

const eventsOf = (t: Test): Promise<LogEvent[]> =>
  eventsOfTraffic(
    t,
    (function* () {
      for (const records of live(options)) yield records.map(record => ({ ...record, text: textOf(record, () => 0) }))
    })(),
  )

t.test('three weeks', async t => {
  const events = await eventsOf(t)
  const alerts = tell(events, ({ timestampMs }) => timestampMs)

  t.test('nobody is woken; waves of spam are told as such; three lists at most are told of falsely', async t => {
    t.same(
      alerts.filter(({ severity }) => severity === 'critical'),
      [],
    )
    const waves = alerts.filter(({ kind }) => kind === 'spam-wave').map(({ raisedMs }) => raisedMs / 1000)
    t.equal(waves.length, 2)
    t.ok(waves[0]! > day(11, 10) && waves[0]! < day(11, 12) && waves[1]! > day(15, 1) && waves[1]! < day(15, 3))
    const spikes = alerts.filter(({ kind }) => kind === 'holds-spike')
    t.ok(spikes.length <= 3, spikes.map(({ list }) => list).join())
    t.notOk(
      spikes.some(({ held }) => held > 20),
      'none of the list that never let anybody through',
    )
  })

  t.test('logs of two weeks ago come back', async t => {
    const old = events.filter(({ timestampMs }) => timestampMs > day(4) * 1000 && timestampMs < day(6) * 1000)
    const at = events.findIndex(({ timestampMs }) => timestampMs > day(20) * 1000)
    const again = new Set(old.map(event => ({ ...event })))
    const together = [...events.slice(0, at), ...again, ...events.slice(at)]
    t.ok(old.length > 5000)
    t.same(
      tell(together, event => (again.has(event) ? day(20) * 1000 : event.timestampMs)).map(({ key }) => key),
      alerts.map(({ key }) => key),
    )
  })

  for (const [how, byMs] of Object.entries({ hours: 5 * 3_600_000, years: 3e11 }))
    t.test(`the clock was ${how} ahead, and is set back: it goes on from there`, async t => {
      const at = events.findIndex(({ timestampMs }) => timestampMs > day(2) * 1000)
      const ahead = events.slice(0, at).map(event => ({ ...event, timestampMs: event.timestampMs + byMs }))
      const told = tell([...ahead, ...events.slice(at)], ({ timestampMs }) => timestampMs)
      const waves = (of: readonly Alert[]) =>
        of.filter(({ kind }) => kind === 'spam-wave').map(({ raisedMs }) => Math.round(raisedMs / 600_000))
      t.same(waves(told), waves(alerts))
    })
})

t.test('mail that is let through after all that was held then is forgotten', async t => {
  const lists = new Lists()
  const post = (action: PostFact['action'], messageId: string, list?: string): Post =>
    postOf(
      {
        atMs: 0,
        action,
        template: '',
        list,
        sender: 'ann@example.org',
        messageId,
        reasons: [],
        runner: undefined,
        signal: undefined,
        outcome: undefined,
        seconds: 0,
      },
      lists,
    )
  const decisions = new Decisions()
  decisions.isOne(post('message-approved', 'a@x', 'dev'))
  // Mailman 3.
  decisions.isOne(post('message-approved', 'b@x'))
  t.notOk(decisions.isOne(post('message-posted', 'a@x', 'dev')))
  t.notOk(decisions.isOne(post('message-posted', 'b@x', 'dev')))
  t.ok(decisions.isOne(post('message-posted', 'a@x', 'users')))
})
