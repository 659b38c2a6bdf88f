// What an event costs as work grows: `npm run growth -- --help`. It reports and never judges. Flat is good: more lists, files or lines
// cost no more for each event.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cache } from './corpus.mjs'
import { writeLogs } from './growth-logs.mjs'
import { askStore, questions } from './growth-search.mjs'
import { number, table } from './markdown.mjs'
import { checkBuild, complete, prepareRun } from './program.mjs'
import { startSink } from './sink-process.mjs'

const help = `npm run growth -- [--only lists,files,lines,store] [--runs 2]

  lists  --lists 1,100,1000,5000   lists named in --records 200000 records     files  --files 1,10,100,1000 that hold as many
  lines  --lines 0.2,1,2           millions of records to a bulk sink; 20 takes 3 GB of the temporary directory while it runs
  store  --store 0.2,1             millions into the embedded store, half a GB each with their logs; then questions to it, --asked 5 times

  The first three with alerts and without. A figure is the least of --runs. What starting costs, a run with hardly any events, is taken off.
`
const defaults = {
  only: 'lists,files,lines,store',
  runs: '2',
  records: '200000',
  lists: '1,100,1000,5000',
  files: '1,10,100,1000',
  lines: '0.2,1,2',
  store: '0.2,1',
  asked: '5',
}
const options = Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value }]))
const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', default: false } } })
const numbers = name => values[name].split(',').map(Number)
const [runs, records, asked] = ['runs', 'records', 'asked'].map(name => Number(values[name]))
const only = values.only.split(',')
const given = ['lists', 'files', 'lines', 'store', 'runs', 'records', 'asked'].flatMap(numbers)
if (values.help || !given.every(value => value > 0) || only.some(part => !defaults.only.split(',').includes(part))) {
  process.stderr.write(help)
  process.exit(values.help ? 0 : 64)
}
const say = text => process.stderr.write(`${text}\n`)
const warning = checkBuild()
if (warning !== undefined) say(`! ${warning}`)
mkdirSync(cache, { recursive: true, mode: 0o700 })

const sink = await startSink()
const withAlerts = [true, false]
const starts = new Map()
try {
  for (const alerts of withAlerts) {
    say(`start, alerts ${alerts ? 'on' : 'off'}`)
    starts.set(alerts, await withLogs({ records: 100 }, made => least(() => shipToSink(made, alerts))))
  }
  const millions = name => numbers(name).map(each => Math.round(each * 1e6))
  const parts = {
    lists: () => toSink('lists', numbers('lists'), lists => ({ records, lists })),
    files: () => toSink('files', numbers('files'), files => ({ records, files })),
    lines: () => toSink('records', millions('lines'), records => ({ records })),
    store: () => toStore(millions('store')),
  }
  for (const part of only) process.stdout.write(`${await parts[part]()}\n\n`)
} finally {
  sink.close()
}

/** @param sizeOf what is to be written, for each of the counts @returns a table */
async function toSink(what, counts, sizeOf) {
  const rows = []
  for (const count of counts) {
    const row = await withLogs(sizeOf(count), async made => {
      const cells = []
      for (const alerts of withAlerts) {
        say(`${count} ${what}, alerts ${alerts ? 'on' : 'off'}`)
        const { cpuSeconds, peakRssMb } = await least(() => shipToSink(made, alerts))
        cells.push(number(perEvent(cpuSeconds - starts.get(alerts).cpuSeconds, made), 2), number(peakRssMb))
      }
      return cells
    })
    rows.push([number(count), ...row])
  }
  return table([what, 'µs of CPU an event, alerts on', 'peak RSS MB', 'alerts off', 'peak RSS MB'], rows)
}

async function toStore(counts) {
  const rows = []
  const answers = []
  for (const count of counts) {
    say(`${count} records, embedded store`)
    await withLogs({ records: count }, async made => {
      const run = prepareRun(made.directories, { alerts: { enabled: false } })
      try {
        const { cpuSeconds, peakRssMb } = await complete(run, runOnce(run))
        const state = join(run.directory, 'state')
        const files = readdirSync(state).filter(name => name.startsWith('events.db'))
        const bytes = files.reduce((sum, name) => sum + statSync(join(state, name)).size, 0)
        const cpu = perEvent(cpuSeconds - starts.get(false).cpuSeconds, made)
        rows.push([number(count), number(cpu, 1), number(bytes / made.records), number(peakRssMb)])
        say('questions')
        answers.push(await askStore(join(state, 'events.db'), asked))
      } finally {
        run.remove()
      }
    })
  }
  const stored = table(['records', 'µs of CPU an event', 'MB for a million events', 'peak RSS MB'], rows)
  const columns = ['ms: the least (the longest)', ...counts.map(count => `of ${number(count)}`)]
  const times = questions.map(([name], i) => [
    name,
    ...answers.map(each => `${number(each[i].least, 1)} (${number(each[i].most, 1)})`),
  ])
  return `${stored}\n\n${table(columns, times)}`
}

function runOnce({ config }) {
  return ['run', '--once', '--log-level', 'warn', '--config', config]
}

function perEvent(cpuSeconds, made) {
  return (cpuSeconds * 1e6) / made.records
}

async function withLogs(size, work) {
  const directory = mkdtempSync(join(cache, 'growth-'))
  try {
    return await work(writeLogs(directory, size))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** @throws where not every record came as one document */
async function shipToSink(made, alerts) {
  const run = prepareRun(made.directories, {
    elasticsearch: { nodes: [sink.url], compression: 'none' },
    alerts: { enabled: alerts },
  })
  try {
    await sink.reset()
    const usage = await complete(run, runOnce(run))
    const { documents } = await sink.counts()
    // Alerts are documents too.
    if (documents < made.records || (!alerts && documents > made.records))
      throw new Error(`${made.records} records became ${documents} documents`)
    return usage
  } finally {
    run.remove()
  }
}

/** Of several runs the one that took the least CPU: others' work only ever adds to it. */
async function least(measure) {
  let best
  for (let i = 0; i < runs; i++) {
    const usage = await measure()
    if (best === undefined || usage.cpuSeconds < best.cpuSeconds) best = usage
  }
  return best
}
