/** The agent: checkpoint, output, pipeline, and what it says of itself (health.ts), put together. */
import { openAlerting } from './alerting.js'
import { withLock } from './checkpoint/lock.js'
import type { State } from './checkpoint/state.js'
import { writeStatus } from './checkpoint/status-file.js'
import type { Config } from './config/options.js'
import { SetAside } from './delivery/set-aside.js'
import type { Log } from './diagnostics/log.js'
import type { MetricsServer } from './diagnostics/metrics-server.js'
import type { Progress } from './diagnostics/progress.js'
import type { Privacy } from './events/privacy.js'
import { Health } from './health.js'
import { HeapPace } from './heap.js'
import type { Heartbeat } from './heartbeat.js'
import type { Clock, Output } from './model.js'
import { createAgentStream, createOutput } from './outputs.js'
import { Pipeline } from './pipeline.js'
import { openPrivacy } from './privacy.js'
import { SelfReport } from './self-report.js'
import { READY_MS } from './timing.js'
import { version } from './version.js'

const STATUS_MS = 2_000
/** An unchanged status is written again after so long: its age says nothing while less. */
const STATUS_AGAIN_MS = 60_000

export interface AgentResult {
  /** Everything that was there is settled. */
  readonly complete: boolean
  readonly stored: number
  readonly duplicates: number
  readonly setAside: number
  /** Places that could not be read. */
  readonly blocked: readonly string[]
}

export interface Agent {
  /** Until `stop`. `ready` is called once, when files are open and the output has answered or is tried again. */
  run(ready?: () => void): Promise<AgentResult>
  runOnce(): Promise<AgentResult>
  stop(): void
  /** It has not looked at the logs for a minute. */
  readonly isStuck: boolean
  /** Bytes settled of those there are, and the events made of them. */
  progress(): Progress
}

/** What is made of a configuration before an agent is opened with it: after that, nothing of it is refused any more. */
export interface Means {
  readonly config: Config
  readonly privacy: Privacy | undefined
  readonly output: Output
}

/** @throws ShipperError where the configuration is refused */
export async function prepareMeans(config: Config, log: Log): Promise<Means> {
  const output = await createOutput(config, message => log.warn(message), { info: message => log.info(message) })
  return { config, privacy: await openPrivacy(config), output }
}

export interface AgentParts extends Means {
  readonly state: State
  readonly log: Log
  readonly clock: Clock
  /** Alerts learn and are not told: what is read are logs of the past. Default: false. */
  readonly isSilent?: boolean
}

