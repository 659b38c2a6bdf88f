/** `held-too-long` on Mailman 2.1's data directory. */
import { rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { DAY, MINUTE, Site } from './site.js'

const NOW = Date.parse('2026-11-20T15:00:00Z')

function hold(directory: string, name: string, days: number): string {
  const path = join(directory, name)
  writeFileSync(path, '')
  utimesSync(path, (NOW - days * DAY) / 1000, (NOW - days * DAY) / 1000)
  return path
}

t.test('messages that wait too long, and the list with the oldest', async t => {
  const directory = t.testdir({})
  const site = new Site({ held: { directories: [directory], afterDays: 7 } })
  hold(directory, 'heldmsg-announce-1.pck', 6)
  hold(directory, 'heldmsg-announce-x.pck', 60)
  hold(directory, 'request.pck', 60)
  symlinkSync('request.pck', join(directory, 'heldmsg-devel-9.pck'))
  t.same(await site.look(NOW), [])

  const paths = [hold(directory, 'heldmsg-announce-2.pck', 8), hold(directory, 'heldmsg-Devel-fr-17.txt', 20)]
  paths.push(hold(directory, 'heldmsg-devel-fr-18.pck', 9))
  t.same(await site.look(NOW + MINUTE), [], 'days do not pass in a minute')
  t.same(await site.look(NOW + 15 * MINUTE), [
    `held-too-long | info | ${directory} | 3 messages wait for a moderator for more than 7 days, on 2 lists; the oldest for 20 days, on devel-fr`,
  ])
  const [alert] = site.open
  t.match(alert, { count: 3, lists: 2, sinceMs: NOW - 13 * DAY })

  await site.restart()
  paths.push(hold(directory, 'heldmsg-\x1b[2J-1.pck', 30))
  t.match(await site.look(NOW + 30 * MINUTE), [/warning \| .* on 3 lists; the oldest for 30 days, on \\x1b\[2j$/], 'and worse')
  t.not(site.open[0]?.key, alert?.key)
  for (const path of paths) rmSync(path)
  t.same(await site.look(NOW + 45 * MINUTE), [])
  t.equal(site.ended.length, 2)
})

t.test('a directory that is not there is said once', async t => {
  const directory = join(t.testdir({}), 'data')
  const site = new Site({ held: { directories: [directory], afterDays: 7 } })
  await site.look(NOW)
  t.same(await site.look(NOW + MINUTE), [])
  t.same(site.said, [`held ${directory} ENOENT`])
})
