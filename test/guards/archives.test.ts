/** `archive-changed` and `archive-stopped` on mbox files as Mailman 2.1 keeps them. */
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { DAY, HOUR, MINUTE, Site } from './site.js'

const message = (n: number): string => `From ann@example.org Fri Nov 20 12:00:00 2026\nSubject: ${n}\n\n${'text\n'.repeat(100)}\n`
const messages = (count: number): string => Array.from({ length: count }, (_, n) => message(n)).join('')

function openSite(t: Test, lists: readonly string[]): { site: Site; mboxOf: (list: string) => string; root: string } {
  const root = t.testdir({})
  const mboxOf = (list: string): string => join(root, `${list}.mbox`, `${list}.mbox`)
  for (const list of lists) {
    mkdirSync(join(root, `${list}.mbox`))
    mkdirSync(join(root, list))
    writeFileSync(mboxOf(list), messages(40))
    const thenMs = Date.now() - HOUR
    utimesSync(mboxOf(list), thenMs / 1000, thenMs / 1000)
  }
  return { site: new Site({ archives: { directories: [root] } }), mboxOf, root }
}

t.test('an mbox that only grows is as it should be', async t => {
  const { site, mboxOf } = openSite(t, ['announce', 'devel'])
  const nowMs = Date.now()
  t.same(await site.look(nowMs), [])
  appendFileSync(mboxOf('announce'), message(41))
  t.same(await site.look(nowMs + MINUTE), [])
  await site.restart()
  appendFileSync(mboxOf('announce'), message(42))
  // Of a backup, with the time it had.
  const { mtime } = statSync(mboxOf('devel'))
  const bytes = readFileSync(mboxOf('devel'))
  rmSync(mboxOf('devel'))
  writeFileSync(mboxOf('devel'), bytes)
  utimesSync(mboxOf('devel'), mtime, mtime)
  t.same(await site.look(nowMs + 2 * MINUTE), [])
})

t.test('one that lost a message is told of for a day, and then is what it is', async t => {
  const { site, mboxOf } = openSite(t, ['announce', 'devel'])
  const nowMs = Date.now()
  await site.look(nowMs)
  const before = statSync(mboxOf('devel')).size
  // An editor writes another file.
  writeFileSync(`${mboxOf('devel')}.new`, readFileSync(mboxOf('devel'), 'utf8').replace(message(7), ''))
  renameSync(`${mboxOf('devel')}.new`, mboxOf('devel'))
  const { size, mtimeMs } = statSync(mboxOf('devel'))
  const bytes = (count: number): string => count.toLocaleString('en')
  t.same(await site.look(nowMs + MINUTE), [
    `archive-changed | warning | devel | The mbox of devel shrank from ${bytes(before)} to ${bytes(size)} bytes: a rebuilt archive will number its messages anew`,
  ])
  t.match(site.open[0], { list: 'devel', about: null, sinceMs: Math.floor(mtimeMs) })
  await site.restart()
  appendFileSync(mboxOf('devel'), message(50))
  t.equal((await site.look(nowMs + 23 * HOUR)).length, 1)
  t.same(await site.look(nowMs + DAY + 2 * MINUTE), [])
  t.same(await site.look(nowMs + DAY + 3 * MINUTE), [])
  t.equal(site.ended.length, 1)
})

t.test('one that was rewritten before its end, whatever its length is', async t => {
  const changes: Readonly<Record<string, (path: string) => void>> = {
    longer: path => writeFileSync(path, readFileSync(path, 'utf8').replace('Subject: 7\n', 'Subject: [removed on request]\n')),
    'longer-and-mail': path => {
      writeFileSync(path, readFileSync(path, 'utf8').replace('Subject: 7\n', 'Subject: [removed]\n'))
      appendFileSync(path, message(41))
    },
    head: path => writeFileSync(path, readFileSync(path, 'utf8').replace('Subject: 0\n', 'Subject: X\n') + message(41)),
    'same-length': path => writeFileSync(path, readFileSync(path, 'utf8').replace('Subject: 20\n', 'Subject: XX\n')),
  }
  const lists = Object.keys(changes)
  const { site, mboxOf } = openSite(t, [...lists, 'other'])
  const nowMs = Date.now()
  await site.look(nowMs)
  for (const [list, change] of Object.entries(changes)) change(mboxOf(list))
  t.same(
    (await site.look(nowMs + MINUTE)).sort(),
    lists
      .sort()
      .map(
        list =>
          `archive-changed | warning | ${list} | The mbox of ${list} was rewritten before its end: a rebuilt archive may number its messages anew`,
      ),
  )
})

