/** Plays a program against the pipeline and a held clock, and judges what came of it. */
import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../src/config/options.js'
import { HeldClock } from '../support/held-clock.js'
import { makePipelineConfig } from '../support/site-config.js'
import type { Action } from './actions.js'
import { change } from './change.js'
import { Life } from './life.js'
import { Server } from './server.js'
import { judge, readSetAside } from './verdict.js'
import { World } from './world.js'

/** Longer than a look at the files and the longest wait after a hold-up together, many times. */
const LONG_MS = 100_000

const isRoot = process.getuid?.() === 0
/** Whom mode bits bind: root's agent would read everything. */
const NOBODY = 65_534

/** What the agent does, it does as a user who may be refused something. */
async function asUser<T>(work: () => Promise<T>): Promise<T> {
  if (!isRoot || process.geteuid!() === NOBODY) return work()
  process.seteuid!(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid!(0)
  }
}

export async function play(actions: readonly Action[], logs: string, state: string): Promise<void> {
  const game = new Game(logs, state)
  try {
    for (const action of actions) {
      await game.act(action)
      await game.pass(10)
    }
    await game.finish()
  } finally {
    await game.close()
  }
}

class Game {
  readonly #logs: string
  readonly #clock = new HeldClock()
  readonly #server = new Server()
  readonly #world: World
  readonly #config: Config
  #life: Life | undefined
  /** Whether the agent is started again when it was killed. */
  #restarts = false
  #isHidden = false

  constructor(logs: string, state: string) {
    this.#logs = logs
    this.#world = new World(this.#logs, () => this.#clock.now())
    this.#config = makePipelineConfig(logs, state, '2.1')
    if (isRoot) chownSync(this.#config.state.directory, NOBODY, NOBODY)
  }

  async act(action: Action): Promise<void> {
    await change(this.#world, action, () => this.pass(6_000))
    switch (action.do) {
      case 'chmod':
        return this.#world.chmod(action.log)
      case 'chmod directory':
        return this.#hide(!this.#isHidden)
      case 'start':
        return this.#start()
      case 'stop':
        await asUser(async () => this.#life?.stop())
        return this.#bury()
      case 'kill':
        if (this.#life === undefined) return
        this.#restarts = action.restart
        this.#life.trap = action.at
        if (action.at !== 'now') return
        await this.#life.kill()
        return this.#bury()
      case 'server':
        this.#server.mood = action.is
        return
      case 'rollover':
        return this.#server.rollover()
      case 'hint':
        return this.#life?.hint()
      case 'wait':
        return this.pass(action.ms)
    }
  }

  /** Lets time pass: whatever falls due happens, one after the other. */
  async pass(ms: number): Promise<void> {
    const changedAt = this.#clock.monotonic()
    let isOver = false
    void this.#clock.sleep(ms).then(() => {
      isOver = true
    })
    await asUser(async () => {
      while (!isOver) {
        await this.#life?.rest()
        await this.#clock.next()
      }
      await this.#life?.rest()
    })
    await this.#bury()
    if (this.#life !== undefined && this.#life.lookedAt > changedAt && !this.#isHidden) this.#world.looked()
  }

  async finish(): Promise<void> {
    if (this.#life !== undefined) this.#life.trap = undefined
    this.#world.heal()
    this.#hide(false)
    this.#server.mood = 'up'
    await this.pass(10)
    await this.#start()
    await this.pass(LONG_MS)
    this.#judge()
    await this.act({ do: 'stop' })
    this.#judge()
  }

  async close(): Promise<void> {
    this.#hide(false)
    await this.#life?.kill()
    this.#world.close()
  }

  #judge(): void {
    const setAside = readSetAside(join(this.#config.state.directory, 'set-aside.ndjson'))
    judge(this.#world, this.#server.documents, setAside, { inOrder: !this.#server.wasBusy })
  }

  #hide(isHidden: boolean): void {
    this.#isHidden = isHidden
    chmodSync(this.#logs, isHidden ? 0 : 0o755)
  }

  async #start(): Promise<void> {
    this.#life ??= await asUser(() => Life.begin(this.#config, this.#clock, this.#server))
  }

  async #bury(): Promise<void> {
    const life = this.#life
    if (life === undefined || !(life.isDead || life.hasEnded)) return
    if (life.isDead) await life.kill()
    else if (life.failure !== undefined) throw life.failure
    this.#life = undefined
    this.#world.ended()
    if (life.isDead && this.#restarts) await this.#start()
  }
}
