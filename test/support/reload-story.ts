/** Stories about reloads: a `LogStory` whose configuration is changed while the agent runs, and what it tells systemd. */
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { LogStory } from './log-story.js'
import { until } from './until.js'

export class ReloadStory extends LogStory {
  readonly #told: string

  /** @param env for the agent; it has a `systemd-notify` that writes down what it is given */
  constructor(t: Test, options: object = {}, env: Readonly<Record<string, string>> = {}) {
    super(t, options)
    const bin = join(this.directory, 'bin')
    this.#told = join(this.directory, 'told')
    mkdirSync(bin)
    writeFileSync(join(bin, 'systemd-notify'), `#!/bin/sh\necho "$*" >>'${this.#told}'\n`)
    chmodSync(join(bin, 'systemd-notify'), 0o755)
    const all = { NOTIFY_SOCKET: '/nowhere', PATH: `${bin}:${process.env.PATH}`, ...env }
    this.agent.under = ['env', ...Object.entries(all).map(([name, value]) => `${name}=${value}`)]
  }

  /** What systemd heard, the watchdog's pings left out. */
  get told(): string[] {
    return this.heard.filter(words => words !== 'WATCHDOG=1')
  }

  get heard(): string[] {
    return existsSync(this.#told) ? readFileSync(this.#told, 'utf8').split('\n').slice(0, -1) : []
  }

  get readies(): number {
    return this.told.filter(words => words.startsWith('--ready')).length
  }

  get starts(): number {
    return this.agent.log.filter(({ msg }) => msg === 'started').length
  }

  /** Waits until systemd was told so many times, in all, that the agent is ready. */
  async isReady(times = 1): Promise<void> {
    await until(
      () => this.readies >= times,
      () => `ready ${times} times; told: ${this.told.join('; ')}; the log: ${JSON.stringify(this.agent.log.slice(-4))}`,
    )
  }

  /** Whole or not at all: an agent may be reading it. @param options into the configuration as it is; undefined takes one out */
  change(options: object): void {
    const config = JSON.parse(readFileSync(this.configFile, 'utf8'))
    writeFileSync(`${this.configFile}.new`, JSON.stringify({ ...config, ...options }))
    renameSync(`${this.configFile}.new`, this.configFile)
  }

  hangUp(): void {
    process.kill(this.agent.pid, 'SIGHUP')
  }

  /** Asks for a reload and waits for its end, whatever that is. */
  async reload(): Promise<void> {
    const before = this.readies
    this.hangUp()
    await this.isReady(before + 1)
  }
}
