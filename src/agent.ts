/** The agent: state directory, lock, checkpoint, output, pipeline, and what it says of itself (health.ts), put together. */
import { readFileSync } from 'node:fs'
import { prepareStateDirectory } from './checkpoint/directory.js'
import { lockStateDirectory, withLock } from './checkpoint/lock.js'
import { writeStatus } from './checkpoint/status-file.js'
import { CheckpointStore } from './checkpoint/store.js'
import type { Config } from './config/options.js'
import { SetAside } from './delivery/set-aside.js'
import type { Log } from './diagnostics/log.js'
import type { MetricsServer } from './diagnostics/metrics-server.js'
import { createNotify } from './diagnostics/notify.js'
import type { Progress } from './diagnostics/progress.js'
import { Health } from './health.js'
import type { Clock, Output } from './model.js'
import { createAgentStream } from './outputs.js'
import { Pipeline } from './pipeline.js'
import { openPrivacy } from './privacy.js'
import { SelfReport } from './self-report.js'

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
  run(): Promise<AgentResult>
  runOnce(): Promise<AgentResult>
  stop(): void
  /** Bytes settled of those there are, and the events made of them. */
  progress(): Progress
}

export const version: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

/** @throws ShipperError where the state directory cannot be used or another agent uses it */
export async function openAgent(config: Config, output: Output, log: Log, clock: Clock): Promise<Agent> {
  const { directory } = config.state
  const privacy = await openPrivacy(config)
  await prepareStateDirectory(directory)
  const lock = await lockStateDirectory(directory)
  const store = new CheckpointStore(directory)
  const { checkpoint, damaged } = await store.load()
  const health = new Health({ log, clock, version, output: output.name, stateDirectory: directory })
  if (damaged.length > 0)
    health.troubles.note('start', checkpoint === undefined ? 'MLS_STATE_DAMAGED' : 'MLS_STATE_SLOT', damaged.join(', '))
  if (checkpoint !== undefined && checkpoint.hostName !== config.host.name) {
    const names = { was: checkpoint.hostName, is: config.host.name }
    health.troubles.note('start', 'MLS_STATE_CLONED', `${names.was} before, ${names.is} now`, names)
  }

  const pipeline = new Pipeline({
    config,
    privacy,
    output: health.counted(output),
    setAside: new SetAside(directory, clock.now, work => withLock(directory, '-set-aside', work)),
    saved: checkpoint?.generations ?? [],
    clock,
    random: Math.random,
    save: generations => health.saving(() => store.save({ hostName: config.host.name, generations })),
    events: health.events,
  })
  health.watch(pipeline)

  const result = (complete: boolean): AgentResult => ({
    complete,
    ...pipeline.sender.counts,
    blocked: [...pipeline.followed.blocked.keys()],
  })
  const notify = createNotify()

  /** Runs, and says how it is doing while it does. */
  const attend = async (work: () => Promise<boolean>): Promise<AgentResult> => {
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
    let reporting = Promise.resolve()
    const timer = setInterval(() => {
      health.tick()
      selfReport?.tick()
      reporting = report()
    }, STATUS_MS)
    const watchdog = notify.watch(() => !health.isStuck)
    const metrics = config.metrics && (await serve(config.metrics.listen, health, log))
    try {
      return result(await work())
    } finally {
      clearInterval(timer)
      watchdog.stop()
      await metrics?.close()
      await selfReport?.end()
      health.troubles.tick(true)
      await reporting
      await report()
      await output.close()
      await lock.release()
    }
  }

  return {
    run: () =>
      attend(async () => {
        log.info(
          { version, output: output.name, directories: config.logs.directories, timezone: config.logs.timezone },
          'started',
        )
        await pipeline.run(() => notify.ready())
        log.info({ ...pipeline.sender.counts }, 'stopped')
        return true
      }),
    runOnce: () => attend(() => pipeline.runOnce()),
    progress() {
      const files = pipeline.followed.status(clock.now())
      const { stored, duplicates } = pipeline.sender.counts
      const total = files.reduce((sum, { size }) => sum + size, 0)
      const done = total - files.reduce((sum, { lagBytes }) => sum + lagBytes, 0)
      return { done, total, note: `${(stored + duplicates).toLocaleString('en')} events` }
    },
    stop() {
      notify.stopping()
      pipeline.stop()
    },
  }
}

async function openSelfReport(config: Config, health: Health, clock: Clock): Promise<SelfReport | undefined> {
  const stream = await createAgentStream(config)
  if (stream === undefined) return undefined
  const site = { hostName: config.host.name, instance: config.instance, namespace: config.elasticsearch!.namespace }
  return new SelfReport({ health, stream, clock, site, tickMs: STATUS_MS })
}

/** Its library is loaded only where it is asked for. */
async function serve(listen: string, health: Health, log: Log): Promise<MetricsServer> {
  const { serveMetrics } = await import('./diagnostics/metrics-server.js')
  return serveMetrics(listen, health, log)
}
