/**
 * F19–F26: whatever bytes a log holds, each line is one event, at its place, under an id of its own, and nothing stops the lines
 * behind it. (Chunks, offsets and cut lines of any kind: test/laws/lines and test/lines/split.)
 */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, utimesSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LogStory } from '../support/log-story.js'
import { numberOf } from '../support/mailman-writer.js'
import { highWaterOf } from '../support/memory.js'
import { countEmbedded, readEmbedded, type StoredDocument } from '../support/stored.js'
import { until } from '../support/until.js'

const LONG_AGO = new Date('2026-11-20T13:00:00Z')
const STAMP = 'Nov 20 12:00:00 2026 (7) '

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

function originalStory(t: Test): LogStory {
  const directory = join(t.testdirName, 'logs')
  return new LogStory(t, { logs: { directories: [directory], timezone: 'UTC', keepOriginal: true } })
}

const originalOf = (document: StoredDocument): string => (document.event as { original?: string }).original ?? ''

t.test('F19: a line cut inside a character, with the agent stopped and killed between its bytes', async t => {
  const story = new LogStory(t)
  const line = Buffer.from(`${STAMP}Ünïcödé 漢字 🎉 message-id=<n00000@example.org>\n`)
  const cuts = [1, 26, 27, line.indexOf('🎉') + 2, line.length - 1]
  let from = 0
  for (const [round, cut] of [...cuts, line.length].entries()) {
    story.append(line.subarray(from, cut))
    from = cut
    story.start()
    await story.says(/started/)
    if (cut < line.length) t.same(story.shipped, [], 'nothing before the newline')
    else story.next = 1
    if (cut === line.length) await story.shipsExactly()
    if (round % 2 === 0) await story.agent.end('SIGKILL')
    else await story.stop()
    story.agent.log.length = 0
  }
  t.match(story.documents[0], { message: 'Ünïcödé 漢字 🎉 message-id=<n00000@example.org>', log: { offset: 0 } })
})

t.test(
  'F20: a last line without a newline waits in the live file; rotated it is told of once, its rest is lines of its own',
  async t => {
    const story = new LogStory(t)
    story.write(1)
    story.append(story.lines(1).slice(0, -1))
    story.start()
    await story.ships(1)
    await story.stop()
    t.same(story.shipped, [0], 'not at a stop')
    t.match(story.status(), { files: [{ offset: 115, lagBytes: 114 }] })
    story.rotate()
    story.reopen()
    utimesSync(story.path('vette.1'), LONG_AGO, LONG_AGO)
    story.write(1)
    story.start()
    await story.shipsExactly()
    t.same(story.documents[1]?.tags, ['mailman_unterminated'])
    story.append(`\n${story.lines(1)}`, 'vette.1')
    await story.ships(4)
    t.ok(story.shipped.includes(3), 'what is written there all the same')
    await story.agent.end('SIGKILL')
    story.start()
    story.write(1)
    await until(
      () => story.shipped.includes(4),
      () => `it goes on: ${story.shipped}`,
    )
    t.equal(new Set(story.documents.map(({ event }) => event.id)).size, 6, 'five lines, and the newline that came late')
  },
)

t.test('F21: a line of 100 MB', async t => {
  const story = new LogStory(t)
  story.start()
  await story.says(/started/)
  const handle = openSync(story.path(), 'a')
  const start = `${STAMP}Dev post from `
  writeSync(handle, start)
  const part = Buffer.alloc(1_000_000, 'x')
  for (let i = 0; i < 100; i++) {
    writeSync(handle, part)
    if (i % 25 === 0) story.write(1, 'post') // another log is not held up by it
  }
  writeSync(handle, '\n')
  closeSync(handle)
  story.write(5)
  await story.ships(10, 60_000)
  const long = story.documents.find(({ tags }) => (tags as string[] | undefined)?.includes('mailman_truncated'))
  const bytes = start.length + 100_000_000
  const whole = Buffer.concat([Buffer.from(start), Buffer.alloc(100_000_000, 'x')])
  t.match(long, { log: { offset: 0 } })
  t.match(JSON.stringify({ ...long, message: '' }), String(bytes), 'its whole length')
  t.match(JSON.stringify({ ...long, message: '' }), sha256(whole), 'and its hash')
  const after = story.documents.filter(({ log }) => log.file.path === story.path() && log.offset > 0)
  t.equal(after[0]!.log.offset, bytes + 1, 'the offset behind it is exact')
  const most = highWaterOf(story.agent.pid)
  t.ok(most < 200 << 20, `${most >> 20} MiB at most`)
  await story.stop()
})

t.test('F22: 10 MB of noise: one event for each newline, and the lines behind it', async t => {
  const story = new LogStory(t)
  const noise = Buffer.concat([randomBytes(10_000_000), Buffer.from('\n')])
  const newlines = noise.filter(byte => byte === 10).length
  story.append(noise)
  const place = noise.length
  story.append(story.lines(5))
  story.agent.args.push('--once')
  story.start()
  await story.ends()
  const documents = story.documents
  t.same(
    documents.slice(-5).map(({ message }) => numberOf(message)),
    [0, 1, 2, 3, 4],
  )
  t.equal(documents.at(-5)!.log.offset, place)
  const lines = documents.slice(0, -5).reduce((sum, { message }) => sum + message.split('\n').length, 0)
  t.equal(lines, newlines, 'each line is in one event')
  t.equal(new Set(documents.map(({ event }) => event.id)).size, documents.length)
  t.same(story.troubles, [])
})

