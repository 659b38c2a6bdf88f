/**
 * P6: what the agent says of itself, by a clock that the test moves: an outage of hours is two lines, a server that flaps each second
 * is a bounded number of them, and status says what is so. The real pipeline, real files, the real log; the output is the test's.
 */
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { SetAside } from '../src/delivery/set-aside.js'
import { createLog } from '../src/diagnostics/log.js'
import { Health } from '../src/health.js'
import type { Answer, Clock, HoldUp, Output } from '../src/model.js'
import { Pipeline } from '../src/pipeline.js'
import { HeldClock } from './support/held-clock.js'
import { LogStory } from './support/log-story.js'
import { makePipelineConfig } from './support/site-config.js'

t.setTimeout(60_000)
const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Site {
  readonly story: LogStory
  readonly health: Health
  /** The agent's log, a parsed line each. */
  readonly lines: Record<string, unknown>[]
  /** What the output answers from now on. */
  answer: (atMs: number, count: number) => Answer
  canSave: boolean
  /** Of the output, beside delivery. */
  trouble: HoldUp | undefined
  /** That have passed. */
  readonly minutes: number
  /** Moves the clock; the agent looks at itself every two seconds. */
  pass(ms: number, each?: (atMs: number) => void): Promise<void>
  stop(): Promise<void>
}

/** The disk is real: time stands until nothing is asked of it any more. */
async function diskRests(): Promise<void> {
  for (let quiet = 0; quiet < 4; quiet++) {
    await new Promise(setImmediate)
    if (process.getActiveResourcesInfo().some(name => name.startsWith('FSReq'))) quiet = 0
  }
}

const stored = (count: number): Answer => ({ outcomes: Array.from({ length: count }, () => ({ status: 'stored' })) })
const down: Answer = { holdUp: { code: 'MLS_OUTPUT_UNREACHABLE', detail: 'es.example.org:9200 refuses the connection' } }

function start(t: Test): Site {
  const story = new LogStory(t)
  const held = new HeldClock()
  const clock: Clock = {
    now: () => held.now(),
    monotonic: () => held.monotonic(),
    sleep: (ms, signal) => held.sleep(Math.max(0, ms), signal),
  }
  const lines: Record<string, unknown>[] = []
  const log = createLog({ level: 'info', destination: { write: line => void lines.push(JSON.parse(line)) } })
  const health = new Health({ log, clock, version: '1', output: 'test', stateDirectory: story.state })
  const output: Output = {
    name: 'test',
    prefix: () => '',
    get trouble() {
      return site.trouble
    },
    write: async batch => site.answer(held.monotonic(), batch.starts.length),
    close: async () => {},
  }
  const config = makePipelineConfig(story.logs, story.state)
  const pipeline = new Pipeline({
    config,
    privacy: undefined,
    output: health.counted(output),
    setAside: new SetAside(story.state, clock.now),
    saved: [],
    clock,
    random: () => 1,
    events: health.events,
    save: () =>
      health.saving(async () => {
        if (!site.canSave) throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
      }),
  })
  health.watch(pipeline)
  const running = pipeline.run()
  let ticked = 0
  const site: Site = {
    story,
    health,
    lines,
    answer: (_, count) => stored(count),
    canSave: true,
    trouble: undefined,
    get minutes() {
      return held.monotonic() / MINUTE
    },
    async pass(ms, each) {
      const end = held.monotonic() + ms
      while (held.monotonic() < end) {
        await held.next()
        await diskRests()
        if (held.monotonic() - ticked >= 2_000) {
          ticked = held.monotonic()
          health.tick()
        }
        each?.(held.monotonic())
      }
    },
    async stop() {
      let isOver = false
      pipeline.stop()
      void running.then(() => {
        isOver = true
      })
      while (!isOver) {
        if (held.sleeps.length > 0) await held.next()
        await new Promise(setImmediate)
      }
      health.troubles.tick(true)
    },
  }
  return site
}

const codesOf = ({ lines }: Site) => lines.map(({ code, msg }) => code ?? msg)

