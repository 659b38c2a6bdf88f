/**
 * One life of the real pipeline, in process: from a checkpoint to its end or its death. Death comes between two steps of what it does
 * to the outside: from then on nothing it does has any effect, as after kill -9, and its open files are closed.
 */
import { CheckpointStore } from '../../src/checkpoint/store.js'
import type { Config } from '../../src/config/options.js'
import { SetAside } from '../../src/delivery/set-aside.js'
import type { Clock, SavedGeneration } from '../../src/model.js'
import { Pipeline } from '../../src/pipeline.js'
import type { HeldClock } from '../support/held-clock.js'
import type { Place } from './actions.js'
import { outputTo, type Server } from './server.js'

/** One for each that waits: a promise shared by all would keep every life in memory. */
const never = (): Promise<never> => new Promise(() => {})

export class Life {
  isDead = false
  hasEnded = false
  /** What ended it, if that should not have been. */
  failure: unknown
  /** Where it dies. */
  trap: Place | undefined
  readonly #pipeline: Pipeline
  readonly #clock: HeldClock
  /** How many of its tasks wait for the clock or the server: one that reads, and one for each batch on the way. */
  #waiting = 0
  #tasks = 1
  #isStopping = false

  constructor(config: Config, clock: HeldClock, server: Server, store: CheckpointStore, saved: readonly SavedGeneration[]) {
    this.#clock = clock
    const held: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => this.#wait(clock.sleep(ms, signal)),
    }
    this.#pipeline = new Pipeline({
      config,
      privacy: undefined,
      output: outputTo(server, async (batch, signal) => {
        await this.#pass('before sending')
        const answer = await this.#wait(server.write(batch, signal))
        await this.#pass('before the answer')
        return answer
      }),
      setAside: new SetAside(config.state.directory, held.now),
      saved,
      clock: held,
      random: () => 0.5,
      events: { heldUp() {}, resumed() {}, setAside() {}, blocked() {}, unblocked() {}, lost() {} },
      save: async generations => {
        await this.#pass('before saving')
        await store.save({ hostName: config.host.name, generations })
        await this.#pass('after saving')
        return true
      },
    })
    // No hints but the program's: what is done depends on nothing else.
    this.#pipeline.followed.watch = () => {}
    const { sender } = this.#pipeline
    const deliver = sender.deliver.bind(sender)
    sender.deliver = async (batch, signal) => {
      this.#tasks++
      const done = await deliver(batch, signal)
      this.#tasks--
      return done
    }
    void this.#pipeline.run().then(
      () => {
        this.hasEnded = true
      },
      error => {
        this.failure = error
        this.hasEnded = true
      },
    )
  }

  static async begin(config: Config, clock: HeldClock, server: Server): Promise<Life> {
    const store = new CheckpointStore(config.state.directory)
    const { checkpoint, damaged } = await store.load()
    if (damaged.length > 0) throw new Error(`damaged: ${damaged}`)
    return new Life(config, clock, server, store, checkpoint?.generations ?? [])
  }

  /** Monotonic time of its last look at the files. */
  get lookedAt(): number {
    return this.#pipeline.followed.lookedAt
  }

  /** All files may have changed, says the system. */
  hint(): void {
    const { followed } = this.#pipeline
    for (const { generation } of followed.streams) followed.hint(generation.path)
  }

  /** Returns when all it does now is wait. */
  async rest(): Promise<void> {
    const deadline = performance.now() + 5_000
    for (let calm = 0; calm < 2; calm = this.#isAtRest ? calm + 1 : 0) {
      if (performance.now() > deadline) throw new Error('the agent does not come to rest')
      await new Promise(setImmediate)
    }
  }

  get #isAtRest(): boolean {
    // Who dies while it drains, waits for batches that never come back.
    const drains = this.#isStopping && this.isDead ? 1 : 0
    return this.hasEnded || this.#waiting >= this.#tasks - drains
  }

  /** Stops as it should. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#pipeline.stop()
    for (await this.rest(); !this.hasEnded && !this.isDead; await this.rest()) await this.#clock.next()
  }

  /** As kill -9. */
  async kill(): Promise<void> {
    this.isDead = true
    await this.rest().finally(() => this.#pipeline.followed.close())
  }

  async #pass(place: Place): Promise<void> {
    if (this.trap === place) this.isDead = true
    if (!this.isDead) return
    this.#waiting++
    await never()
  }

  async #wait<T>(wait: Promise<T>): Promise<T> {
    this.#waiting++
    const result = await wait
    if (this.isDead) await never()
    this.#waiting--
    return result
  }
}
