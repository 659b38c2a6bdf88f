/** Sending until all is settled: with an output that answers as scripted, a clock that stands, and the real set-aside file. */
import { appendFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { documentOf } from '../../src/delivery/part.js'
import { Sender } from '../../src/delivery/send.js'
import { SetAside } from '../../src/delivery/set-aside.js'
import { SET_ASIDE_FILE } from '../../src/delivery/set-aside-file.js'
import type { ErrorCode } from '../../src/errors.js'
import type { Answer, Batch, Outcome, Output } from '../../src/model.js'
import { makeBatch } from '../support/batch.js'
import { HeldClock } from '../support/held-clock.js'

type Script = (batch: Batch, signal: AbortSignal) => Answer | Promise<Answer>

const holdUp =
  (code: ErrorCode, detail = ''): Script =>
  () => ({ holdUp: { code, detail } })
const retry: Outcome = { status: 'retry', reason: 'es_rejected_execution_exception' }
const stored: Outcome = { status: 'stored' }
const duplicate: Outcome = { status: 'duplicate' }
const refused: Outcome = { status: 'set-aside', reason: 'document_parsing_exception' }
const outcomes =
  (...all: Outcome[]): Script =>
  () => ({ outcomes: all })

class ScriptedOutput implements Output {
  readonly name = 'scripted'
  readonly scripts: Script[] = []
  /** The ids of each request. */
  readonly sent: (readonly string[])[] = []
  readonly bodies: string[] = []

  prefix(): string {
    return '>'
  }

  async write(batch: Batch, signal: AbortSignal): Promise<Answer> {
    this.sent.push(batch.starts.map((_, i) => JSON.parse(documentOf(batch, i).toString())['event.id']))
    this.bodies.push(batch.body.toString())
    const script = this.scripts.shift()
    return script === undefined ? { outcomes: batch.starts.map(() => stored) } : script(batch, signal)
  }

  async close(): Promise<void> {}
}

function makeSender(t: Test, random = 1) {
  const directory = t.testdir({})
  const output = new ScriptedOutput()
  const clock = new HeldClock()
  const said: unknown[][] = []
  const say =
    (what: string) =>
    (...args: unknown[]): void =>
      void said.push([what, ...args])
  const events = { heldUp: say('held up'), resumed: say('resumed'), setAside: say('set aside'), tooLarge: say('too large') }
  const setAside = new SetAside(directory, () => clock.now())
  const sender = new Sender(output, setAside, events, clock, () => random)
  const batchOf = (...ids: string[]): Batch =>
    makeBatch(
      output,
      ids.map(id => ({ id })),
    )
  const file = join(directory, SET_ASIDE_FILE)
  const readAside = (): Record<string, unknown>[] =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  return { output, clock, said, sender, batchOf, file, readAside, never: new AbortController().signal }
}

t.test('stored and stored before: settled at once, and counted', async t => {
  const { output, sender, said, batchOf, never } = makeSender(t)
  output.scripts.push(outcomes(stored, duplicate, stored))
  t.equal(await sender.deliver(batchOf('a', 'b', 'c'), never), true)
  t.same(sender.counts, { stored: 2, duplicates: 1, setAside: 0 })
  t.same(output.sent, [['a', 'b', 'c']])
  t.same(said, [])
})

t.test('F52: only what was not taken is sent again, as it was, in its order', async t => {
  const { output, sender, clock, said, batchOf, never } = makeSender(t)
  output.scripts.push(outcomes(stored, retry, stored, retry, refused), outcomes(retry, stored))
  const batch = batchOf('a', 'b', 'c', 'd', 'e')
  const done = sender.deliver(batch, never)
  await clock.next()
  await clock.next()
  t.equal(await done, true)
  t.same(output.sent, [['a', 'b', 'c', 'd', 'e'], ['b', 'd'], ['b']])
  t.ok(batch.body.toString().includes(output.bodies[2]!))
  t.same(sender.counts, { stored: 4, duplicates: 0, setAside: 1 })
  t.same(said, [['set aside', 1, 'document_parsing_exception']], 'a cluster that gets on is no trouble')
})

t.test('refused for several reasons: each is told with its own number', async t => {
  const { output, sender, said, batchOf, never } = makeSender(t)
  const other: Outcome = { status: 'set-aside', reason: 'illegal_argument_exception' }
  output.scripts.push(outcomes(refused, other, stored, refused))
  t.equal(await sender.deliver(batchOf('a', 'b', 'c', 'd'), never), true)
  t.same(said, [
    ['set aside', 2, 'document_parsing_exception'],
    ['set aside', 1, 'illegal_argument_exception'],
  ])
})

t.test('F50: nothing taken, time and again: that is told, once', async t => {
  const { output, sender, clock, said, batchOf, never } = makeSender(t)
  for (let i = 0; i < 6; i++) output.scripts.push(outcomes(retry))
  const done = sender.deliver(batchOf('a'), never)
  for (let i = 0; i < 6; i++) {
    await clock.next()
    if (i === 0) t.same(said, [], 'not the first time')
  }
  t.equal(await done, true)
  t.match(said, [['held up', { code: 'MLS_OUTPUT_BUSY', detail: 'es_rejected_execution_exception' }], ['resumed']])
})

t.test('a batch that is held up stays trouble while others get through', async t => {
  const { output, sender, clock, said, batchOf, never } = makeSender(t)
  output.scripts.push(holdUp('MLS_OUTPUT_SERVER'), outcomes(stored), holdUp('MLS_OUTPUT_SERVER'), outcomes(stored))
  const one = sender.deliver(batchOf('a'), never)
  t.equal(await sender.deliver(batchOf('b'), never), true)
  await clock.next()
  await untilTrue(() => clock.sleeps.length > 0)
  t.equal(await sender.deliver(batchOf('c'), never), true)
  t.equal(said.length, 1)
  await clock.next()
  t.equal(await one, true)
  t.match(said, [['held up', { code: 'MLS_OUTPUT_SERVER' }], ['resumed']])
})

t.test('F47, P6: one word for each change, however often it is tried; waits grow to ten seconds', async t => {
  const { output, sender, clock, said, batchOf, never } = makeSender(t)
  for (let i = 0; i < 10; i++) output.scripts.push(holdUp('MLS_OUTPUT_UNREACHABLE', 'refused'))
  output.scripts.push(holdUp('MLS_OUTPUT_AUTH'), holdUp('MLS_OUTPUT_AUTH'))
  const done = sender.deliver(batchOf('a'), never)
  const waits: number[] = []
  for (let i = 0; i < 12; i++) waits.push(await clock.next())
  t.equal(await done, true)
  t.same(waits, [250, 500, 1_000, 2_000, 4_000, 8_000, ...new Array(6).fill(10_000)])
  t.same(said, [
    ['held up', { code: 'MLS_OUTPUT_UNREACHABLE', detail: 'refused' }],
    ['held up', { code: 'MLS_OUTPUT_AUTH', detail: '' }],
    ['resumed', 75_750],
  ])
  t.equal(sender.holdUp, undefined)
  output.scripts.push(holdUp('MLS_OUTPUT_BUSY'))
  const next = sender.deliver(batchOf('b'), never)
  t.equal(await clock.next(), 250, 'afterwards it begins anew')
  await next
})

t.test('waits are jittered', async t => {
  const { output, sender, clock, batchOf, never } = makeSender(t, 0)
  output.scripts.push(holdUp('MLS_OUTPUT_BUSY'))
  const done = sender.deliver(batchOf('a'), never)
  t.equal(await clock.next(), 125)
  await done
})

t.test('several batches share one trouble', async t => {
  const { output, sender, clock, said, batchOf, never } = makeSender(t)
  for (let i = 0; i < 4; i++) output.scripts.push(holdUp('MLS_OUTPUT_TIMEOUT'))
  const all = Promise.all(['a', 'b', 'c', 'd'].map(id => sender.deliver(batchOf(id), never)))
  let done = false
  void all.then(() => {
    done = true
  })
  while (!done) {
    if (clock.sleeps.length > 0) await clock.next()
    else await new Promise(setImmediate)
  }
  t.same(
    said.map(([what]) => what),
    ['held up', 'resumed'],
  )
  t.equal(sender.counts.stored, 4)
})

t.test('F55: too large: in halves, in order, until it fits; a single one is set aside', async t => {
  const { output, sender, said, batchOf, readAside, never } = makeSender(t)
  const tooLarge = holdUp('MLS_OUTPUT_TOO_LARGE')
  output.scripts.push(tooLarge, tooLarge, tooLarge, outcomes(stored), outcomes(stored, stored))
  const batch = batchOf('a', 'b', 'c', 'd')
  t.equal(await sender.deliver(batch, never), true)
  t.same(output.sent, [['a', 'b', 'c', 'd'], ['a', 'b'], ['a'], ['b'], ['c', 'd']])
  t.same(sender.counts, { stored: 3, duplicates: 0, setAside: 1 })
  const length = batch.starts[1]!
  t.match(readAside(), [{ reason: `a document of ${length} bytes is too large`, document: { 'event.id': 'a' } }])
  t.same(said, [
    ['too large', batch.body.length >> 1],
    ['too large', (2 * length) >> 1],
    ['set aside', 1, `a document of ${length} bytes is too large`],
  ])
})

t.test('F53: refused documents are on disk, with the reason, before they count as settled', async t => {
  const { output, sender, clock, said, batchOf, readAside, file, never } = makeSender(t)
  output.scripts.push(outcomes(refused, stored, refused))
  t.equal(await sender.deliver(batchOf('a', 'b', 'c'), never), true)
  const at = new Date(clock.now()).toISOString()
  const entry = { at, reason: 'document_parsing_exception' }
  t.match(readAside(), [
    { ...entry, document: { 'event.id': 'a' } },
    { ...entry, document: { 'event.id': 'c' } },
  ])
  t.same(said, [['set aside', 2, 'document_parsing_exception']])
  // Nor is anything lost where there is no room for them, or no file.
  truncateSync(file, 64 * 1024 * 1024 - 1)
  appendFileSync(file, '\n') // else it would be taken for a line that a crash has torn
  for (const mend of [() => truncateSync(file, 0), () => rmSync(file, { recursive: true })]) {
    said.length = 0
    output.scripts.push(outcomes(stored, refused), outcomes(refused), outcomes(refused))
    const before = { ...sender.counts }
    const done = sender.deliver(batchOf('d', 'e'), never)
    await clock.next()
    await untilTrue(() => clock.sleeps.length > 0)
    mend()
    await clock.next()
    t.equal(await done, true)
    t.match(readAside().at(-1), { document: { 'event.id': 'e' } })
    t.same(
      said
        .map(([what, detail]) => (what === 'held up' ? (detail as { code: string }).code : what))
        .filter(what => what !== 'resumed'),
      ['MLS_SETASIDE_FULL', 'set aside'],
    )
    t.same(sender.counts, { stored: before.stored + 1, duplicates: 0, setAside: before.setAside + 1 })
    rmSync(file)
    mkdirSync(file)
  }
  rmSync(file, { recursive: true })
  writeFileSync(file, '')
})

t.test(
  'F39: asked to stop, it gives up at once: while it waits, while a request is on the way, and before the first',
  async t => {
    const { output, sender, clock, batchOf } = makeSender(t)
    const waiting = new AbortController()
    output.scripts.push(holdUp('MLS_OUTPUT_UNREACHABLE'))
    const one = sender.deliver(batchOf('a'), waiting.signal)
    await untilTrue(() => clock.sleeps.length > 0)
    waiting.abort()
    t.equal(await one, false)

    const sending = new AbortController()
    output.scripts.push(
      (_, signal) =>
        new Promise(resolve =>
          signal.addEventListener('abort', () => resolve({ holdUp: { code: 'MLS_OUTPUT_TIMEOUT', detail: '' } })),
        ),
    )
    const two = sender.deliver(batchOf('b'), sending.signal)
    sending.abort()
    t.equal(await two, false)

    t.equal(await sender.deliver(batchOf('c'), AbortSignal.abort()), false)
    t.same(output.sent, [['a'], ['b']])
    t.same(sender.counts, { stored: 0, duplicates: 0, setAside: 0 })
  },
)

t.test('an answer that came with the stop still counts', async t => {
  const { output, sender, batchOf } = makeSender(t)
  const stop = new AbortController()
  output.scripts.push(() => {
    stop.abort()
    return { outcomes: [stored] }
  })
  t.equal(await sender.deliver(batchOf('a'), stop.signal), true)
  t.equal(sender.counts.stored, 1)
})

async function untilTrue(look: () => boolean): Promise<void> {
  while (!look()) await new Promise(setImmediate)
}
