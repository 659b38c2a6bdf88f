/** `queue-stuck` on directories as Mailman 2.1 and 3 make them. */
import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { DAY, HOUR, MINUTE, Site } from './site.js'

const NOW = Date.parse('2026-11-20T15:00:00Z')
let made = 0

/** As Switchboard.enqueue names and writes it. @param receivedMs by its name @param writtenMs when it came into this queue */
function enqueue(queue: string, receivedMs: number, writtenMs = receivedMs, ending = '.pck'): string {
  mkdirSync(queue, { recursive: true })
  const digest = createHash('sha1').update(`${made++}`).digest('hex')
  const path = join(queue, `${(receivedMs / 1000).toFixed(made % 7)}+${digest}${ending}`)
  writeFileSync(path, 'a message')
  utimesSync(path, writtenMs / 1000, writtenMs / 1000)
  return path
}

function openSite(t: Test): { site: Site; root: string } {
  const root = t.testdir({
    in: {},
    out: {},
    virgin: {},
    bounces: {},
    news: {},
    archive: {},
    commands: {},
    retry: {},
    shunt: {},
    bad: {},
  })
  return { site: new Site({ queues: { directories: [root], afterMinutes: 30 } }), root }
}

t.test('a dead out runner: 4,012 wait, the oldest for two days', async t => {
  const { site, root } = openSite(t)
  for (let i = 0; i < 4_012; i++) enqueue(join(root, 'out'), NOW - 47 * HOUR + (i * MINUTE) / 2)
  enqueue(join(root, 'out'), NOW - 48 * HOUR, NOW - 48 * HOUR, '.pck.tmp') // is being written
  t.same(await site.look(NOW), ['queue-stuck | critical | out | 4,012 messages wait in the queue out, the oldest for 47 hours'])
  t.equal(site.open[0]?.sinceMs, NOW - 47 * HOUR)
  t.equal(site.open[0]?.count, 4_012)

  // It runs again; nothing is told to be well while half of the time allowed is waited.
  rmSync(join(root, 'out'), { recursive: true })
  enqueue(join(root, 'out'), NOW - 20 * MINUTE)
  t.equal((await site.look(NOW + MINUTE)).length, 1)
  t.match(site.open[0]?.words, '1 message waits in the queue out, for 21 minutes')
  rmSync(join(root, 'out'), { recursive: true })
  enqueue(join(root, 'out'), NOW - 9 * MINUTE)
  t.same(await site.look(NOW + 2 * MINUTE), [])
  t.equal(site.ended[0]?.endedMs, NOW + 2 * MINUTE)
})

t.test('what waits less than the limit is daily life', async t => {
  const { site, root } = openSite(t)
  for (const queue of ['in', 'out', 'virgin', 'archive'])
    for (let i = 1; i < 30; i++) enqueue(join(root, queue), NOW - i * MINUTE)
  t.same(await site.look(NOW), [])
})

t.test('a held post that was let through has an old name, and so has one that is tried again', async t => {
  const { site, root } = openSite(t)
  for (let i = 0; i < 300; i++) enqueue(join(root, 'in'), NOW - 5 * DAY + i, NOW - 1_000)
  enqueue(join(root, 'out'), NOW - DAY, NOW - 2_000)
  enqueue(join(root, 'retry'), NOW - 4 * DAY, NOW - 14 * MINUTE)
  t.same(await site.look(NOW), [])
})

t.test('a message that is written anew each round is the same that waits', async t => {
  const { site, root } = openSite(t)
  // SMTP is refused: OutgoingRunner puts it back under another digest, with the time of receipt.
  let path = enqueue(join(root, 'out'), NOW)
  for (let minute = 1; minute <= 32; minute++) {
    const nowMs = NOW + minute * MINUTE
    const next = path.replace(/\+.*/, `+${createHash('sha1').update(`${minute}`).digest('hex')}.pck`)
    renameSync(path, next)
    utimesSync(next, (nowMs - 500) / 1000, (nowMs - 500) / 1000)
    path = next
    if (minute === 15) await site.restart()
    const standing = await site.look(nowMs)
    if (minute <= 31) t.same(standing, [], `after ${minute} minutes`)
    else t.match(standing, [/critical \| out \| 1 message waits in the queue out, for 31 minutes/])
  }
})

