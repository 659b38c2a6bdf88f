// Any order of raise, grow, end, silence, acknowledge, refuse and kill: what must be told is told, and nothing twice by another id.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import type { Alert, Severity } from '../../src/alerts/alert.js'
import { acknowledge, silence } from '../../src/notify/answers.js'
import type { Notice } from '../../src/notify/notice.js'
import { alertOf } from '../support/alerts.js'
import { type Mode, openSite, Receiver } from '../support/announced.js'

const SECONDS = Number(process.env.LAWS_SECONDS ?? 4)
/** The same lives each time; others are asked for. */
const SEED = Number(process.env.LAWS_SEED ?? 1)
const MIN = 60_000
const ranks: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 }

const which = fc.nat(5)
const list = fc.constantFrom('dev', 'users', null)
const kind = fc.constantFrom('holds-spike' as const, 'bounce-storm' as const)
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('raise' as const),
      severity: fc.constantFrom<Severity>('critical', 'warning', 'info'),
      list,
      kind,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant('wait' as const),
      ms: fc.constantFrom(2_000, 5_000, 20_000, 70_000, 6 * MIN, 25 * MIN),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('grow' as const), which }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('end' as const), which }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('acknowledge' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('silence' as const),
      list,
      kind: fc.option(kind),
      minutes: fc.constantFrom(1, 10, 100),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('mode' as const),
      which: fc.nat(1),
      mode: fc.constantFrom<Mode>('taken', 'refused', 'lost'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('kill' as const), afterMs: fc.constantFrom(0, 5_000, 70_000), ticks: fc.nat(60) }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

interface Receipt {
  readonly by: string
  readonly atMs: number
  readonly notice: Notice
}

interface Silenced {
  readonly list: string | null
  readonly kind: string | null
  readonly fromMs: number
  readonly untilMs: number
}

/** What a person can see from outside, and what the world did. */
interface World {
  readonly alerts: Alert[]
  readonly receipts: Receipt[]
  readonly silences: Silenced[]
  readonly acknowledgedMs: Map<string, number>
  readonly endMs: number
}

async function play(directory: string, steps: readonly Step[]): Promise<World> {
  const alerts: Alert[] = []
  const receipts: Receipt[] = []
  const silences: Silenced[] = []
  const acknowledgedMs = new Map<string, number>()
  const hear = (by: string) => (notice: Notice) => void receipts.push({ by, atMs: site.clock.nowMs, notice })
  const receivers = [new Receiver('all', 'info', hear('all')), new Receiver('critical', 'critical', hear('critical'))]
  const site = await openSite(directory, receivers)
  const open = (which: number): Alert | undefined => alerts.filter(({ endedMs }) => endedMs === undefined)[which]
  const by = () => ({ by: 'ann', nowMs: site.clock.nowMs })

  for (const each of steps) {
    // No two at once: what came first is never a question.
    const nowMs = ++site.clock.nowMs
    if (each.op === 'wait') await site.look(alerts, each.ms)
    else if (each.op === 'raise') {
      const about = `a${alerts.length}`
      alerts.push(alertOf({ about, severity: each.severity, list: each.list, kind: each.kind, sinceMs: nowMs, raisedMs: nowMs }))
    } else if (each.op === 'grow' || each.op === 'end' || each.op === 'acknowledge') {
      const alert = open(each.which)
      if (alert === undefined) continue
      if (each.op === 'grow') alert.count *= 20
      else if (each.op === 'end') alert.endedMs = nowMs
      else {
        acknowledgedMs.set(alert.key, nowMs)
        await acknowledge(site.directory, [alert.key], by())
      }
    } else if (each.op === 'silence') {
      const what = { list: each.list, kind: each.kind, untilMs: nowMs + each.minutes * MIN }
      silences.push({ ...what, fromMs: nowMs })
      await silence(site.directory, what, by())
    } else if (each.op === 'mode') receivers[each.which]!.mode = each.mode
    else {
      site.clock.nowMs += each.afterMs
      site.announcer.update(alerts)
      for (let tick = 0; tick < each.ticks; tick++) await new Promise(setImmediate)
      await site.restart()
      site.clock.nowMs += 3_000
    }
    await site.look(alerts)
  }
  for (const receiver of receivers) receiver.mode = 'taken'
  for (let i = 0; i < 40; i++) await site.look(alerts, 5 * MIN)
  return { alerts, receipts, silences, acknowledgedMs, endMs: site.clock.nowMs }
}

/** What is wrong, in words; '' where nothing is. */
function judge({ alerts, receipts, silences, acknowledgedMs, endMs }: World): string {
  const isMuted = (alert: Alert, atMs: number): boolean =>
    silences.some(
      ({ list, kind, fromMs, untilMs }) =>
        fromMs <= atMs && atMs < untilMs && (list === null || list === alert.list) && (kind === null || kind === alert.kind),
    )
  const texts = new Map<string, string>()
  for (const { by, atMs, notice } of receipts) {
    const text = JSON.stringify(notice)
    const before = texts.get(notice.id)
    if (before !== undefined && before !== text) return `${notice.id} has changed`
    if (before === undefined && notice.alerts.every(alert => isMuted(alert, atMs))) return `${by}: a silenced ${notice.moment}`
    texts.set(notice.id, text)
    for (const { key, severity, endedMs } of notice.moment === 'repeated' ? notice.alerts : [])
      if (severity !== 'critical' || endedMs !== undefined || (acknowledgedMs.get(key) ?? endMs) < notice.atMs)
        return `${by}: ${key} is repeated`
  }
  for (const [by, least] of [
    ['all', 0],
    ['critical', 2],
  ] as const)
    for (const alert of alerts) {
      const { key, about, severity, endedMs } = alert
      const name = `${by}: ${severity} ${about}`
      const heard = receipts.filter(receipt => receipt.by === by && receipt.notice.alerts.some(each => each.key === key))
      const ids = (moment: Notice['moment']) =>
        new Set(heard.filter(({ notice }) => notice.moment === moment).map(({ notice }) => notice.id)).size
      if (ranks[severity] < least) {
        if (heard.length > 0) return `${name} is not for it`
        continue
      }
      for (const moment of ['raised', 'grown', 'ended'] as const)
        if (ids(moment) > 1) return `${name}: ${moment} ${ids(moment)} times`
      if (endedMs === undefined && ids('raised') === 0) return `${name} lasts and is untold`
      if (endedMs !== undefined && ids('raised') > 0 && ids('ended') === 0) return `${name}: its end is untold`
      if (severity !== 'critical') {
        if (ids('raised') === 0 && heard.length > 0) return `${name}: ${heard[0]!.notice.moment} before it was raised`
        continue
      }
      if (endedMs !== undefined && !isMuted(alert, endedMs) && heard.length === 0) return `${name} came and went untold`
      const isRepeated = endedMs === undefined && !acknowledgedMs.has(key)
      if (isRepeated && endMs - heard.at(-1)!.atMs > 36 * MIN) return `${name} is not repeated`
    }
  return ''
}

t.test('whatever happens', async t => {
  // In memory, where there is such a place: many short lives, each with hundreds of files that are synced.
  const root = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/announcer-') : t.testdir()
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  const law = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async steps => {
    const directory = mkdtempSync(join(root, 'run-'))
    const world = await play(directory, steps)
    rmSync(directory, { recursive: true })
    const wrong = judge(world)
    if (wrong !== '') throw new TypeError(wrong)
  })
  const result = await fc.check(law, {
    seed: SEED,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: SECONDS * 1000,
    markInterruptAsFailure: false,
  })
  t.comment(`${result.numRuns} runs, LAWS_SEED=${SEED}`)
  t.ok(
    result.numRuns > 0 && !result.failed,
    'told as it must be',
    result.failed ? { wrong: result.errorInstance, report: fc.defaultReportMessage(result) } : {},
  )
})
