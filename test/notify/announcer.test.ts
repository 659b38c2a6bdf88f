// What is told to whom, over the announcer's whole life: on a real disk, with a clock that a test moves.
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Alert } from '../../src/alerts/alert.js'
import { acknowledge, endSilence, silence } from '../../src/notify/answers.js'
import { readShown } from '../../src/notify/shown.js'
import { alertOf } from '../support/alerts.js'
import { openSite, Receiver, type Site } from '../support/announced.js'
import { until } from '../support/until.js'

const SECOND = 1000
const MIN = 60 * SECOND
const HOUR = 60 * MIN

const raisedAt = (site: Site, about: string, more: Partial<Alert> = {}): Alert =>
  alertOf({ about, raisedMs: site.clock.nowMs, sinceMs: site.clock.nowMs - MIN, ...more })

async function open(t: Test, config: Parameters<typeof openSite>[2] = {}, least: 'info' | 'warning' = 'info') {
  const mail = new Receiver('mail', least)
  const hook = new Receiver('hook', 'critical')
  return { mail, hook, site: await openSite(t.testdir(), [mail, hook], config) }
}

t.test('what begins together is told together, and by its end once', async t => {
  const { mail, hook, site } = await open(t)
  const a = raisedAt(site, 'a')
  await site.look([a])
  t.same(mail.take(), [], 'others may come along')
  const b = raisedAt(site, 'b', { severity: 'warning' })
  await site.look([a, b], 3 * SECOND)
  t.same(mail.take(), [])
  await site.look([a, b], 2 * SECOND)
  t.same(mail.take(), ['raised a,b'], 'the worst first')
  t.same(hook.take(), ['raised a'], 'its own least severity')
  await site.look([a, b], MIN)
  a.count = 120
  b.count = 120
  await site.look([a, b], MIN)
  t.same(mail.take(), ['grown a,b'])
  a.count = 5000
  await site.look([a, b], MIN)
  t.same(mail.take(), [])
  a.endedMs = site.clock.nowMs
  await site.look([a, b])
  b.endedMs = site.clock.nowMs
  await site.look([a, b], 5 * SECOND)
  t.same(mail.take(), ['ended a,b'])
  await site.look([a, b], HOUR)
  await site.look([], HOUR)
  t.same(mail.take(), [])
  t.same(hook.take(), ['grown a', 'ended a'])
})

t.test('what is critical is repeated until somebody knows of it', async t => {
  const { mail, site } = await open(t)
  const a = raisedAt(site, 'a')
  await site.look([a])
  await site.look([a], 5 * SECOND)
  await site.look([a], 29 * MIN)
  t.same(mail.take(), ['raised a'])
  await site.look([a], MIN)
  await site.look([a], 30 * MIN)
  t.same(mail.take(), ['repeated a', 'repeated a'])
  await acknowledge(site.directory, [a.key], { by: 'ann', nowMs: site.clock.nowMs })
  await site.look([a], HOUR)
  t.same(mail.take(), [])
  t.match(site.announcer.shown.alerts, [{ acknowledged: { by: 'ann' }, told: [{ by: 'mail' }, { by: 'hook' }] }])
  a.endedMs = site.clock.nowMs
  await site.look([a])
  await site.look([a], 5 * SECOND)
  t.same(mail.take(), ['ended a'], 'the end all the same')
})

t.test('a silence, ended by hand: what is critical and lasts is said again', async t => {
  const { mail, site } = await open(t)
  const told = raisedAt(site, 'told')
  await site.look([told])
  await site.look([told], 5 * SECOND)
  t.same(mail.take(), ['raised told'])
  const by = { by: 'ann', comment: 'maintenance', nowMs: site.clock.nowMs }
  const { id } = await silence(site.directory, { list: null, kind: 'holds-spike', untilMs: site.clock.nowMs + 8 * HOUR }, by)
  const [fresh, gone, warning] = [
    raisedAt(site, 'fresh'),
    raisedAt(site, 'gone'),
    raisedAt(site, 'warning', { severity: 'warning' }),
  ]
  await site.look([told, fresh, gone, warning], HOUR)
  gone.endedMs = site.clock.nowMs
  await site.look([told, fresh, gone, warning], HOUR)
  t.same(mail.take(), [])
  t.ok(site.announcer.shown.alerts.every(({ mutedUntilMs }) => mutedUntilMs !== undefined))
  await endSilence(site.directory, id, site.clock.nowMs)
  await site.look([told, fresh, gone, warning], SECOND)
  t.same(mail.take().sort(), ['raised fresh,warning', 'repeated told'])
})

