/**
 * F41, F39, P4: hours of outage with rotations, and a server that crawls, by a clock that the test moves: memory, open files and
 * state do not grow with the time, reading stops by itself, the rotated files are the buffer, and everything arrives in the end,
 * each line once, a file's lines in order. The real pipeline and real files; only the clock and the output are the test's.
 */
import { closeSync, openSync, readdirSync, readlinkSync, renameSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { documentOf } from '../../src/delivery/part.js'
import { SetAside } from '../../src/delivery/set-aside.js'
import type { Batch, Clock, Output } from '../../src/model.js'
import { Pipeline } from '../../src/pipeline.js'
import { HeldClock } from '../support/held-clock.js'
import { LogStory } from '../support/log-story.js'
import { numberOf } from '../support/mailman-writer.js'
import { makePipelineConfig } from '../support/site-config.js'
import type { StoredDocument } from '../support/stored.js'
import { until } from '../support/until.js'

t.setTimeout(300_000)
const HOUR = 3_600_000

interface Site {
  readonly story: LogStory
  readonly clock: HeldClock
  readonly pipeline: Pipeline
  /** Numbers of the lines that the output took, in their order. */
  readonly taken: number[]
  readonly told: string[]
  server: 'down' | 'crawls' | 'up'
  /** Moves the clock, with what the real disk needs between. */
  pass(ms: number, each?: (atMs: number) => void): Promise<void>
  /** Moves the clock at once, and waits for the next look at the files. */
  jump(ms: number): Promise<void>
}

function start(t: Test): Site {
  const story = new LogStory(t)
  const clock = new HeldClock()
  let jumpedMs = 0
  // The pipeline hands parts of its clock on.
  const unbound: Clock = {
    now: () => clock.now() + jumpedMs,
    monotonic: () => clock.monotonic() + jumpedMs,
    sleep: (ms, signal) => clock.sleep(ms, signal),
  }
  const taken: number[] = []
  const told: string[] = []
  const last = new Map<string, number>()
  const take = (batch: Batch, count: number): void => {
    for (let i = 0; i < count; i++) {
      const { message, event, log } = JSON.parse(documentOf(batch, i).toString()) as StoredDocument
      taken.push(numberOf(message))
      const generation = event.id.slice(0, 16)
      if (log.offset < (last.get(generation) ?? -1)) told.push(`disorder at ${log.offset}`)
      last.set(generation, log.offset)
    }
  }
  const output: Output = {
    name: 'test',
    prefix: () => '',
    async write(batch, signal) {
      if (site.server === 'down') return { holdUp: { code: 'MLS_OUTPUT_UNREACHABLE', detail: '' } }
      if (site.server === 'crawls') await clock.sleep(1_000 * batch.starts.length, signal)
      if (signal.aborted) return { holdUp: { code: 'MLS_OUTPUT_TIMEOUT', detail: '' } }
      take(batch, batch.starts.length)
      return { outcomes: batch.starts.map(() => ({ status: 'stored' as const })) }
    },
    close: async () => {},
  }
  const config = makePipelineConfig(story.logs, story.state)
  const pipeline = new Pipeline({
    config,
    privacy: undefined,
    output,
    setAside: new SetAside(story.state, unbound.now),
    saved: [],
    clock: unbound,
    random: () => 1,
    events: {
      heldUp: ({ code }) => told.push(code),
      resumed: () => told.push('resumed'),
      setAside: () => told.push('set aside'),
      blocked: (path, code) => told.push(`${path} ${code}`),
      unblocked: path => told.push(path),
      lost: path => told.push(`lost ${path}`),
    },
    save: async () => true,
  })
  const site: Site = {
    story,
    clock,
    pipeline,
    taken,
    told,
    server: 'up',
    async pass(ms, each) {
      const end = clock.monotonic() + ms
      while (clock.monotonic() < end) {
        await clock.next()
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
        each?.(clock.monotonic())
      }
    },
    async jump(ms) {
      jumpedMs += ms
      for (const atMs = unbound.monotonic(); pipeline.followed.lookedAt < atMs; ) {
        await clock.next()
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
      }
    },
  }
  return site
}

const openFiles = (): number => readdirSync('/proc/self/fd').length
const heap = (): number => process.memoryUsage().rss

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes that something still refers to. */
function reachable(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function finish(t: Test, site: Site): Promise<void> {
  const { story, pipeline, taken } = site
  site.server = 'up'
  for (let i = 0; i < 2_000 && taken.length < story.next; i++) await site.pass(1_000)
  const wrong = taken.toSorted((a, b) => a - b).findIndex((number, index) => number !== index)
  t.equal(wrong, -1, `each line once; ${taken.length} of ${story.next}`)
  t.equal(taken.length, story.next)
  pipeline.stop()
}

t.test('four hours of outage, 3 MB an hour, a rotation each half', async t => {
  const site = start(t)
  const { story, pipeline, clock, told } = site
  story.write(100)
  const running = pipeline.run()
  await site.pass(10_000)
  t.equal(site.taken.length, 100)
  site.server = 'down'
  const filling = 'x'.repeat(200)
  let written = 0
  let rotated = 0
  const began = clock.monotonic()
  const marks: { rss: number; files: number; state: number }[] = []
  for (let hour = 1; hour <= 4; hour++) {
    await site.pass(HOUR, atMs => {
      const due = Math.floor((atMs - began) / 60_000)
      for (; written < due; written++) story.write(150, 'vette', filling)
      if (Math.floor((atMs - began) / (HOUR / 2)) <= rotated) return
      rotated++
      story.rotate()
      story.reopen()
    })
    marks.push({ rss: heap(), files: openFiles(), state: JSON.stringify(pipeline.followed.save()).length })
  }
  t.comment(JSON.stringify(marks))
  const [first, last] = [marks[0]!, marks.at(-1)!]
  t.ok(last.rss - first.rss < 40e6, `memory: ${first.rss} to ${last.rss}`)
  t.ok(last.files - first.files <= 12, `open files: ${first.files} to ${last.files}`)
  t.ok(last.state < 20_000, `state: ${last.state} bytes`)
  t.same(told, ['MLS_OUTPUT_UNREACHABLE'], 'told once')
  await finish(t, site)
  await running
  t.same(told, ['MLS_OUTPUT_UNREACHABLE', 'resumed'])
})

t.test('24 hours of outage, 14 logs that are rotated every hour', async t => {
  const site = start(t)
  const { story, pipeline, told } = site
  const logs = ['bounce', 'config', 'debug', 'digest', 'error', 'fromusenet', 'locks', 'mischief', 'post', 'qrunner']
  logs.push('smtp', 'smtp-failure', 'subscribe', 'vette')
  const openLogs = (): number =>
    readdirSync('/proc/self/fd').filter(fd => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(story.logs)
      } catch {
        return false // the handle that lists them
      }
    }).length
  const running = pipeline.run()
  await site.pass(10_000)
  site.server = 'down'
  const marks: { memory: number; open: number; state: number }[] = []
  for (let hour = 0; hour < 24; hour++) {
    for (let quarter = 0; quarter < 4; quarter++) {
      for (const log of logs) story.write(10, log)
      story.reopen()
      await site.jump(HOUR / 4)
    }
    for (const log of logs) {
      renameSync(story.path(log), story.path(`${log}-20261120-${`${hour}`.padStart(2, '0')}`))
      closeSync(openSync(story.path(log), 'a'))
    }
    if (hour % 4 === 3) {
      // Until a look has ended one more is open: a file that is being read, or of which is not known yet whose it is.
      await until(
        async () => {
          if (openLogs() > 200) await site.pass(5_000)
          return openLogs() <= 200
        },
        () => `${openLogs()} are open`,
      )
      marks.push({ memory: reachable(), open: openLogs(), state: JSON.stringify(pipeline.followed.save()).length })
    }
  }
  t.comment(JSON.stringify(marks))
  t.equal([...pipeline.followed.streams].length, 24 * logs.length, 'all of them are known')
  const most = Math.max(...marks.map(({ open }) => open))
  t.ok(most <= 200 && most > 150, `as many are held open as may be, and no more: ${most}`)
  t.ok(marks.at(-1)!.state < 1_000_000, 'state')
  t.ok(marks.at(-1)!.memory - marks[0]!.memory < 20e6, 'memory')
  t.same(told, ['MLS_OUTPUT_UNREACHABLE'], 'told once')
  await finish(t, site)
  await running
  t.same(told, ['MLS_OUTPUT_UNREACHABLE', 'resumed'])
})

t.test('a server that crawls: one document a second', async t => {
  const site = start(t)
  const { story, pipeline, told } = site
  const running = pipeline.run()
  site.server = 'crawls'
  story.write(20_000)
  await site.pass(HOUR)
  const half = { rss: heap(), files: openFiles(), taken: site.taken.length }
  t.ok(half.taken > 2_000, `it takes what is taken: ${half.taken}`)
  for (let i = 0; i < 3; i++) {
    story.rotate()
    story.reopen()
    story.write(5_000)
    await site.pass(HOUR / 2)
  }
  t.ok(heap() - half.rss < 40e6)
  t.ok(openFiles() - half.files <= 12)
  t.same(told, [], 'slow is no trouble')
  await finish(t, site)
  await running
})
