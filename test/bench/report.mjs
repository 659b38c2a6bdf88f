// The figures as Markdown.
import { describeAgainst } from './against-report.mjs'
import { number, spread, table } from './markdown.mjs'

export function describe({ machine, corpus, scenarios, bounded, starts, knownStarts, loop, idle, parsers, against, stages }) {
  const blocks = [describeMachine(machine), describeCorpus(corpus)]
  if (scenarios.length > 0) blocks.push(table(scenarioColumns, scenarios.map(scenarioRow)))
  if (against.length > 0) blocks.push(...describeAgainst(against, corpus))
  if (bounded.length > 0) blocks.push(table(boundedColumns, bounded.map(boundedRow)))
  const rest = []
  if (starts.length > 0) rest.push(['start to first delivery, ms', spread(starts, 0)])
  if (idle !== undefined)
    rest.push(['idle CPU, ms a second', number(idle.cpuMsPerSecond, 2)], ['idle RSS, MB', number(idle.rssMb)])
  if (knownStarts.length > 0) {
    const of = pick => spread(knownStarts.map(pick), 0)
    rest.push(['with 1,000 known files and a new line in each, ms: first delivery', of(({ firstMs }) => firstMs)])
    rest.push(['and the last of these lines', of(({ allMs }) => allMs)])
  }
  // Nothing is counted of a run that ends as soon as it begins.
  if (loop?.delayMs !== undefined) {
    const { p50, p99, p999, max } = loop.delayMs
    const figures = [p50, p99, p999, max].map(value => number(value, 1)).join(' / ')
    rest.push(['event loop late while it delivers all it can, ms: p50 / p99 / p99.9 / max', figures])
  }
  if (rest.length > 0) blocks.push(table(['following', ''], rest))
  if (parsers.length > 0)
    blocks.push(
      table(
        ['lines a CPU-second', 'templates only', 'whole events', 'known to a template'],
        parsers.map(({ log, matched, assembled, known }) => [
          log,
          number(matched),
          number(assembled),
          `${number(known * 100, 1)} %`,
        ]),
      ),
    )
  if (stages !== undefined) blocks.push(...describeStages(stages, corpus.records))
  return `${blocks.join('\n\n')}\n`
}

function describeMachine({ version, commit, node, system, cpu, cpus, memoryGb, load, date }) {
  const busy = load > 1 ? ' (busy: CPU-seconds move by 5–20 %, wall time by more)' : ''
  return (
    `${date}, mailman-shipper ${version} (${commit}), Node ${node}, ${system}, ${cpus} × ${cpu}, ${number(memoryGb)} GB; ` +
    `load average at the start ${number(load, 1)}${busy}.`
  )
}

function describeCorpus({ records, lines, bytes }) {
  return `${number(records)} records = ${number(lines)} lines, ${number(bytes / 1e6)} MB; page cache warm. Median (min–max).`
}

const scenarioColumns = ['', 'runs', 'CPU-s per 1M events', 'wall s', 'events/s', 'peak RSS MB', 'bytes per event']

function scenarioRow({ name, records, runs, bytesPerEvent }) {
  const of = (pick, digits) => spread(runs.map(pick), digits)
  return [
    name,
    String(runs.length),
    `**${of(run => (run.cpuSeconds / records) * 1e6, 2)}**`,
    of(run => run.wallSeconds, 2),
    of(run => records / run.wallSeconds, 0),
    of(run => run.peakRssMb, 0),
    number(bytesPerEvent ?? runs[0].bytesPerEvent),
  ]
}

const boundedColumns = [
  '',
  'MB',
  'CPU-s',
  'peak RSS MB',
  'delay p50',
  'p99',
  'p99.9',
  'max, ms',
  'with start-up: p99.9',
  'max, ms',
  'open files',
  'of them logs',
  'state KB',
]

function boundedRow({ name, runs }) {
  const of = (pick, digits = 0) => {
    const values = runs.map(pick).filter(value => value !== undefined)
    return values.length === 0 ? 'too short' : spread(values, digits)
  }
  return [
    name,
    of(run => run.bytes / 1e6),
    of(run => run.cpuSeconds, 1),
    `**${of(run => run.peakRssMb)}**`,
    of(run => run.delayMs?.p50, 1),
    of(run => run.delayMs?.p99),
    `**${of(run => run.delayMs?.p999)}**`,
    of(run => run.delayMs?.max),
    of(run => run.wholeDelayMs.p999),
    of(run => run.wholeDelayMs.max),
    of(run => run.openFiles),
    of(run => run.openLogs),
    of(run => run.stateBytes / 1e3),
  ]
}

function describeStages({ cpuSeconds, stages, functions }, records) {
  const perMillion = seconds => number((seconds / records) * 1e6, 2)
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0)
  const rows = stages.map(({ name, seconds, ownSeconds }) => [
    name,
    perMillion(seconds),
    perMillion(ownSeconds),
    `${number((seconds / total) * 100)} %`,
  ])
  return [
    `Profile of one run to the bulk sink, not compressed, ${number(cpuSeconds, 1)} CPU-s with the profiler's own.`,
    table(['stage', 's per 1M, with what it calls in Node and libraries', 'of which its own code', 'share'], rows),
    table(
      ['most time of its own', 's per 1M'],
      functions.map(({ name, seconds }) => [`\`${name.trim().replaceAll('|', '\\|')}\``, perMillion(seconds)]),
    ),
  ]
}
