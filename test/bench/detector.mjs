// What the detector of alerts costs, with nothing else in the process: `npm run build && node test/bench/detector.mjs [RECORDS]`.
// Some hundred records at a time are parsed, and then seen by the detector, as in the agent; CPU time of both is taken apart. And what
// the detector remembers of 5,000 lists: in memory, and as bytes of its state. It reports and never judges.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serialize, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { generate } from '../support/traffic/generate.mjs'
import { cache, prepareCorpus } from './corpus.mjs'
import { built } from './program.mjs'

const { loadConfig } = await import(built('src/config/load.js'))
const { createSources } = await import(built('src/events/source.js'))
const { EventAssembler } = await import(built('src/events/assemble.js'))
const { contextOf } = await import(built('src/events/context.js'))
const { mailmanOf } = await import(built('src/files/mailman.js'))
const { LineSplitter } = await import(built('src/lines/split.js'))
const { Detector } = await import(built('src/alerts/detector.js'))

const RUNS = 5
const BATCH = 500
const records = Number(process.argv[2] ?? 500_000)
setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc')
const own = join(cache, `detector-${process.pid}.yaml`)
mkdirSync(cache, { recursive: true, mode: 0o700 })
writeFileSync(own, 'logs: { timezone: UTC }\n')
const sourceOf = createSources(await loadConfig(own), Date.now)
rmSync(own)

measure('the corpus of `npm run bench`', () => piecesOf(prepareCorpus(records).directory, Math.ceil(records / BATCH)))
const days = { from: '2015-05-04', to: '2015-05-20', incident: '2015' }
measure('a host of 700 lists, 17 days, the outage', () => minutes({ lists: 700, events: records, ...days }))
const kept = run(minutes({ lists: 5000, events: records, ...days }))
const { lists, learned } = kept.detector.figures
const state = serialize(kept.detector.state).length
const withIt = memory()
kept.detector = undefined
say(`5000 lists (posts on ${lists}), ${learned} decisions learned: ${mb(withIt - memory())} in memory, ${mb(state)} of state`)

/** Of several runs the one that cost least. */
function measure(name, pieces) {
  const runs = Array.from({ length: RUNS }, () => run(pieces()))
  const { events } = runs[0]
  const [seen, parsed] = ['seen', 'parsed'].map(part => Math.min(...runs.map(run => run[part])) / events)
  const share = ((100 * seen) / parsed).toFixed(1)
  say(`${name}, ${events} events: ${seen.toFixed(2)} CPU-µs each, parsing ${parsed.toFixed(2)}: ${share} % of it`)
}

/** @param pieces each holds some text of each log, all of about the same time; costs are microseconds of CPU */
function run(pieces) {
  const detector = new Detector({ raised: () => {}, ended: () => {} })
  const logs = new Map()
  const sum = { detector, events: 0, parsed: 0, seen: 0 }
  for (const piece of pieces) {
    const start = cpu()
    const events = []
    for (const [log, text] of piece) {
      if (!logs.has(log)) logs.set(log, reader(log))
      logs.get(log)(text, events)
    }
    const parsed = cpu()
    events.sort((a, b) => a.timestampMs - b.timestampMs)
    const sorted = cpu()
    for (const event of events) detector.see(event)
    sum.seen += cpu() - sorted
    sum.parsed += parsed - start
    sum.events += events.length
  }
  return sum
}

/** @returns takes text of a log and adds its events to an array */
function reader(log) {
  const splitter = new LineSplitter(0, 1 << 20)
  let assembler
  return (text, events) => {
    for (const line of splitter.feed(text)) {
      assembler ??= new EventAssembler(sourceOf(log, mailmanOf(log, log, line.text)), {
        path: log,
        firstLine: line.text,
        offset: 0,
        context: contextOf(undefined),
        cuts: [],
      })
      assembler.push(line, events)
    }
  }
}

/** Logs whose lines come at a steady rate, cut into pieces of about the same time. */
function* piecesOf(directory, count) {
  const logs = readdirSync(directory).map(log => [log, readFileSync(join(directory, log))])
  for (let i = 0; i < count; i++)
    yield logs.map(([log, bytes]) => {
      const [from, to] = [i, i + 1].map(part => Math.floor((bytes.length * part) / count))
      return [log, bytes.latin1Slice(from, to)]
    })
}

/** Minutes of generated traffic, as many together as make a batch. */
function* minutes(options) {
  let piece = new Map()
  let size = 0
  for (const minute of generate(options)) {
    for (const { log, text } of minute) piece.set(log, (piece.get(log) ?? '') + text)
    size += minute.length
    if (size < BATCH) continue
    yield piece
    piece = new Map()
    size = 0
  }
  yield piece
}

function cpu() {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** Bytes in use. */
function memory() {
  gc()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function mb(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
