/**
 * The metrics, one table: each is read from the same status that `status --json` shows, and only when somebody asks, so they cost
 * nothing in between. Labels are bounded: codes of errors.ts, kinds of reasons, names of logs, the vocabulary of actions. Of what
 * stands in a log there are the names of a hundred lists (list-counts.ts), which are not in the status.
 *
 * prom-client makes the text. Its default metrics are not used: their histogram of the event loop's delay wakes the process a hundred
 * times a second, for ever (docs/decisions.md). The five of them that people look at are read here, under their usual names.
 */
import { performance } from 'node:perf_hooks'
import prometheus from 'prom-client'
import { byLabel, type Metric, type Samples, secondsOf } from './metric.js'
import { alertMetrics } from './metrics-alerts.js'
import { type AgentStatus, codesOf, type FileStatus, type ListTallies } from './status.js'

/** Codes that have occurred keep their series, at 0, so that an alert on them ends. */
const troubles = (status: AgentStatus): Samples => {
  const now: ReadonlySet<string> = codesOf(status)
  const codes = new Set([...Object.keys(status.troubleSeconds), ...now])
  return [...codes].map(code => [{ code }, now.has(code) ? 1 : 0])
}

const own: readonly Metric[] = [
  {
    name: 'build_info',
    help: 'Always 1; which version this is.',
    type: 'gauge',
    labels: ['version', 'node', 'output'],
    read: ({ version, output }) => [[{ version, node: process.versions.node, output }, 1]],
  },
  {
    name: 'held_up',
    help: '1 while the output takes nothing.',
    type: 'gauge',
    read: ({ holdUp }) => (holdUp === null ? 0 : 1),
  },
  {
    name: 'trouble',
    help: '1 while something is wrong, by its code; codes that never occurred are absent.',
    type: 'gauge',
    labels: ['code'],
    read: troubles,
  },
  {
    name: 'trouble_seconds_total',
    help: 'For how long each trouble lasted.',
    type: 'counter',
    labels: ['code'],
    read: ({ troubleSeconds }) => byLabel('code', troubleSeconds),
  },
  {
    name: 'incidents_total',
    help: 'What went wrong for a moment: bytes lost, logs gone, documents refused.',
    type: 'counter',
    labels: ['code'],
    read: ({ moments }) => moments.map(({ code, count }) => [{ code }, count]),
  },
  {
    name: 'events_total',
    help: 'Events that were read, by log and action. none: no template fitted; suspect: the line may be forged.',
    type: 'counter',
    labels: ['log', 'action'],
    read: ({ events }) =>
      Object.entries(events).flatMap(([log, actions]) =>
        Object.entries(actions).map(([action, count]) => [{ log, action }, count] as const),
      ),
  },
  {
    name: 'list_events_total',
    help: 'What became of posts, by list. other: all that have no label of their own, and events that name no list.',
    type: 'counter',
    labels: ['list', 'action'],
    read: (_, lists) =>
      [...lists].flatMap(([list, actions]) =>
        Object.entries(actions).map(([action, count]) => [{ list, action }, count] as const),
      ),
  },
  {
    name: 'documents_total',
    help: 'Documents settled, by what became of them.',
    type: 'counter',
    labels: ['outcome'],
    read: ({ counts: { stored, duplicates, setAside } }) =>
      byLabel('outcome', { stored, duplicate: duplicates, 'set-aside': setAside }),
  },
  {
    name: 'set_aside_documents_total',
    help: 'Documents that were refused and set aside, by the kind of reason.',
    type: 'counter',
    labels: ['reason'],
    read: ({ setAsideReasons }) => byLabel('reason', setAsideReasons),
  },
  {
    name: 'delivery_requests_total',
    help: 'Requests to the output.',
    type: 'counter',
    read: ({ delivery }) => delivery.requests,
  },
  {
    name: 'delivery_retries_total',
    help: 'Requests after which something had to be sent again, by the reason.',
    type: 'counter',
    labels: ['code'],
    read: ({ delivery }) => byLabel('code', delivery.retries),
  },
  {
    name: 'last_delivery_timestamp_seconds',
    help: 'When a batch was settled last; absent before the first.',
    type: 'gauge',
    read: ({ lastDeliveryAt }) => secondsOf(lastDeliveryAt),
  },
  {
    name: 'lag_bytes',
    help: 'Bytes of a log that are not settled, in all its files.',
    type: 'gauge',
    labels: ['log'],
    read: ({ files }) => byLog(files, (sum, { lagBytes }) => sum + lagBytes),
  },
  {
    name: 'lag_seconds',
    help: 'For how long a log has not been wholly settled.',
    type: 'gauge',
    labels: ['log'],
    read: ({ files }) => byLog(files, (most, { lagSeconds }) => Math.max(most, lagSeconds)),
  },
  { name: 'watched_files', help: 'Files that are followed.', type: 'gauge', read: ({ files }) => files.length },
  { name: 'open_files', help: 'Log files that are open.', type: 'gauge', read: ({ openFiles }) => openFiles },
  { name: 'blocked_places', help: 'Places that cannot be read.', type: 'gauge', read: ({ blocked }) => blocked.length },
  {
    name: 'lost_bytes_total',
    help: 'Bytes of logs that went away before they were read.',
    type: 'counter',
    read: ({ losses }) => losses.lostBytes,
  },
  {
    name: 'gone_files_total',
    help: 'Logs that were followed and are gone.',
    type: 'counter',
    read: ({ losses }) => losses.goneFiles,
  },
  {
    name: 'hole_bytes_total',
    help: 'Zero bytes between lines that were passed over.',
    type: 'counter',
    read: ({ losses }) => losses.holeBytes,
  },
  {
    name: 'checkpoint_write_failures_total',
    help: 'Attempts to write the checkpoint that failed.',
    type: 'counter',
    read: ({ checkpoint }) => checkpoint.failures,
  },
  {
    name: 'checkpoint_last_write_timestamp_seconds',
    help: 'When the checkpoint was written last; absent before the first time.',
    type: 'gauge',
    read: ({ checkpoint }) => secondsOf(checkpoint.writtenAt),
  },
]

