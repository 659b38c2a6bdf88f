// mailman-shipper beside its peers, as one Markdown table.
import { number, spread, table } from './markdown.mjs'

const columns = [
  '',
  'version',
  'compression',
  'CPU-s per 1M events',
  'ours : its',
  'events/s',
  'peak RSS MB',
  'bytes sent per event',
  'before compression',
  'requests',
  'start to first delivery, ms',
  '100 lines/s: p50 ms',
  'p99 ms',
  'CPU ms a second',
  'idle: CPU ms a second',
  'RSS MB',
]
/** Of the wall time; from here on the sink may be what limits the events a second. */
const BUSY = 0.8

export function describeAgainst(shippers, { records }) {
  const [ours] = shippers
  const rows = shippers.flatMap(shipper =>
    shipper.missing === undefined
      ? shipper.variants.map(variant => rowOf(shipper, variant, ours, records))
      : [[shipper.name, `cannot be had: ${cell(shipper.missing)}`]],
  )
  const isBusy = shippers.some(({ variants = [] }) => variants.some(({ runs }) => runs.some(isSinkBusy)))
  const note =
    'Each with its usual configuration (test/bench/peers/), in turn, the rounds one after the other; CPU of the whole process tree until the ' +
    'last document was taken. The ratio is that of each round, with the same compression. Starts, latency and idling are with the ' +
    'compression that is the default.'
  return [
    note,
    table(columns, rows),
    ...(isBusy ? ['\\* The sink had little time to spare: more events a second may be possible.'] : []),
  ]
}

function rowOf(shipper, { compression, runs, failed }, ours, records) {
  const start = [shipper.name, shipper.version, compression]
  if (failed !== undefined) return [...start, `failed: ${cell(failed)}`]
  const of = (pick, digits = 0) => spread(runs.map(pick), digits)
  const rival = ours.variants.find(variant => variant.compression === compression)
  const ratios = runs.map(({ run, cpuSeconds }) => rival.runs.find(each => each.run === run).cpuSeconds / cpuSeconds)
  return [
    ...start,
    `**${of(run => (run.cpuSeconds / records) * 1e6, 2)}**`,
    shipper === ours ? '' : `**${spread(ratios, 2)}**`,
    of(run => records / run.wallSeconds) + (runs.some(isSinkBusy) ? ' \\*' : ''),
    of(run => run.peakRssMb),
    number(runs[0].wireBytes),
    number(runs[0].bodyBytes),
    of(run => run.requests),
    ...(compression === shipper.usual ? usualCells(shipper) : []),
  ]
}

const isSinkBusy = ({ sinkCpuSeconds, wallSeconds }) => sinkCpuSeconds / wallSeconds > BUSY

function usualCells({ starts, following, failed }) {
  if (following === undefined) return [`failed: ${cell(failed)}`]
  const { latencyMs, liveCpuMsPerSecond, idleCpuMsPerSecond, idleRssMb } = following
  const live = [number(latencyMs.p50, 1), number(latencyMs.p99, 1), number(liveCpuMsPerSecond, 1)]
  return [spread(starts, 0), ...live, number(idleCpuMsPerSecond, 2), number(idleRssMb)]
}

const cell = text => text.replaceAll('|', '\\|')
