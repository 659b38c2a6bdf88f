/**
 * `run` from its start to its end, through any number of reloads: where the configuration that is read anew can be used, the agent
 * ends as at a stop and is opened again with it, in the same process and under the same lock. So a reload loses what a restart
 * loses: nothing.
 *
 * | asked to reload | what becomes of it |
 * |---|---|
 * | while the agent starts | it reloads once it is ready |
 * | while a reload runs, however often | once more after it: the file may have changed after it was read |
 * | while it is asked to stop | it stops |
 */
import { type Agent, type Means, openAgent, prepareMeans } from './agent.js'
import { forgetfulness } from './checkpoint/directory.js'
import { openState, type State } from './checkpoint/state.js'
import { loadConfig } from './config/load.js'
import { systemClock as clock } from './diagnostics/clock.js'
import type { Log } from './diagnostics/log.js'
import { createNotify } from './diagnostics/notify.js'
import { ShipperError } from './errors.js'
import { checkOutputFiles } from './outputs.js'

export interface Begun {
  readonly means: Means
  readonly state: State
}

/** @param path what --config names  @throws ShipperError where the start is refused */
export async function begin(path: string | undefined, log: Log): Promise<Begun> {
  const config = await loadConfig(path)
  for (const warning of config.warnings) log.warn(warning)
  const means = await prepareMeans(config, log)
  const state = await openState(config.state.directory)
  const forgets = await forgetfulness(state.directory)
  if (forgets !== undefined) log.warn({ text: state.directory }, `the state directory ${forgets}`)
  return { means, state }
}

export class Running {
  readonly #path: string | undefined
  readonly #log: Log
  readonly #notify = createNotify()
  #state: State | undefined
  #agent: Agent | undefined
  /** Of the agent that is to be opened. */
  #next: Means | undefined
  /** It follows the logs, and no reload runs. */
  #isReady = false
  #isAsked = false
  #isStopping = false

  /** @param path what --config names */
  constructor(path: string | undefined, log: Log) {
    this.#path = path
    this.#log = log
  }

  /** Until `stop`. @throws ShipperError where the start is refused */
  async run(): Promise<void> {
    const { means, state } = await begin(this.#path, this.#log)
    this.#state = state
    this.#next = means
    // The agent that ends is asked until the next one is open: what takes too long in between is stuck too.
    const watchdog = this.#notify.watch(() => !this.#agent?.isStuck)
    try {
      while (this.#next !== undefined && !this.#isStopping) {
        const parts = { ...this.#next, state, log: this.#log, clock }
        this.#next = undefined
        this.#agent = await openAgent(parts)
        if (this.#isStopping) this.#agent.stop() // asked while it was being opened
        await this.#agent.run(() => this.#ready('Following the logs'))
      }
    } finally {
      watchdog.stop()
      await state.close()
    }
  }

  /** What is on the way is delivered, for a while; then `run` returns. */
  stop(): void {
    this.#isStopping = true
    this.#notify.stopping()
    this.#agent?.stop()
  }

  /** The configuration is read anew, now or as soon as that can be. */
  reload(): void {
    this.#isAsked = true
    if (this.#isReady) void this.#reload()
  }

  #ready(status: string): void {
    if (this.#isStopping) return
    this.#notify.ready(status)
    this.#isReady = true
    if (this.#isAsked) void this.#reload()
  }

  async #reload(): Promise<void> {
    this.#isReady = false
    this.#isAsked = false
    this.#notify.reloading()
    this.#log.info('the configuration is read anew')
    try {
      this.#next = await this.#readAnew()
      this.#agent?.stop()
    } catch (error) {
      this.#refuse(error)
    }
  }

  /** All that could be refused is made before the agent ends that runs. @throws ShipperError */
  async #readAnew(): Promise<Means> {
    const config = await loadConfig(this.#path)
    const { directory } = this.#state!
    if (config.state.directory !== directory)
      throw new ShipperError('MLS_STATE_MOVED', `${config.state.directory} instead of ${directory}`)
    await checkOutputFiles(config)
    const means = await prepareMeans(config, this.#log)
    for (const warning of config.warnings) this.#log.warn(warning)
    return means
  }

  #refuse(error: unknown): void {
    const told = 'the new configuration is refused; the agent goes on with the one before'
    if (error instanceof ShipperError) {
      const { code, remedy } = error
      for (const line of error.message.split('\n')) this.#log.error({ code, text: line.trim(), remedy }, told)
    } else this.#log.error({ err: error }, told)
    this.#ready('Following the logs; the new configuration is refused, see the journal')
  }
}