const usual: readonly Metric[] = [
  {
    name: 'process_start_time_seconds',
    help: 'Start time of the process since the epoch.',
    type: 'gauge',
    read: () => Math.round(performance.timeOrigin / 1000),
  },
  {
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time.',
    type: 'counter',
    read: () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    },
  },
  {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory.',
    type: 'gauge',
    read: () => process.memoryUsage.rss(),
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    help: 'Heap of the main thread that is used.',
    type: 'gauge',
    read: () => process.memoryUsage().heapUsed,
  },
  {
    name: 'nodejs_eventloop_busy_seconds_total',
    help: 'Time that the event loop was not idle.',
    type: 'counter',
    read: () => performance.eventLoopUtilization().active / 1000,
  },
]

export const contentType: string = prometheus.Registry.PROMETHEUS_CONTENT_TYPE

/** The text of all metrics, for one scrape. */
export function renderMetrics(status: AgentStatus, lists: ListTallies): Promise<string> {
  const registers = [new prometheus.Registry()] as const
  const named = [...own, ...alertMetrics].map(one => ({ ...one, name: `mailman_shipper_${one.name}` }))
  for (const metric of [...named, ...usual]) {
    const { name, help, labels: labelNames = [], type } = metric
    const value = metric.read(status, lists)
    const samples: Samples = value === undefined ? [] : typeof value === 'number' ? [[{}, value]] : value
    if (samples.length === 0) continue
    if (type === 'counter') {
      const counter = new prometheus.Counter({ name, help, labelNames, registers: [...registers] })
      for (const [labels, sample] of samples) counter.inc(labels, sample)
    } else {
      const gauge = new prometheus.Gauge({ name, help, labelNames, registers: [...registers] })
      for (const [labels, sample] of samples) gauge.set(labels, sample)
    }
  }
  return registers[0].metrics()
}

function byLog(files: readonly FileStatus[], add: (sum: number, file: FileStatus) => number): Samples {
  const logs = new Map<string, number>()
  for (const file of files) logs.set(file.log, add(logs.get(file.log) ?? 0, file))
  return [...logs].map(([log, value]) => [{ log }, value])
}
