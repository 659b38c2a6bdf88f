// Bytes that V8 allocates for an event, log by log: `node FLAGS allocations.mjs` prints JSON, `{ "smtp": 3610, … }`. Its parent
// (counts.mjs) gives it a young generation so large that nothing is collected between two readings of the heap, and no
// threads that compile beside it: so a count depends on the program, not on the machine or its load.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GCProfiler } from 'node:v8'
import { logs, prepareCorpus } from '../bench/corpus.mjs'
import { configFor, makeDirectory, ship } from './ship.mjs'

/** So that its rarest log, `error`, has some 2,000 events. */
const RECORDS = 200_000
const MOST_LINES = 10_000
/** The long run reads the short one's lines so many times. Each fills two batches at least: how many buffers they take does not differ. */
const TIMES = 3
/** Until V8 has compiled all of it for good. */
const ROUNDS_BEFORE = 6
const READINGS = 5

const corpus = prepareCorpus(RECORDS)
const directory = makeDirectory()
const sizes = new Map()
for (const log of logs) {
  const lines = readFileSync(join(corpus.directory, log), 'latin1').split(/(?<=\n)/)
  const text = lines.slice(0, MOST_LINES).join('')
  sizes.set(log, { short: await copyOf(log, 'short', text), long: await copyOf(log, 'long', text.repeat(TIMES)) })
}
for (let i = 0; i < ROUNDS_BEFORE; i++)
  for (const { short, long } of sizes.values()) for (const each of [short, long]) await ship(each)

const readings = new Map(logs.map(log => [log, []]))
for (let i = 0; i < READINGS; i++) for (const log of logs) readings.get(log).push(await bytesPerEvent(sizes.get(log)))
process.stdout.write(JSON.stringify(Object.fromEntries([...readings].map(([log, each]) => [log, Math.round(median(each))]))))

function copyOf(log, name, text) {
  const own = join(directory, log, name)
  const logDirectory = join(own, 'logs')
  mkdirSync(logDirectory, { recursive: true })
  writeFileSync(join(logDirectory, log), text)
  return configFor(logDirectory, own)
}

/** What a run costs besides its events is in both, and cancels out. */
async function bytesPerEvent({ short, long }) {
  const few = await allocated(short)
  const many = await allocated(long)
  return (many.bytes - few.bytes) / (many.events - few.events)
}

async function allocated(config) {
  globalThis.gc()
  const collections = new GCProfiler()
  collections.start()
  const before = process.memoryUsage()
  const events = await ship(config)
  const after = process.memoryUsage()
  if (collections.stop().statistics.length > 0)
    throw new Error('V8 collected garbage meanwhile: the young generation is too small')
  return { events, bytes: after.heapUsed + after.external - before.heapUsed - before.external }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