t.test('one that is gone, or empty; a list that was removed', async t => {
  const { site, mboxOf, root } = openSite(t, ['gone', 'empty', 'removed'])
  mkdirSync(join(root, 'new.mbox'))
  const nowMs = Date.now()
  t.same(await site.look(nowMs), [])
  rmSync(mboxOf('gone'))
  truncateSync(mboxOf('empty'))
  rmSync(join(root, 'removed.mbox'), { recursive: true })
  writeFileSync(mboxOf('new'), message(1))
  t.match((await site.look(nowMs + MINUTE)).sort(), [
    / empty \| .* shrank from [\d,]+ to 0 bytes/,
    / gone \| The mbox of gone is gone$/,
  ])
  appendFileSync(mboxOf('empty'), message(1))
  t.equal((await site.look(nowMs + 2 * MINUTE)).length, 2)
})

t.test('posts go out and the mbox does not grow', async t => {
  const { site, mboxOf } = openSite(t, ['announce', 'never'])
  const nowMs = Date.now()
  await site.look(nowMs)
  site.guards.posted('announce', nowMs)
  appendFileSync(mboxOf('announce'), message(41))
  t.same(await site.look(nowMs + MINUTE), [])

  const firstMs = nowMs + 5 * MINUTE
  for (const list of ['announce', 'never', 'unknown', '../announce'])
    for (let i = 0; i < 4; i++) site.guards.posted(list, firstMs + i * MINUTE)
  t.same(await site.look(firstMs + 59 * MINUTE), [], 'an hour is waited')
  await site.restart()
  t.same(await site.look(firstMs + 61 * MINUTE), [
    'archive-stopped | warning | announce | 4 posts on announce within 61 minutes, and its mbox has not grown',
  ])
  t.equal(site.open[0]?.sinceMs, firstMs)
  appendFileSync(mboxOf('announce'), messages(4))
  t.same(await site.look(firstMs + 2 * HOUR), [])

  // The list's owner wants no archive any more: a day later that is how it is.
  const thenMs = firstMs + 3 * HOUR
  for (let i = 0; i < 9; i++) site.guards.posted('announce', thenMs + i)
  t.equal((await site.look(thenMs + 2 * HOUR)).length, 1)
  t.same(await site.look(thenMs + 26 * HOUR), [])
  for (let i = 0; i < 9; i++) site.guards.posted('announce', thenMs + 27 * HOUR + i)
  t.same(await site.look(thenMs + 30 * HOUR), [])
})

t.test('posts that are read late were archived long ago', async t => {
  const { site, mboxOf } = openSite(t, ['announce'])
  const nowMs = Date.now()
  await site.look(nowMs)
  site.guards.posted('announce', nowMs)
  appendFileSync(mboxOf('announce'), message(41))
  await site.look(nowMs + MINUTE)
  for (let i = 0; i < 50; i++) site.guards.posted('announce', nowMs - DAY + i * MINUTE)
  t.same(await site.look(nowMs + 2 * HOUR), [])
})

t.test('only regular files in directories of lists are looked at', async t => {
  const { site, root, mboxOf } = openSite(t, ['announce'])
  writeFileSync(join(root, 'elsewhere'), messages(2))
  mkdirSync(join(root, 'linked.mbox'))
  symlinkSync(join(root, 'elsewhere'), mboxOf('linked'))
  mkdirSync(join(root, 'a b.mbox'))
  symlinkSync(join(root, 'announce.mbox'), join(root, 'public.mbox'))
  const nowMs = Date.now()
  await site.look(nowMs)
  truncateSync(join(root, 'elsewhere'))
  t.same(await site.look(nowMs + MINUTE), [])
  t.same(site.said, [`archives ${mboxOf('linked')} ELOOP`])
})
