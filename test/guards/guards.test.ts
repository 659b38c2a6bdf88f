/** What all guards have in common: they are off unless configured, forget nothing over a restart, and end when they are told to. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openGuards } from '../../src/guards/guards.js'
import { noAlerts } from '../support/no-alerts.js'
import { DAY, HOUR, MINUTE, Site } from './site.js'

const NOW = Date.parse('2026-11-20T15:00:00Z')

function makeStuck(root: string): string {
  mkdirSync(join(root, 'out'), { recursive: true })
  const path = join(root, `out/${NOW / 1000 - 7200}.0+${'a'.repeat(40)}.pck`)
  writeFileSync(path, '')
  utimesSync(path, NOW / 1000 - 7200, NOW / 1000 - 7200)
  return root
}

t.test('without its section no guard looks', async t => {
  const site = new Site({})
  t.same(await site.look(NOW), [])
  site.guards.posted('announce', NOW)
  t.same(site.guards.changesBefore(NOW, DAY), [])
  t.same(site.said, [])
})

t.test('after a restart it is the same trouble, and ends where its guard is configured no more', async t => {
  const root = makeStuck(t.testdir({}))
  const queues = { directories: [root], afterMinutes: 30 }
  const site = new Site({ queues })
  await site.look(NOW)
  const [alert] = site.open
  await site.restart()
  await site.look(NOW + MINUTE)
  t.same(site.open[0]?.key, alert?.key)
  t.match(site.open[0], { sinceMs: NOW - 2 * HOUR, raisedMs: NOW })

  const guards = openGuards({ alerts: noAlerts }, site.book, { ...quiet }, site.guards.state)
  await guards.look(NOW + 2 * MINUTE)
  t.same(site.open, [])
  t.equal(site.ended.length, 1)
})

t.test('a state that it cannot use is none', async t => {
  const root = makeStuck(t.testdir({}))
  for (const saved of ['damaged', null, 7, {}, { version: 99, guards: 'x' }]) {
    const site = new Site({})
    const queues = { directories: [root], afterMinutes: 30 }
    const guards = openGuards({ alerts: { ...noAlerts, guards: { ...noAlerts.guards, queues } } }, site.book, { ...quiet }, saved)
    await guards.look(NOW)
    t.equal(site.open.length, 1)
  }
})

t.test('looks do not overlap, and nothing is told after the end', async t => {
  const root = makeStuck(t.testdir({}))
  const site = new Site({ queues: { directories: [root], afterMinutes: 30 } })
  t.equal(site.guards.look(NOW), site.guards.look(NOW + 1))
  await site.guards.close()
  await site.guards.look(NOW + MINUTE)
  t.same(site.open, [])
})

const quiet = { startedMs: undefined, stoppedMs: undefined, trouble: () => {}, recovered: () => {} }
