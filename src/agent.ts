/** The agent: state directory, lock, checkpoint, output and pipeline, put together; and what it says of itself. */
import { readFileSync } from 'node:fs'
import { prepareStateDirectory } from './checkpoint/directory.js'
import { lockStateDirectory, withLock } from './checkpoint/lock.js'
import { type AgentStatus, writeStatus } from './checkpoint/status-file.js'
import { CheckpointStore } from './checkpoint/store.js'
import type { Config } from './config/options.js'
import { SetAside } from './delivery/set-aside.js'
import type { Log } from './diagnostics/log.js'
import { createNotify } from './diagnostics/notify.js'
import type { Progress } from './diagnostics/progress.js'
import { type ErrorCode, errors, fileErrorOf } from './errors.js'
import type { Clock, Output, SavedGeneration } from './model.js'
import { Pipeline } from './pipeline.js'
import { openPrivacy } from './privacy.js'

const STATUS_MS = 2_000
/** An unchanged status is written again after so long: its age says nothing while less. */
const STATUS_AGAIN_MS = 60_000
/** A pipeline that has not come by for so long hangs: systemd is to start it again. */
const STUCK_MS = 60_000

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
  const say = sayer(log)
  if (damaged.length > 0 && checkpoint === undefined) say.error('MLS_STATE_DAMAGED', damaged.join(', '))
  else if (damaged.length > 0)
    log.warn({ text: damaged.join(', ') }, 'one copy of the checkpoint is damaged; the other one is used')
  if (checkpoint !== undefined && checkpoint.hostName !== config.host.name)
    log.warn({ was: checkpoint.hostName, is: config.host.name }, 'host.name has changed: what is read again gets new ids')

  const startedAt = new Date(clock.now()).toISOString()
  let heldSince = ''
  let unwritable = false

  const save = async (generations: readonly SavedGeneration[]): Promise<boolean> => {
    try {
      await store.save({ hostName: config.host.name, generations })
      if (unwritable) log.info('the checkpoint can be written again')
      unwritable = false
    } catch (error) {
      if (!unwritable) say.error('MLS_STATE_UNWRITABLE', `${directory} (${(error as NodeJS.ErrnoException).code})`)
      unwritable = true
    }
    return !unwritable
  }

  const pipeline = new Pipeline({
    config,
    privacy,
    output,
    setAside: new SetAside(directory, clock.now, work => withLock(directory, '-set-aside', work)),
    saved: checkpoint?.generations ?? [],
    clock,
    random: Math.random,
    save,
    events: {
      heldUp({ code, detail }) {
        if (heldSince === '') heldSince = new Date(clock.now()).toISOString()
        say.error(code, detail)
      },
      resumed(heldMs) {
        heldSince = ''
        log.info({ heldSeconds: Math.round(heldMs / 1000) }, 'events are taken again')
      },
      setAside: (count, reason) => log.error({ count, reason }, 'documents were refused and set aside'),
      blocked(path, code) {
        if (code === 'ENOENT') log.warn({ text: path }, 'waiting for a directory that does not exist')
        else say.error(fileErrorOf(code), `${path} (${code})`)
      },
      unblocked: path => log.info({ text: path }, 'can be read again'),
      lost: (path, from, to) => log.error({ text: path, from, to }, 'bytes went away before they were read'),
      gone: (path, from) =>
        log.warn({ text: path, from }, 'a log that was followed is gone: what was written to it behind this place was not read'),
      hole: (path, from, to) =>
        log.warn({ text: path, from, to }, 'zero bytes between lines were passed over: a program does not append to this log'),
    },
  })

  const status = (): AgentStatus => ({
    at: new Date(clock.now()).toISOString(),
    startedAt,
    pid: process.pid,
    version,
    output: output.name,
    holdUp: pipeline.sender.holdUp === undefined ? null : { ...pipeline.sender.holdUp, since: heldSince },
    blocked: [...pipeline.followed.blocked].map(([path, code]) => ({ path, code })),
    lastDeliveryAt: pipeline.shipping.lastDeliveryMs === 0 ? null : new Date(pipeline.shipping.lastDeliveryMs).toISOString(),
    counts: pipeline.sender.counts,
    files: pipeline.followed.status(clock.now()),
  })

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
      const now = status()
      const text = JSON.stringify({ ...now, at: '' })
      if (text === reported && clock.monotonic() - reportedMs < STATUS_AGAIN_MS) return
      reported = text
      reportedMs = clock.monotonic()
      await writeStatus(directory, now).catch(() => {})
    }
    let reporting = Promise.resolve()
    const timer = setInterval(() => {
      reporting = report()
    }, STATUS_MS)
    const watchdog = notify.watch(() => clock.monotonic() - pipeline.aliveMs < STUCK_MS)
    try {
      return result(await work())
    } finally {
      clearInterval(timer)
      watchdog.stop()
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

/** An error of the table in the agent's log: code, what happened, what to do. */
function sayer(log: Log): { error(code: ErrorCode, detail: string): void } {
  return {
    error: (code, detail) =>
      log.error({ code, ...(detail === '' ? {} : { text: detail }), remedy: errors[code].remedy }, errors[code].message),
  }
}
