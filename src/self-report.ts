/**
 * Tells Elasticsearch how the agent is doing: a document when it starts, each minute, and when it ends. Made from what health.ts knows
 * at that moment; what cannot be written is forgotten, and the next one says all that has been since the last that was.
 */
import type { AgentStream } from './delivery/agent-stream.js'
import { type Figures, type Moment, makeAgentDocument, type Site } from './diagnostics/agent-document.js'
import type { Health } from './health.js'
import type { Clock } from './model.js'

const EVERY_MS = 60_000
/** For what is on its way and the last document, at the end. */
const END_MS = 2_000
/** Tries in a row that failed before it is told: one alone is a node that restarts. */
const TELL_AFTER = 2

export interface SelfReportParts {
  readonly health: Pick<Health, 'status' | 'troubles'>
  readonly stream: AgentStream
  readonly clock: Clock
  readonly site: Site
  /** How often `tick` is called. */
  readonly tickMs: number
}

export class SelfReport {
  readonly #parts: SelfReportParts
  readonly #ended = new AbortController()
  /** Of the last document that was stored. */
  #before: Figures | undefined
  #writing: Promise<void> | undefined
  #failures = 0
  #writtenMs: number
  #tickedMs: number
  #delayMs = 0

  /** Begins with the document of the start. */
  constructor(parts: SelfReportParts) {
    this.#parts = parts
    this.#tickedMs = parts.clock.monotonic()
    this.#writtenMs = this.#tickedMs
    this.#begin('start')
  }

  tick(): void {
    const now = this.#parts.clock.monotonic()
    this.#delayMs = Math.max(this.#delayMs, now - this.#tickedMs - this.#parts.tickMs)
    this.#tickedMs = now
    if (this.#writing !== undefined || now - this.#writtenMs < EVERY_MS) return
    this.#writtenMs = now
    this.#begin('info')
  }

  /** Writes the last one, where the one before went well; in an outage nobody waits for it. */
  async end(): Promise<void> {
    if (this.#isHeldUp) this.#ended.abort()
    const patience = setTimeout(() => this.#ended.abort(), END_MS)
    await this.#writing
    if (this.#failures === 0 && !this.#ended.signal.aborted) await this.#write('end')
    clearTimeout(patience)
    spent = readTimes()
    await this.#parts.stream.close()
  }

  get #isHeldUp(): boolean {
    return this.#parts.health.troubles.of('output') !== undefined
  }

  #begin(moment: Moment): void {
    this.#writing = this.#write(moment).finally(() => {
      this.#writing = undefined
    })
  }

  async #write(moment: Moment): Promise<void> {
    const { health, stream, site } = this.#parts
    const figures = { status: health.status(), usage: readUsage(this.#delayMs), moment, site }
    const trouble = await stream.write(makeAgentDocument(figures, this.#before), this.#ended.signal)
    if (trouble === undefined) {
      this.#before = figures
      this.#delayMs = 0
      this.#failures = 0
      health.troubles.end('figures')
    } else if (!this.#ended.signal.aborted) {
      this.#failures++
      // Where events are not taken either, that is told, and this is no news.
      if (this.#failures >= TELL_AFTER && !this.#isHeldUp) health.troubles.begin('figures', 'MLS_AGENT_FIGURES', trouble)
    }
  }
}

/** By agents that this process had before a reload: they have told it. */
let spent = { cpuSeconds: 0, busySeconds: 0 }

function readTimes(): typeof spent {
  const { user, system } = process.cpuUsage()
  return { cpuSeconds: (user + system) / 1e6, busySeconds: performance.eventLoopUtilization().active / 1000 }
}

function readUsage(delayMs: number): Figures['usage'] {
  const { cpuSeconds, busySeconds } = readTimes()
  const { rss, heapUsed } = process.memoryUsage()
  return {
    cpuSeconds: cpuSeconds - spent.cpuSeconds,
    busySeconds: busySeconds - spent.busySeconds,
    memoryBytes: rss,
    heapBytes: heapUsed,
    delaySeconds: Math.round(delayMs) / 1000,
  }
}
