/** The detector's state: saved and restored wherever, it goes on as if nothing had been; and it is small, and names nobody. */
import { isDeepStrictEqual } from 'node:util'
import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import t from 'tap'
import type { Alert } from '../../src/alerts/alert.js'
import { Detector, type DetectorState } from '../../src/alerts/detector.js'
import type { LogEvent } from '../../src/model.js'
import { law } from '../support/law.js'
import { generate } from '../support/traffic/generate.mjs'
import { eventsOfTraffic } from './traffic-events.js'

/** What the agent keeps together: the alerts that were raised, and the detector. */
interface Kept {
  alerts: Alert[]
  state: DetectorState | undefined
}

/** @param cuts at which all is written, and read again by a new detector */
function run(events: readonly LogEvent[], cuts: readonly number[], changes: number[] = []): Kept {
  let kept: Kept = { alerts: [], state: undefined }
  const places = [...new Set(cuts)].sort((a, b) => a - b)
  for (const [i, from] of [0, ...places].entries()) {
    const { alerts } = kept
    let at = from
    const raised = (alert: Alert): void => {
      alerts.push(alert)
      changes.push(at)
    }
    const ended = (): void => void changes.push(at)
    const detector = new Detector({ raised, ended }, kept.state)
    for (; at < (places[i] ?? events.length); at++) detector.see(events[at]!)
    kept = deserialize(serialize({ alerts, state: detector.state })) as Kept
  }
  return kept
}

t.test('what was saved and restored goes on exactly', async t => {
  const events = await eventsOfTraffic(
    t,
    generate({ lists: 100, from: '2015-05-06', to: '2015-05-19', events: 50_000, incident: '2015', seed: 3 }),
  )
  const changes: number[] = []
  const { alerts: whole, state } = run(events, [], changes)
  const kinds = new Set(whole.map(({ kind }) => kind))
  for (const kind of ['holds-spike', 'spam-wave', 'posts-stopped', 'errors-at-restart'] as const) t.ok(kinds.has(kind), kind)
  t.ok(whole.some(({ endedMs }) => endedMs !== undefined))

  // Anywhere, and near to what was told.
  const cut = fc.oneof(
    fc.nat(events.length - 1),
    fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -20, max: 20 })).map(([at, by]) => Math.max(0, at + by)),
  )
  law(
    t,
    'the same alerts as without a cut',
    fc.property(fc.array(cut, { minLength: 3, maxLength: 30 }), cuts => {
      const { alerts, state: last } = run(events, cuts)
      return JSON.stringify(alerts) === JSON.stringify(whole) && isDeepStrictEqual(last, state)
    }),
  )

  // Texts in one byte for each character: `ann17@` of a sender would be seen.
  const text = serialize(state).toString('latin1')
  const names = new Set(events.flatMap(event => /"from":\{"address":\["([^"@]+@)/.exec(event.document)?.[1] ?? []))
  t.ok(names.size > 2000 && text.includes('@'))
  const named = [...text.matchAll(/[a-z0-9]{1,40}@/g)].filter(([match]) => [...match].some((_, i) => names.has(match.slice(i))))
  t.same(named, [])
  const { learned, lists, people, openAlerts } = new Detector({ raised: () => {}, ended: () => {} }, state).figures
  t.ok(learned > 10_000 && lists > 80 && people > 2000, `${learned} ${lists} ${people}`)
  t.equal(openAlerts, whole.filter(({ endedMs }) => endedMs === undefined).length)
})

t.test('what a crash took away is not taken for silence', async t => {
  const events = await eventsOfTraffic(t, generate({ lists: 100, from: '2015-05-06', to: '2015-05-19', events: 50_000, seed: 3 }))
  const alertsOf = (isTold: boolean): string[] => {
    const kinds: string[] = []
    const told = { raised: ({ kind }: Alert) => void kinds.push(kind), ended: () => {} }
    let detector = new Detector(told)
    let fromMs = 0
    for (const event of events) {
      // Hours of logs in which many posts come, again and again; they were read, and are not read again.
      if (event.timestampMs < fromMs) continue
      if (fromMs !== 0 && isTold) {
        detector = new Detector(told, deserialize(serialize(detector.state)) as DetectorState)
        detector.missed()
      }
      fromMs = 0
      detector.see(event)
      const hour = new Date(event.timestampMs).getUTCHours()
      if (detector.figures.learned > 6_000 && hour === 12) fromMs = event.timestampMs + 4 * 3_600_000
    }
    return kinds.filter(kind => kind === 'posts-stopped' || kind === 'accepted-not-delivered' || kind === 'runner-trouble')
  }
  t.not(alertsOf(false).length, 0)
  t.same(alertsOf(true), [])
})
