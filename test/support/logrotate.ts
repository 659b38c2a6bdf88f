/** The real logrotate. Root fetches it with apt where it is missing. */
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { needPackages } from './apt.mjs'

const isThere = (): boolean => spawnSync('logrotate', ['--version'], { env: environment }).status === 0

/** It lies in sbin, which not everybody's PATH names. */
const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }

/** @throws with what to type, where it is missing and cannot be fetched */
export function needLogrotate(): void {
  if (!isThere()) needPackages('This test', 'logrotate')
}

export class Logrotate {
  readonly #directory: string
  readonly #configFile: string

  /** @param directory for its configuration and state  @param pattern the logs  @param directives lines such as `copytruncate` */
  constructor(directory: string, pattern: string, directives: readonly string[]) {
    this.#directory = directory
    this.#configFile = join(directory, 'logrotate.conf')
    const body = ['rotate 20', 'missingok', ...directives].map(line => `  ${line}\n`).join('')
    writeFileSync(this.#configFile, `${pattern} {\n  su root root\n${body}}\n`, { mode: 0o644 })
  }

  /** One rotation, as cron would start it. @throws with what it says, where it fails */
  rotate(): void {
    execFileSync('logrotate', this.#args, { env: environment, stdio: 'pipe' })
  }

  /** The same, while this process goes on. */
  async rotateBeside(): Promise<void> {
    await promisify(execFile)('logrotate', this.#args, { env: environment })
  }

  get #args(): string[] {
    return ['--force', '--state', join(this.#directory, 'logrotate.state'), this.#configFile]
  }
}
