/**
 * F18: the watcher says nothing (no inotify watches are left), and files cannot all be open at once (40 handles for 500 files).
 * With every hint lost, a line is shipped within one look at the files.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { unlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { LOOK_MS } from '../../src/timing.js'
import { LogStory } from '../support/log-story.js'

/** In a user namespace of its own, a process can be left without watches; nobody else is. */
const withoutWatches = ['unshare', '-U', '-r', 'sh', '-c', 'echo 0 > /proc/sys/user/max_inotify_watches && exec "$@"', 'sh']
const [command, ...args] = [...withoutWatches, 'true']
const skip = spawnSync(command!, args).status !== 0 && 'needs user namespaces: run it as root, with util-linux'

t.test('without any hint', { skip }, async t => {
  const story = new LogStory(t)
  story.agent.under = withoutWatches
  story.write(1)
  story.start()
  await story.ships()
  const times: number[] = []
  const isSeen = async (): Promise<void> => {
    const begun = performance.now()
    await story.ships()
    times.push(performance.now() - begun)
  }
  story.write(1)
  await isSeen()
  story.rotate()
  story.write(1) // in the renamed file
  story.reopen()
  story.write(1)
  await isSeen()
  story.truncate()
  story.write(3)
  await isSeen()
  unlinkSync(story.path())
  story.reopen()
  story.write(1)
  await isSeen()
  await story.shipsExactly()
  t.ok(Math.max(...times) > 1_000, 'there was no hint')
  t.ok(Math.max(...times) < LOOK_MS + 3_000, `within one look: ${times.map(Math.round)} ms`)
  await story.stop()
  t.same(story.troubles, [])
})

const prlimit = spawnSync('prlimit', ['--version']).status !== 0 && 'needs prlimit (util-linux)'

t.test('500 files and 40 handles', { skip: prlimit }, async t => {
  const story = new LogStory(t)
  story.write(1)
  story.start()
  await story.ships()
  // Not earlier: Node opens more than that at once to load the program.
  execFileSync('prlimit', ['--nofile=40', '--pid', `${story.agent.pid}`])
  for (let number = 499; number >= 1; number--) writeFileSync(story.path(`vette.${number}`), story.lines(3))
  story.write(10)
  story.write(10, 'post')
  await story.ships(story.next, 60_000)
  for (let round = 0; round < 3; round++) {
    story.rotate()
    story.write(5)
    story.reopen()
    story.write(5)
    story.append(story.lines(2), `vette.${100 + round}`) // one that was closed meanwhile
    await story.ships()
  }
  const numbers = story.shipped.toSorted((a, b) => a - b)
  t.same(
    numbers,
    Array.from({ length: story.next }, (_, number) => number),
  )
  await story.stop()
  t.same(story.troubles, [])
})
