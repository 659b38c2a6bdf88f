/** What the agent knows and says of itself: fed by the pipeline's events, asked by `status`, `/healthz` and the metrics. */
import type { SenderEvents } from './delivery/send.js'
import { kindOfReason } from './delivery/set-aside-reasons.js'
import type { Log } from './diagnostics/log.js'
import { countRequests, type RequestCounts } from './diagnostics/requests.js'
import type { AgentStatus, AlertFigures, FileStatus, ListTallies } from './diagnostics/status.js'
import { Troubles } from './diagnostics/troubles.js'
import { fileErrorOf } from './errors.js'
import type { FileEvents } from './followed.js'
import type { Clock, Output } from './model.js'
import type { Pipeline } from './pipeline.js'

/** A pipeline that has not come by for so long hangs: systemd is to start it again. */
const STUCK_MS = 60_000
/** So much of a log that waits for so long, while nothing holds delivery up. */
const BEHIND_BYTES = 1 << 20
const BEHIND_SECONDS = 600
/** A host without any log for so long is to be told of. */
const EMPTY_MS = 60_000

export interface HealthParts {
  readonly log: Log
  readonly clock: Clock
  readonly version: string
  /** Of the output, for `status`. */
  readonly output: string
  readonly stateDirectory: string
}

export class Health {
  readonly troubles: Troubles
  /** Who knows what becomes of alerts puts itself here. */
  alerts: (() => AlertFigures) | undefined
  readonly #clock: Clock
  readonly #parts: HealthParts
  readonly #startedAt: string
  readonly #startedMs: number
  readonly #requests: RequestCounts = { requests: 0, retries: new Map() }
  readonly #setAsideReasons = new Map<string, number>()
  readonly #losses = { lostBytes: 0, goneFiles: 0, holeBytes: 0 }
  readonly #checkpoint: { writtenAt: string | null; failures: number } = { writtenAt: null, failures: 0 }
  #pipeline: Pipeline | undefined
  #output: Output | undefined

  constructor(parts: HealthParts) {
    this.#parts = parts
    this.#clock = parts.clock
    this.troubles = new Troubles(parts.log, parts.clock)
    this.#startedAt = this.#date()
    this.#startedMs = parts.clock.monotonic()
  }

  /** What to give to the pipeline. */
  readonly events: Omit<SenderEvents, 'tooLarge'> & Required<FileEvents> = {
    heldUp: ({ code, detail }) => this.troubles.begin('output', code, detail),
    resumed: heldMs => this.troubles.end('output', { heldSeconds: Math.round(heldMs / 1000) }),
    setAside: (count, reason) => {
      const kind = kindOfReason(reason)
      this.#setAsideReasons.set(kind, (this.#setAsideReasons.get(kind) ?? 0) + count)
      this.troubles.note('refused', 'MLS_SETASIDE_NEW', reason, { count, reason })
    },
    blocked: (path, code) => {
      const error = fileErrorOf(code)
      this.troubles.begin('place', error, error === 'MLS_FILE_WAITING' ? path : `${path} (${code})`, path)
    },
    unblocked: path => this.troubles.end('place', { text: path }, path),
    lost: (path, from, to) => {
      this.#losses.lostBytes += to - from
      this.troubles.note('loss', 'MLS_FILE_LOST', `${path}, bytes ${from} to ${to}`, { text: path, from, to })
    },
    gone: (path, from) => {
      this.#losses.goneFiles++
      this.troubles.note('loss', 'MLS_FILE_GONE', `${path}, behind byte ${from}`, { text: path, from })
    },
    hole: (path, from, to) => {
      this.#losses.holeBytes += to - from
      this.troubles.note('hole', 'MLS_FILE_HOLE', `${path}, bytes ${from} to ${to}`, { text: path, from, to })
    },
  }