t.test('quiet hours and maintenance', async t => {
  const { mail, hook, site } = await open(t, {
    quietHours: { fromMinute: 22 * 60, toMinute: 7 * 60 },
    maintenance: [{ fromMinute: 17 * 60, toMinute: 19 * 60, weekday: 5 }],
  })
  site.clock.nowMs = Date.UTC(2026, 10, 20, 18) // Friday
  const a = raisedAt(site, 'a')
  await site.look([a])
  await site.look([a], 59 * MIN)
  t.same(mail.take(), [])
  await site.look([a], MIN)
  t.same(mail.take(), ['raised a'], 'at the end of the window')
  a.endedMs = site.clock.nowMs
  await site.look([a])
  await site.look([a], 5 * SECOND)
  t.same([mail.take(), hook.take()], [['ended a'], ['raised a', 'ended a']])
  site.clock.nowMs = Date.UTC(2026, 10, 20, 23)
  const [lasts, gone, critical] = [
    raisedAt(site, 'lasts', { severity: 'warning' }),
    raisedAt(site, 'gone', { severity: 'warning' }),
    raisedAt(site, 'critical'),
  ]
  await site.look([lasts, gone, critical])
  await site.look([lasts, gone, critical], 5 * MIN)
  gone.endedMs = site.clock.nowMs
  critical.endedMs = site.clock.nowMs
  await site.look([lasts, gone, critical])
  await site.look([lasts, gone, critical], 5 * SECOND)
  t.same(mail.take(), ['raised critical', 'ended critical'])
  site.clock.nowMs = Date.UTC(2026, 10, 21, 7)
  await site.look([lasts, gone, critical])
  t.same(mail.take(), ['raised lasts'])
})

t.test('a notifier that takes nothing is tried again, ever more seldom, and holds up no other', async t => {
  const { mail, hook, site } = await open(t)
  mail.mode = 'refused'
  const a = raisedAt(site, 'a')
  await site.look([a])
  await site.look([a], 5 * SECOND)
  t.same(hook.take(), ['raised a'])
  const waits: number[] = []
  for (let tries = 1; tries < 9; tries++) {
    const since = site.clock.nowMs
    while (mail.attempts === tries) await site.look([a], SECOND)
    waits.push((site.clock.nowMs - since) / SECOND)
  }
  t.same(waits, [5, 10, 20, 40, 80, 160, 300, 300])
  // Another one is tried at once, beside it.
  mail.poison.add(a.key)
  mail.mode = 'taken'
  const b = raisedAt(site, 'b')
  await site.look([a, b])
  await site.look([a, b], 5 * SECOND)
  t.same(mail.take(), ['raised b'])
  mail.poison.clear()
  await site.look([a, b], 300 * SECOND)
  t.same(mail.take(), ['raised a'])
})

t.test('a day after its end nobody is told any more', async t => {
  const { mail, site } = await open(t)
  mail.mode = 'refused'
  const a = raisedAt(site, 'a')
  await site.look([a])
  await site.look([a], 5 * SECOND)
  a.endedMs = site.clock.nowMs
  await site.look([a], HOUR)
  await site.look([a], 24 * HOUR - SECOND)
  t.notOk(site.said.includes('mail gave up raised'))
  await site.look([a], SECOND)
  t.ok(site.said.includes('mail gave up raised'))
  mail.mode = 'taken'
  await site.look([a], HOUR)
  t.same(mail.take(), [])
})

t.test('an answer that was lost, and a process that was killed: the same message, with the same id', async t => {
  const { mail, site } = await open(t)
  const a = raisedAt(site, 'a')
  mail.mode = 'lost'
  await site.look([a])
  await site.look([a], 5 * SECOND)
  a.count = 15
  await site.restart()
  await site.look([a])
  mail.mode = 'taken'
  await site.look([a], 10 * MIN)
  t.equal(mail.received.length, 2)
  t.same(mail.received[0], mail.received[1])
  await site.restart()
  await site.look([a], SECOND)
  t.equal(mail.received.length, 2, 'what was taken is not sent again')
})

t.test('one that became worse has its key from before: it is told anew, and ends once', async t => {
  const { mail, site } = await open(t)
  const warning = raisedAt(site, 'a', { severity: 'warning' })
  await site.look([warning])
  await site.look([warning], MIN)
  warning.endedMs = site.clock.nowMs
  const critical: Alert = { ...warning, severity: 'critical', endedMs: undefined }
  await site.look([critical, warning])
  t.same(mail.take(), ['raised a', 'raised a'])
  await site.look([critical, warning], MIN)
  critical.endedMs = site.clock.nowMs
  await site.look([warning, critical])
  await site.look([warning, critical], 5 * SECOND)
  await site.look([warning, critical], HOUR)
  t.match(mail.received, [{ moment: 'ended', alerts: [{ severity: 'critical', endedMs: critical.endedMs }] }])
})