t.test('F22, F23, F24: bytes of every kind: the raw text is kept, and places count bytes', async t => {
  const story = originalStory(t)
  const lines: [Buffer, RegExp][] = [
    [Buffer.from(`\ufeff${STAMP}byte order mark n00000@example.org\n`), /byte order mark/],
    [Buffer.from(`${STAMP}caf\xe9 n00001@example.org\n`, 'latin1'), /café/],
    [Buffer.from(`${STAMP}caf\u00e9 n00002@example.org\n`), /café/],
    [Buffer.from(`${STAMP}broken \xc3( n00003@example.org\n`, 'latin1'), /broken Ã\(/],
    [Buffer.from(`${STAMP}carriage return n00004@example.org\r\n`), /n00004@example\.org$/],
    [Buffer.from(`${STAMP}in\rside n00005@example.org\n`), /in\rside/],
    [Buffer.from(`${STAMP}zero \0 bell \x07 escape \x1b[2J n00006@example.org\n`), /zero \0 bell \x07 escape \x1b\[2J/],
    [Buffer.from(`${STAMP}line\u2028separator\x85 n00007@example.org\n`), /line\u2028separator/],
  ]
  let offset = 0
  const offsets = lines.map(([bytes]) => {
    const start = offset
    offset += bytes.length
    return start
  })
  story.append(Buffer.concat(lines.map(([bytes]) => bytes)))
  story.next = lines.length
  story.agent.args.push('--once')
  story.start()
  await story.ends()
  await story.shipsExactly()
  t.same(
    story.documents.map(({ log }) => log.offset),
    offsets,
  )
  for (const [i, document] of story.documents.entries()) {
    t.match(document.message, lines[i]![1])
    t.match(originalOf(document), lines[i]![1])
  }
})

t.test(
  'F25: eight processes write at once, lines longer than a page, some in two pieces: every byte is in some event',
  async t => {
    const story = originalStory(t)
    story.start()
    await story.says(/started/)
    const writer = `
    const fs = require('node:fs')
    const handle = fs.openSync(${JSON.stringify(story.path())}, 'a')
    for (let i = 0; i < 60; i++) {
      const line = 'Nov 20 12:00:00 2026 (' + process.pid + ') Uncaught runner exception: ' + 'é'.repeat(2500) + i
      const text = line + '\\n' + (i % 3 === 0 ? 'Traceback (most recent call last):\\n  File "/a.py", line ' + i + ', in f\\n' : '')
      const half = i % 5 === 0 ? 3000 : text.length
      fs.writeSync(handle, text.slice(0, half))
      if (half < text.length) fs.writeSync(handle, text.slice(half))
    }`
    const writers = Array.from({ length: 8 }, () => spawn(process.execPath, ['-e', writer], { stdio: 'inherit', env: {} }))
    await Promise.all(writers.map(child => once(child, 'exit')))
    const bytes = readFileSync(story.path())
    const written = (): string =>
      story.documents
        .toSorted((a, b) => a.log.offset - b.log.offset)
        .map(originalOf)
        .join('\n')
    // A record that was put together over lines of others holds them away from their places: so lines are compared, not the whole.
    const sorted = (text: string): string[] => text.split('\n').sort()
    await until(
      () => sorted(written()).length >= sorted(bytes.toString()).length - 1,
      () => `${sorted(written()).length} lines of ${sorted(bytes.toString()).length}`,
    )
    const normal = (text: string): string[] =>
      sorted(text)
        .filter(line => line !== '')
        .map(line => line.replaceAll(/[\ufffd]|Ã|©|é|[^\x20-\x7e]/g, ''))
    const lost = missing(normal(bytes.toString()), normal(written()))
    t.same(lost, [], 'no line is missing')
    await story.stop()
    t.same(story.troubles, [])
  },
)

t.test('F26: a hundred identical lines in one second are a hundred documents in the store', async t => {
  const story = new LogStory(t, { ndjson: undefined })
  story.append(`${STAMP}Dev post from a@example.org held, message-id=<n00000@example.org>: twice\n`.repeat(100))
  story.agent.args.push('--once')
  story.start()
  await story.ends()
  const store = join(story.state, 'events.db')
  t.equal(countEmbedded(store), 100)
  t.equal(new Set(readEmbedded(store).map(({ message }) => message)).size, 1)
})

/** What is in `all` and not in `found`, as often as it is. */
function missing(all: readonly string[], found: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const line of found) counts.set(line, (counts.get(line) ?? 0) + 1)
  return all.filter(line => {
    const count = counts.get(line) ?? 0
    counts.set(line, count - 1)
    return count <= 0
  })
}