/** @throws ShipperError MLS_STATE_NEWER */
export async function openAgent({ config, privacy, output, state, log, clock, isSilent = false }: AgentParts): Promise<Agent> {
  const { directory } = state
  const { checkpoint, damaged } = await state.checkpoint.load()
  const health = new Health({ log, clock, version, output: output.name, stateDirectory: directory })
  if (damaged.length > 0)
    health.troubles.note('start', checkpoint === undefined ? 'MLS_STATE_DAMAGED' : 'MLS_STATE_SLOT', damaged.join(', '))
  if (checkpoint !== undefined && checkpoint.hostName !== config.host.name) {
    const names = { was: checkpoint.hostName, is: config.host.name }
    health.troubles.note('start', 'MLS_STATE_CLONED', `${names.was} before, ${names.is} now`, names)
  }

  const counted = health.counted(output)
  const alerting = config.alerts.enabled
    ? await openAlerting({ config, clock, log, health, output: counted, isSilent })
    : undefined
  const pipeline = new Pipeline({
    config,
    privacy,
    output: counted,
    setAside: new SetAside(directory, clock.now, work => withLock(directory, '-set-aside', work)),
    saved: checkpoint?.generations ?? [],
    clock,
    random: Math.random,
    save: generations => health.saving(() => state.checkpoint.save({ hostName: config.host.name, generations })),
    events: health.events,
    ...(alerting === undefined ? {} : { observer: alerting }),
  })
  health.watch(pipeline)
  alerting?.watch(pipeline.followed)

  const result = (complete: boolean): AgentResult => ({
    complete,
    ...pipeline.sender.counts,
    blocked: [...pipeline.followed.blocked.keys()],
  })

  /** Runs, and says how it is doing while it does. @param isOnce it ends by itself, so that nobody is to miss it */
  const attend = async (work: () => Promise<boolean>, isOnce = false): Promise<AgentResult> => {
    let reported = ''
    let reportedMs = 0
    const report = async (): Promise<void> => {
      const now = health.status()
      const text = JSON.stringify({ ...now, at: '' })
      if (text === reported && clock.monotonic() - reportedMs < STATUS_AGAIN_MS) return
      reported = text
      reportedMs = clock.monotonic()
      await writeStatus(directory, now).catch(() => {})
    }
    const selfReport = await openSelfReport(config, health, clock)
    const heartbeat = isOnce ? undefined : await openHeartbeat(config, health, clock)
    let reporting = Promise.resolve()
    const heap = new HeapPace(() => pipeline.shipping.rest())
    const timer = setInterval(() => {
      health.tick()
      selfReport?.tick()
      alerting?.tick()
      heartbeat?.tick()
      reporting = report()
      heap.tick(pipeline.sender.counts.stored + pipeline.sender.counts.duplicates)
    }, STATUS_MS)
    const metrics = config.metrics && (await serve(config.metrics.listen, health, log))
    try {
      return result(await work())
    } finally {
      clearInterval(timer)
      await metrics?.close()
      await alerting?.close()
      await heartbeat?.close()
      await selfReport?.end()
      health.troubles.tick(true)
      await reporting
      await report()
      await output.close()
    }
  }

  return {
    run: (ready = () => {}) =>
      attend(async () => {
        log.info(
          { version, output: output.name, directories: config.logs.directories, timezone: config.logs.timezone },
          'started',
        )
        const { sender } = pipeline
        const ended = new AbortController()
        const reaching = sender.reach(ended.signal)
        const reached = Promise.race([sender.answered, clock.sleep(READY_MS, ended.signal)])
        await pipeline.run(() => void reached.then(ready))
        ended.abort()
        await reaching
        log.info({ ...pipeline.sender.counts }, 'stopped')
        return true
      }),
    runOnce: () => attend(() => pipeline.runOnce(), true),
    progress() {
      const files = pipeline.followed.status(clock.now())
      const { stored, duplicates } = pipeline.sender.counts
      const total = files.reduce((sum, { size }) => sum + size, 0)
      const done = total - files.reduce((sum, { lagBytes }) => sum + lagBytes, 0)
      return { done, total, note: `${(stored + duplicates).toLocaleString('en')} events` }
    },
    stop: () => pipeline.stop(),
    get isStuck() {
      return health.isStuck
    },
  }
}

async function openSelfReport(config: Config, health: Health, clock: Clock): Promise<SelfReport | undefined> {
  const stream = await createAgentStream(config)
  if (stream === undefined) return undefined
  const site = { hostName: config.host.name, instance: config.instance, namespace: config.elasticsearch!.namespace }
  return new SelfReport({ health, stream, clock, site, tickMs: STATUS_MS })
}

async function openHeartbeat({ alerts }: Config, health: Health, clock: Clock): Promise<Heartbeat | undefined> {
  if (!alerts.enabled || alerts.heartbeat === undefined) return undefined
  const { startHeartbeat } = await import('./heartbeat.js')
  return startHeartbeat({ config: alerts.heartbeat, health, clock })
}

/** Its library is loaded only where it is asked for. */
async function serve(listen: string, health: Health, log: Log): Promise<MetricsServer> {
  const { serveMetrics } = await import('./diagnostics/metrics-server.js')
  return serveMetrics(listen, health, log)
}