t.test('an outage of hours, with a checkpoint that cannot be written: a line each when they begin and end', async t => {
  const site = start(t)
  const { story, health, lines } = site
  story.write(10)
  await site.pass(10_000)
  t.same(lines, [])
  t.match(health.status(), { holdUp: null, troubles: [], moments: [], delivery: { requests: 1, retries: {} }, openFiles: 1 })
  site.answer = () => down
  site.canSave = false
  story.write(10)
  await site.pass(HOUR)
  t.same(codesOf(site), ['MLS_OUTPUT_UNREACHABLE'])
  const { holdUp, delivery, troubleSeconds } = health.status()
  t.match(holdUp, { code: 'MLS_OUTPUT_UNREACHABLE', since: /^2026-11-20T00:00:/ })
  t.ok(delivery.requests > 300 && delivery.retries.MLS_OUTPUT_UNREACHABLE! >= delivery.requests - 2, JSON.stringify(delivery))
  t.ok(Math.abs(troubleSeconds.MLS_OUTPUT_UNREACHABLE! - 3_600) < 30, `${troubleSeconds.MLS_OUTPUT_UNREACHABLE} s`)
  site.answer = (_, count) => stored(count)
  await site.pass(10 * MINUTE)
  t.same(codesOf(site), ['MLS_OUTPUT_UNREACHABLE', 'events are taken again', 'MLS_STATE_UNWRITABLE'])
  t.match(health.status(), {
    holdUp: null,
    troubles: [{ code: 'MLS_STATE_UNWRITABLE', detail: `${story.state} (ENOSPC)` }],
    checkpoint: { writtenAt: /^2026-11-20T00:00:/ },
  })
  t.ok(health.status().checkpoint.failures > 10)
  site.canSave = true
  await site.pass(MINUTE)
  t.same(codesOf(site).slice(3), ['the checkpoint can be written again'])
  t.same(health.status().troubles, [])
  t.ok(Math.abs(health.status().troubleSeconds.MLS_STATE_UNWRITABLE! - 600) < 30, 'how long it lasted stays')
  await site.stop()
})

t.test('old events that cannot be deleted: a line when it begins and when it ends, and delivery goes on', async t => {
  const site = start(t)
  const { story, health, lines } = site
  story.write(10)
  await site.pass(MINUTE)
  site.trouble = { code: 'MLS_STORE_UNPRUNED', detail: 'events.db: it is damaged' }
  story.write(10)
  await site.pass(10 * MINUTE)
  t.match(lines, [{ level: 'error', code: 'MLS_STORE_UNPRUNED', text: 'events.db: it is damaged' }])
  t.match(health.status(), { holdUp: null, troubles: [site.trouble], counts: { stored: 20 } })
  site.trouble = undefined
  await site.pass(MINUTE)
  t.same(codesOf(site), ['MLS_STORE_UNPRUNED', 'old events are deleted again'])
  t.same(health.status().troubles, [])
  await site.stop()
})

t.test('a server that is down and up each second', async t => {
  const site = start(t)
  const { story, health, lines } = site
  site.answer = (atMs, count) => (Math.floor(atMs / 1_000) % 2 === 0 ? down : stored(count))
  const minutes = 15
  await site.pass(minutes * MINUTE, () => story.write(1))
  const flaps = health.status().delivery.retries.MLS_OUTPUT_UNREACHABLE!
  t.ok(flaps > 200, `it did flap: ${flaps}`)
  t.ok(lines.length <= 20 + minutes, `${lines.length} lines in ${minutes} minutes`)
  t.ok(lines.length > 20 + minutes - 3, 'and it was told all the time')
  const untold = lines.reduce((sum, line) => sum + Number(line.untold ?? 0), 0)
  t.ok(untold > 100, `${untold} were counted instead`)
  site.answer = (_, count) => stored(count)
  await site.pass(2 * MINUTE)
  t.equal(lines.at(-1)!.msg, 'events are taken again', 'the last state is told')
  const count = lines.length
  await site.pass(5 * MINUTE)
  t.equal(lines.length, count, 'and nothing more')
  await site.stop()
})