t.test('how bad it is says the queue, and whether Mailman was stopped on purpose', async t => {
  const { site, root } = openSite(t)
  for (const queue of ['in', 'out', 'virgin', 'archive', 'bounces', 'news', 'commands', 'retry', 'pipeline', 'digest'])
    enqueue(join(root, queue), NOW - 3 * HOUR)
  site.stoppedMs = NOW - 3 * HOUR
  await site.look(NOW)
  t.same(new Set(site.open.map(({ severity }) => severity)), new Set(['warning']))
  t.equal(site.open.length, 10)
  const before = new Map(site.open.map(({ about, key }) => [about, key]))
  await site.restart()
  site.stoppedMs = undefined
  await site.look(NOW + MINUTE)
  const critical = site.open.filter(({ severity }) => severity === 'critical')
  t.same(critical.map(({ about }) => about).sort(), ['in', 'out', 'pipeline'])
  t.ok(
    critical.every(({ about, key }) => key !== before.get(about)),
    'a new alert, which is told again',
  )
  t.equal(site.open.length, 10)
  t.equal(site.ended.length, 3)
})

t.test('the retry queue holds messages on purpose; its runner writes each of them in every round', async t => {
  const { site, root } = openSite(t)
  enqueue(join(root, 'retry'), NOW - 4 * DAY, NOW - HOUR)
  t.same(await site.look(NOW), [])
  t.match(await site.look(NOW + 2 * HOUR), [/queue-stuck \| warning \| retry \| 1 message waits in the queue retry, for 3 hours/])
})

t.test('of what was given up only new ones are told', async t => {
  const { site, root } = openSite(t)
  for (let i = 0; i < 12; i++) enqueue(join(root, 'shunt'), NOW - 6 * DAY)
  enqueue(join(root, 'bad'), NOW - 6 * DAY, NOW, '.psv')
  t.same(await site.look(NOW), [])
  enqueue(join(root, 'shunt'), NOW - DAY)
  t.same(await site.look(NOW + MINUTE), [
    'queue-stuck | info | shunt | 1 message was put aside in the queue shunt within 1 minute; 13 lie there',
  ])
  for (let i = 0; i < 9; i++) enqueue(join(root, 'shunt'), NOW)
  await site.restart()
  t.match(await site.look(NOW + 5 * MINUTE), [
    /warning \| shunt \| 10 messages were put aside in the queue shunt within 4 minutes; 22 lie/,
  ])
  t.equal((await site.look(NOW + 23 * HOUR)).length, 1)
  t.same(await site.look(NOW + 25 * HOUR), [], 'a day later they are no news')
  rmSync(join(root, 'shunt'), { recursive: true })
  t.same(await site.look(NOW + 26 * HOUR), [])
})

t.test('one queue may be named, and queues of two Mailmans', async t => {
  const root = t.testdir({ a: { out: {} }, b: { out: {}, in: {} } })
  const site = new Site({ queues: { directories: [join(root, 'a/out'), join(root, 'b')], afterMinutes: 30 } })
  enqueue(join(root, 'a/out'), NOW - HOUR)
  enqueue(join(root, 'b/in'), NOW - HOUR)
  enqueue(join(root, 'b/out'), NOW - HOUR)
  await site.look(NOW)
  t.same(site.open.map(({ about }) => about).sort(), [join(root, 'a/out'), join(root, 'b/out'), 'in'])
})

t.test('what is no queue file is none, and names stay names', async t => {
  const { site, root } = openSite(t)
  for (const name of ['\x1b[2J', 'a b', '.hidden', 'x'.repeat(80)]) enqueue(join(root, name), NOW - HOUR)
  writeFileSync(join(root, 'in/README'), '')
  writeFileSync(join(root, `in/99999999999999+${'a'.repeat(40)}.pck`), '')
  writeFileSync(join(root, 'in/odd.pck'), '')
  utimesSync(join(root, 'in/odd.pck'), NOW / 1000 - 3600, NOW / 1000 - 3600)
  t.same(await site.look(NOW), ['queue-stuck | critical | in | 2 messages wait in the queue in, the oldest for 60 minutes'])
})

t.test('what cannot be read is said once, and what stood before stands', async t => {
  const { site, root } = openSite(t)
  enqueue(join(root, 'out'), NOW - HOUR)
  t.equal((await site.look(NOW)).length, 1)
  renameSync(root, `${root}-away`)
  await site.look(NOW + MINUTE)
  t.equal((await site.look(NOW + 2 * MINUTE)).length, 1)
  renameSync(`${root}-away`, root)
  t.equal((await site.look(NOW + 3 * MINUTE)).length, 1)
  t.same(
    site.said.filter(line => line.startsWith(`queues ${root} `)),
    [`queues ${root} ENOENT`, `queues ${root} again`],
  )
})