t.test('one that nobody names any more is over', async t => {
  const { mail, site } = await open(t)
  const a = raisedAt(site, 'a')
  await site.look([a])
  await site.restart()
  await site.look([], MIN)
  t.same(mail.take(), [], 'it may be found again')
  await site.look([], 10 * MIN)
  await site.look([], MIN)
  t.same(mail.take(), ['ended a'], 'what was critical is told')
})

t.test('at the end: within two seconds, and the rest is on disk', async t => {
  const { mail, hook, site } = await open(t)
  mail.mode = 'hung'
  const a = raisedAt(site, 'a')
  await site.look([], 0)
  site.announcer.update([a])
  site.clock.nowMs += 5 * SECOND
  site.announcer.update([a])
  await until(
    () => mail.attempts === 1 && hook.received.length === 1,
    () => 'not sent',
  )
  // The clock that stands: nothing but its end lets the sleeper wake.
  site.clock.sleep = () => Promise.resolve()
  await site.announcer.close()
  site.announcer.update([a])
  mail.mode = 'taken'
  await site.restart()
  await site.look([a])
  t.same(mail.take(), ['raised a'])
  t.same(hook.take(), ['raised a'], 'what was taken stays taken')
})

t.test('too many: then one that says how many were left out', async t => {
  const { mail, hook, site } = await open(t)
  const alerts: Alert[] = []
  let sent = 0
  const wave = async (i: number): Promise<void> => {
    const one = raisedAt(site, `w${i}`, { severity: 'warning' })
    alerts.push(one)
    await site.look(alerts)
    await site.look(alerts, MIN)
    one.endedMs = site.clock.nowMs
    await site.look(alerts)
    sent += mail.take().length
  }
  // Two a minute: its end is told with the next one's beginning.
  for (let i = 0; i < 40; i++) await wave(i)
  t.equal(sent, 50)
  const critical = raisedAt(site, 'critical')
  await site.look([...alerts, critical])
  await site.look([...alerts, critical], 5 * SECOND)
  t.equal(mail.received.length, 1)
  t.match(mail.received[0]!.words, [/More than 50 messages/, /^1\d alerts .* are left out/])
  t.ok(mail.take()[0]?.startsWith('raised critical'), 'what is critical has a place')
  t.same(hook.take(), ['raised critical'])
  await site.look([...alerts, critical], HOUR)
  t.ok(mail.take().length > 0, 'an hour later there is room again')
})

t.test('a disk that takes nothing stops no message', async t => {
  const { mail, site } = await open(t)
  const a = raisedAt(site, 'a')
  rmSync(site.directory, { recursive: true })
  await site.look([a])
  await site.look([a], 5 * SECOND)
  t.same(mail.take(), ['raised a'])
  t.ok(site.said.includes('unsaved ENOENT'))
})

t.test('files that are damaged, or of a newer version', async t => {
  for (const damage of [
    (text: string) => text.slice(0, -20),
    (text: string) => text.replace('"format":1', '"format":2'),
    (text: string) => text.replace('holds-spike', 'holds-spiky'),
    () => '',
  ]) {
    const { mail, site } = await open(t)
    const a = raisedAt(site, 'a')
    await site.look([a])
    await site.look([a], 5 * SECOND)
    const path = join(site.directory, 'alerts.json')
    t.equal(statSync(path).mode & 0o777, 0o600)
    const text = readFileSync(path, 'utf8')
    t.equal(JSON.parse(text).state.seen.length, 1, 'it is JSON')
    writeFileSync(path, damage(text))
    writeFileSync(join(site.directory, 'answers.json'), '{"silences":7}')
    t.equal(await readShown(site.directory, { maintenance: [], timezone: 'UTC', nowMs: 0 }), undefined)
    await site.restart()
    await site.look([a])
    await site.look([a], 5 * SECOND)
    t.same(mail.take(), ['raised a', 'raised a'], 'better twice than not at all')
    t.same(
      site.said.filter(line => line.startsWith('damaged')),
      ['damaged alerts.json', 'damaged answers.json'],
    )
  }
})

t.test('the ended ones are kept for a while, and what was told of them', async t => {
  const { site } = await open(t)
  const alerts = Array.from({ length: 450 }, (_, i) => raisedAt(site, `${i}`, { severity: 'warning', endedMs: site.clock.nowMs }))
  await site.look(alerts)
  t.equal(site.announcer.shown.alerts.length, 450, 'those that are named stay')
  const last = raisedAt(site, 'last')
  await site.look([last], MIN)
  t.equal(site.announcer.shown.alerts.length, 201)
  t.equal(site.announcer.shown.alerts[0]!.alert.about, 'last', 'the open ones first')
  await site.announcer.close()
  t.equal((await readShown(site.directory, { maintenance: [], timezone: 'UTC', nowMs: 0 }))?.alerts.length, 201)
})