t.test('every document is refused, and logs are cut again and again: a bounded number of lines, every count right', async t => {
  const site = start(t)
  const { story, health, lines } = site
  const reason = '400 document_parsing_exception, field email.subject'
  site.answer = (_, count) => ({ outcomes: Array.from({ length: count }, () => ({ status: 'set-aside', reason })) })
  for (let number = 0; number < 60; number++) {
    story.write(1)
    for (let i = 0; i < 500 && health.status().counts.setAside < story.next; i++) await site.pass(100)
  }
  const refused = health.status().counts.setAside
  t.equal(refused, story.next)
  const told = lines.filter(({ code }) => code === 'MLS_SETASIDE_NEW')
  t.ok(told.length <= 21 + site.minutes, `${told.length} lines in ${site.minutes} minutes`)
  t.match(told[0], { level: 'error', count: 1, reason, msg: 'Some documents were refused and set aside' })
  t.match(health.status(), {
    setAsideReasons: { document_parsing_exception: refused },
    moments: [{ code: 'MLS_SETASIDE_NEW', detail: reason, count: 60 }],
  })
  site.answer = () => down
  story.write(3_000)
  await site.pass(MINUTE)
  let cuts = 0
  for (; cuts < 15; cuts++) {
    story.truncate()
    await site.pass(6_000)
    story.write(3_000 + cuts)
    await site.pass(6_000)
  }
  const { losses } = health.status()
  const lost = health.status().moments.find(({ code }) => code === 'MLS_FILE_LOST')
  t.ok(lost !== undefined && lost.count >= 3, JSON.stringify(lost))
  t.ok(losses.lostBytes > lost!.count * 1_000, `${losses.lostBytes} bytes`)
  site.answer = (_, count) => stored(count)
  await site.stop()
  // Asked at the end: the last cut may show only now.
  for (const { code, count } of health.status().moments) {
    const sum = lines.filter(line => line.code === code).reduce((sum, { untold }) => sum + 1 + Number(untold ?? 0), 0)
    t.equal(sum, count, `${code}: each was told or counted`)
  }
})

t.test('no log at all; a directory that is away; a backlog that does not shrink', async t => {
  const site = start(t)
  const { story, health, lines } = site
  await site.pass(30_000)
  t.same(lines, [], 'it waits for a minute')
  await site.pass(MINUTE)
  t.match(lines, [{ level: 'warn', code: 'MLS_FILES_NONE' }])
  story.write(1)
  await site.pass(10_000)
  t.match(lines.slice(1), [{ msg: 'a log was found' }])
  lines.length = 0
  const away = story.logs
  story.logs = `${away}.away`
  renameSync(away, story.logs)
  await site.pass(10_000)
  t.match(lines, [{ level: 'warn', code: 'MLS_FILE_WAITING', text: away }])
  renameSync(story.logs, away)
  story.logs = away
  await site.pass(10_000)
  t.match(lines.slice(1), [{ level: 'info', text: away, msg: 'can be read again' }])
  lines.length = 0
  story.write(30_000)
  // A hundredth of each request is taken: it gets on, so nothing holds it up, but it never gets there.
  site.answer = (_, count) => ({
    outcomes: Array.from({ length: count }, (_, i) => (i === 0 ? { status: 'stored' } : { status: 'retry', reason: '429' })),
  })
  await site.pass(15 * MINUTE)
  t.match(lines, [{ level: 'warn', code: 'MLS_AGENT_BEHIND', text: /^\d+ MiB of 1 file/ }])
  t.match(health.status(), { holdUp: null, troubles: [{ code: 'MLS_AGENT_BEHIND' }] })
  site.answer = (_, count) => stored(count)
  await site.pass(MINUTE)
  t.match(lines.slice(1), [{ msg: 'events are stored as they are written again' }])
  await site.stop()
})

t.test('the task that reads hangs', async t => {
  const lines: Record<string, unknown>[] = []
  const log = createLog({ level: 'info', destination: { write: line => void lines.push(JSON.parse(line)) } })
  const clock = { ms: 0, now: () => clock.ms, monotonic: () => clock.ms, sleep: async () => {} }
  const health = new Health({ log, clock, version: '1', output: 'test', stateDirectory: join(t.testdir(), 'state') })
  const pipeline = { aliveMs: 0, followed: { status: () => [], blocked: new Map([['/x', 'ENOENT']]) }, sender: {} }
  health.watch(pipeline as unknown as Pipeline)
  clock.ms = 59_000
  health.tick()
  t.same([health.isStuck, lines], [false, []])
  clock.ms = 61_000
  health.tick()
  t.match(lines, [{ level: 'error', code: 'MLS_AGENT_STUCK' }])
  t.equal(health.isStuck, true)
  pipeline.aliveMs = 61_000
  health.tick()
  t.match(lines.slice(1), [{ msg: 'the agent looks at the logs again' }])
})
