/** A thousand files: what a look costs does not depend on how many others there are, and not all of them are open at once. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { Generations } from '../../src/files/generations.js'
import { fingerprint } from '../../src/files/identity.js'
import type { SavedGeneration } from '../../src/model.js'
import { LogStory, numberedLine } from '../support/log-story.js'
import { highWaterOf } from '../support/memory.js'
import { until } from '../support/until.js'

const clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** What this process read so far: how often it asked the system, and how many bytes it got. */
function readSoFar(): { readonly calls: number; readonly bytes: number } {
  const io = readFileSync('/proc/self/io', 'utf8')
  const [, bytes, calls] = /^rchar: (\d+)\n(?:.*\n)*?syscr: (\d+)$/m.exec(io)!
  return { calls: Number(calls), bytes: Number(bytes) }
}

/** Of a file that is nowhere. */
function remembered(number: number): SavedGeneration {
  const bytes = Buffer.from(Array.from({ length: 8 }, (_, line) => numberedLine(number * 8 + line)).join(''))
  return {
    log: 'vette',
    path: `/away/vette.${number}`,
    id: `1:${number}`,
    compressed: false,
    head: fingerprint(bytes.subarray(0, 1024 - number), 1024 - number),
    anchor: fingerprint(bytes.subarray(-256), bytes.length),
    offset: bytes.length,
    cuts: [],
    seenMs: clock.now() - number,
    lastMs: 0,
    openMs: 0,
    pids: [],
    suspectPid: 0,
    suspectMs: 0,
  }
}

t.test('new files, where 500 others are remembered', async t => {
  const directory = t.testdir({})
  const saved = Array.from({ length: 500 }, (_, number) => remembered(number))
  const generations = new Generations([directory], new Set(), saved, clock)
  t.teardown(() => generations.close())
  for (let number = 1; number <= 1_000; number++)
    writeFileSync(join(directory, `vette.${number}`), numberedLine(50_000 + number).repeat(10))
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  let turns = 0
  let isLooking = true
  const turn = (): void => {
    turns++
    if (isLooking) setImmediate(turn)
  }
  setImmediate(turn)
  const before = readSoFar()
  const begun = performance.now()
  await generations.look()
  isLooking = false
  const ms = performance.now() - begun
  const calls = readSoFar().calls - before.calls
  delay.disable()
  t.equal(generations.all.length, 1_000)
  t.equal(generations.unclaimed.length, 500)
  t.ok(calls < 15_000, `${calls} reads for 1000 new files`)
  t.ok(turns >= 1_000, `the event loop turns at least once for each file: ${turns} times`)
  t.ok(generations.all.filter(({ isOpen }) => isOpen).length <= 200)
  t.comment(`${Math.round(ms)} ms, the longest turn ${Math.round(delay.max / 1e6)} ms`)
})

t.test('a large .gz that is not whole, and looks like a copy: it is read to its end once', async t => {
  const directory = t.testdir({})
  const [live, packed] = [join(directory, 'vette'), join(directory, 'vette.1.gz')]
  const text = Array.from({ length: 150_000 }, (_, number) => numberedLine((number * 7_919) % 99_991)).join('')
  writeFileSync(live, text.slice(0, 2_000))
  const generations = new Generations([directory], new Set(), [], clock)
  t.teardown(() => generations.close())
  await generations.look()
  writeFileSync(packed, gzipSync(text, { level: 1 }).subarray(0, -20))
  await generations.look()
  const size = readFileSync(packed).length
  const first = readSoFar()
  await generations.look()
  const second = readSoFar()
  t.comment(`${size} bytes, ${second.bytes - first.bytes} read by the second look`)
  t.ok(second.bytes - first.bytes < size / 2, 'what is not whole is read again when it has changed')
})

t.test('a thousand files in two directories, of which all grow', async t => {
  const logs = join(t.testdirName, 'logs')
  const directories = [logs, join(logs, 'site')]
  const story = new LogStory(t, { logs: { directories, timezone: 'UTC' } })
  mkdirSync(directories[1]!)
  const names = ['bounce', 'error', 'post', 'smtp', 'smtp-failure', 'subscribe', 'vette', 'mischief', 'qrunner', 'digest']
  const paths = names.flatMap(name => directories.flatMap(directory => of(50, number => join(directory, name + suffix(number)))))
  t.equal(paths.length, 1_000)
  for (const path of paths) writeFileSync(path, story.lines(3))
  story.start()
  await story.ships(story.next, 60_000)
  const { pid } = story.agent
  const openLogs = (): number =>
    readdirSync(`/proc/${pid}/fd`).filter(fd => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(`${logs}/`)
      } catch {
        return false // closed meanwhile
      }
    }).length
  let most = openLogs()
  for (let round = 0; round < 3; round++) {
    for (const path of paths) appendFileSync(path, story.lines(1))
    await until(
      () => {
        most = Math.max(most, openLogs())
        return story.shipped.length >= story.next
      },
      () => `${story.shipped.length} of ${story.next}`,
      60_000,
    )
  }
  t.same(
    story.shipped.toSorted((a, b) => a - b),
    of(story.next, number => number),
    'each line once',
  )
  // One more of each log while it is read, and one that is looked at.
  t.ok(most > 0 && most <= 200 + names.length + 1, `${most} open`)
  const bytes = highWaterOf(pid)
  t.ok(bytes < 250e6, `${bytes} bytes`)
  t.comment(`${most} open files, ${Math.round(bytes / 1e6)} MB`)
  await story.stop()
  t.same(story.troubles, [])
})

function of<T>(count: number, make: (number: number) => T): T[] {
  return Array.from({ length: count }, (_, number) => make(number))
}

const suffix = (number: number): string => (number === 0 ? '' : `.${number}`)
