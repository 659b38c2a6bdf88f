/** What is hinted at, by the real system. Hints may come late or twice; nothing may depend on their number. */
import { appendFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { watch } from '../../src/files/watch.js'
import { until } from '../support/until.js'

function follow(t: Test, directory: string): { readonly changed: Set<string>; renames: number } {
  const seen = { changed: new Set<string>(), renames: 0 }
  const watched = watch(
    [directory],
    path => seen.changed.add(path),
    () => seen.renames++,
  )
  t.teardown(() => watched.close())
  return seen
}

/** It begins to watch soon after it was told to; so the same is done again until it is seen. */
const again = (work: () => void, isSeen: () => boolean): Promise<boolean> =>
  until(
    () => {
      work()
      return isSeen()
    },
    () => 'a hint',
  )

const only = process.platform !== 'linux' && 'what a system says, differs'

t.test('a file that grows, by its path; a name that comes, goes, or is given to another file', { skip: only }, async t => {
  const directory = t.testdir({ smtp: '', post: '' })
  const seen = follow(t, directory)
  await again(
    () => appendFileSync(join(directory, 'smtp'), 'x\n'),
    () => seen.changed.has(join(directory, 'smtp')),
  )
  t.same([...seen.changed], [join(directory, 'smtp')], 'and no other')
  const isRenamed = (): Promise<boolean> =>
    until(
      () => seen.renames > 0,
      () => 'a hint',
    )
  for (const change of [
    () => renameSync(join(directory, 'smtp'), join(directory, 'smtp.1')),
    () => writeFileSync(join(directory, 'smtp'), ''),
    () => rmSync(join(directory, 'smtp.1')),
  ]) {
    seen.renames = 0
    change()
    await isRenamed()
  }
  seen.changed.clear()
  appendFileSync(join(directory, 'smtp'), 'x\n')
  await until(
    () => seen.changed.has(join(directory, 'smtp')),
    () => 'the new file of that name',
  )
})

t.test('a directory that is a link, as /var/lib/mailman/logs is on Debian', { skip: only }, async t => {
  const directory = t.testdir({ real: { smtp: '' } })
  const link = join(directory, 'logs')
  symlinkSync('real', link)
  const seen = follow(t, link)
  await again(
    () => appendFileSync(join(link, 'smtp'), 'x\n'),
    () => seen.changed.has(join(link, 'smtp')),
  )
  t.same([...seen.changed], [join(link, 'smtp')], 'under the name by which it was asked for')
})