  /** The output, with its requests counted; looked at from now on. */
  counted(output: Output): Output {
    this.#output = output
    return countRequests(output, this.#requests)
  }

  /** @returns false where the checkpoint could not be written */
  async saving(save: () => Promise<void>): Promise<boolean> {
    try {
      await save()
      this.#checkpoint.writtenAt = this.#date()
      this.troubles.end('checkpoint')
      return true
    } catch (error) {
      this.#checkpoint.failures++
      const { code } = error as NodeJS.ErrnoException
      this.troubles.begin('checkpoint', 'MLS_STATE_UNWRITABLE', `${this.#parts.stateDirectory} (${code})`)
      return false
    }
  }

  /** From now on this pipeline is looked at. */
  watch(pipeline: Pipeline): void {
    this.#pipeline = pipeline
  }

  get isStuck(): boolean {
    return this.#clock.monotonic() - Math.max(this.#startedMs, this.#pipeline?.aliveMs ?? 0) >= STUCK_MS
  }

  /** What shows only when somebody looks; to be called every few seconds. */
  tick(): void {
    if (this.#pipeline === undefined) return
    const files = this.#pipeline.followed.status(this.#clock.now())
    this.#compareStuck()
    this.#compareBehind(files)
    const trouble = this.#output?.trouble
    if (trouble === undefined) this.troubles.end('retention')
    else this.troubles.begin('retention', trouble.code, trouble.detail)
    if (files.length > 0 || this.#pipeline.followed.blocked.size > 0) this.troubles.end('empty')
    else if (this.#clock.monotonic() - this.#startedMs >= EMPTY_MS) this.troubles.begin('empty', 'MLS_FILES_NONE', '')
    this.troubles.tick()
  }

  /** @throws where no pipeline is watched yet */
  status(): AgentStatus {
    const { followed, sender, shipping } = this.#pipeline!
    const { version, output } = this.#parts
    const { holdUp } = sender
    const files = followed.status(this.#clock.now())
    return {
      at: this.#date(),
      startedAt: this.#startedAt,
      pid: process.pid,
      version,
      output,
      holdUp: holdUp === undefined ? null : { ...holdUp, since: this.troubles.of('output')?.since ?? this.#date() },
      blocked: [...followed.blocked].map(([path, code]) => ({ path, code })),
      troubles: this.troubles.besides('output', 'place'),
      moments: this.troubles.moments,
      lastDeliveryAt: shipping.lastDeliveryMs === 0 ? null : new Date(shipping.lastDeliveryMs).toISOString(),
      counts: { ...sender.counts },
      events: shipping.events.byLog(files.map(({ log }) => log)),
      setAsideReasons: Object.fromEntries(this.#setAsideReasons),
      delivery: { requests: this.#requests.requests, retries: Object.fromEntries(this.#requests.retries) },
      troubleSeconds: this.troubles.seconds,
      losses: { ...this.#losses },
      checkpoint: { ...this.#checkpoint },
      openFiles: [...followed.streams].filter(({ generation }) => generation.isOpen).length,
      files,
      ...(this.alerts && { alerts: this.alerts() }),
    }
  }

  /** For the metrics; too much for the status. */
  lists(): ListTallies {
    return this.#pipeline!.shipping.events.lists.read()
  }

  #compareStuck(): void {
    if (this.isStuck) this.troubles.begin('stuck', 'MLS_AGENT_STUCK', '')
    else this.troubles.end('stuck')
  }

  /** A last line without its newline waits too, but is no backlog. */
  #compareBehind(files: readonly FileStatus[]): void {
    const far = files.filter(({ lagBytes }) => lagBytes > BEHIND_BYTES)
    const isHeld = this.troubles.of('output') !== undefined
    if (far.length === 0) this.troubles.end('behind')
    else if (!isHeld && far.some(({ lagSeconds }) => lagSeconds >= BEHIND_SECONDS)) {
      const mib = far.reduce((sum, { lagBytes }) => sum + lagBytes, 0) >> 20
      this.troubles.begin('behind', 'MLS_AGENT_BEHIND', `${mib} MiB of ${far.length} file(s) wait`)
    }
  }

  #date(): string {
    return new Date(this.#clock.now()).toISOString()
  }
}
