/**
 * A real GNU Mailman 3 core: its master and all its runners, LMTP and REST on loopback, a mail server that takes what it sends.
 * Everything of it is in one directory of the test; nothing runs on when the test process ends, however it ends.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installMailman3 } from './mailman3-install.js'
import { deliver, type Mail } from './mailman3-lmtp.js'
import { SmtpServer } from './mailman3-smtp.js'
import { until } from './until.js'

export interface Answer {
  readonly status: number
  /** What JSON the answer held. */
  readonly body: Record<string, unknown> & { readonly entries?: readonly Record<string, unknown>[] }
}

export class Mailman3 {
  readonly logs: string
  readonly mailServer = new SmtpServer()
  readonly #directory: string
  readonly #password = randomBytes(12).toString('hex')
  #bin = ''
  #master: ChildProcess | undefined
  #guard: ChildProcess | undefined
  ports = { lmtp: 0, rest: 0, smtp: 0 }

  /** @param directory for all that Mailman keeps  @param logs its log directory */
  constructor(directory: string, logs = join(directory, 'logs')) {
    this.#directory = directory
    this.logs = logs
    for (const path of [directory, logs]) mkdirSync(path, { recursive: true })
  }

  async install(): Promise<void> {
    this.#bin = await installMailman3()
  }

  /** Starts the master and waits until its runners answer. */
  async start(): Promise<void> {
    this.ports = { smtp: await this.mailServer.listen(), lmtp: await freePort(), rest: await freePort() }
    writeFileSync(this.#configFile, this.#config(), { mode: 0o600 })
    const console = openSync(join(this.#directory, 'console'), 'a')
    // What `mailman start` becomes, but our child; a group of its own, so that its runners can be ended with it.
    const master = spawn(join(this.#bin, 'master'), ['--force', '-C', this.#configFile], {
      cwd: this.#directory,
      detached: true,
      env: this.#env,
      stdio: ['ignore', console, console],
    })
    this.#master = master
    // Its standard input ends with this process, also where that is killed.
    this.#guard = spawn('sh', ['-c', `cat >/dev/null; kill -s KILL -- -${master.pid}`], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    await until(
      () => {
        if (master.exitCode !== null) throw new Error(`Mailman ended with ${master.exitCode}: ${this.#console}`)
        return runners.every(name => this.text('mailman').includes(` ${name} runner started.\n`)) && this.#answers()
      },
      () => `Mailman starts; it said ${this.#console}; its log: ${this.text('mailman').slice(-1000)}`,
      120_000,
    )
  }

  /** A command of Mailman's own: `reopen`, `stop`… */
  async run(...args: readonly string[]): Promise<void> {
    const asRoot = process.getuid?.() === 0 ? ['--run-as-root'] : []
    await promisify(execFile)(join(this.#bin, 'mailman'), [...asRoot, '-C', this.#configFile, ...args], { env: this.#env })
  }

  /** Waits until all have opened their logs anew, after the command `reopen`. gunicorn, which is the REST server, then says less. */
  async reopened(): Promise<void> {
    const reopened = runners.filter(name => name !== 'rest').map(name => ` ${name} runner caught SIGHUP.  Reopening logs.\n`)
    await this.says('mailman', 'Master watcher caught SIGHUP.  Re-opening log files.\n', ...reopened)
  }

  /** Waits until no queue holds a message that is to be handled: a busy runner that is stopped logs an exception of its own. */
  async finishes(): Promise<void> {
    const waiting = (): string[] =>
      readdirSync(join(this.#directory, 'queue'), { recursive: true, encoding: 'utf8' }).filter(path =>
        /^(?!bad|shunt).*\.(?:pck|bak|tmp)$/.test(path),
      )
    await until(
      () => waiting().length === 0,
      () => `Mailman's queues are empty; there are ${waiting()}; ${this.text('mailman').slice(-2000)}`,
      60_000,
    )
  }

  /** As an administrator does, and waits until all of it has ended. @returns the master's exit code */
  async stop(): Promise<number | null> {
    const master = this.#master!
    await this.run('stop')
    await until(
      () => master.exitCode !== null || master.signalCode !== null,
      () => `Mailman stops; ${this.text('mailman').slice(-1000)}`,
    )
    return master.exitCode
  }

  /** Ends whatever is left, at once. */
  async end(): Promise<void> {
    this.#guard?.stdin?.end()
    const guard = this.#guard
    if (guard !== undefined && guard.exitCode === null)
      await until(
        () => guard.exitCode !== null || guard.signalCode !== null,
        () => 'what ends Mailman has ended',
      )
    await this.mailServer.close()
  }

  /** How another program asks the REST server. */
  restSite(): { rest: string; restUser: string; restPasswordFile: string } {
    const restPasswordFile = join(this.#directory, 'rest-password')
    writeFileSync(restPasswordFile, `${this.#password}\n`, { mode: 0o600 })
    return { rest: `http://127.0.0.1:${this.ports.rest}`, restUser: 'restadmin', restPasswordFile }
  }

  /** Asks the REST server; `body` is sent as a form. */
  async rest(method: string, path: string, body?: Record<string, string>): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${this.ports.rest}/3.1/${path}`, {
      method,
      headers: { authorization: `Basic ${Buffer.from(`restadmin:${this.#password}`).toString('base64')}` },
      ...(body === undefined ? {} : { body: new URLSearchParams(body) }),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await response.text()
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : {} }
  }

  /** As `rest`, where it must work. */
  async must(method: string, path: string, body?: Record<string, string>): Promise<Answer['body']> {
    const answer = await this.rest(method, path, body)
    if (answer.status >= 300) throw new Error(`${answer.status} for ${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  deliver(...mails: readonly Mail[]): Promise<void> {
    return deliver(this.ports.lmtp, mails)
  }

  /** Puts a file into a queue, as a disk that failed may leave it. */
  queue(name: string, text: string): void {
    const stem = join(this.#directory, 'queue', name, `${Date.now() / 1000}+${randomBytes(20).toString('hex')}`)
    writeFileSync(`${stem}.tmp`, text)
    renameSync(`${stem}.tmp`, `${stem}.pck`)
  }

  /** Kills a runner, as the kernel does where memory is short. */
  kill(runner: string): void {
    const started = this.text('mailman')
      .split('\n')
      .findLast(line => line.endsWith(` ${runner} runner started.`))
    process.kill(Number(/\((\d+)\)/.exec(started!)![1]), 'SIGKILL')
  }

  /** A log, its rotated copies before it. As bytes: one character for each. */
  text(log: string): string {
    const names = readdirSync(this.logs).filter(name => name === `${log}.log` || name.startsWith(`${log}.log.`))
    return names
      .sort()
      .reverse()
      .map(name => readFileSync(join(this.logs, name), 'latin1'))
      .join('')
  }

  /** Waits until a log says this. */
  async says(log: string, ...patterns: readonly (RegExp | string)[]): Promise<void> {
    const has = (pattern: RegExp | string): boolean => {
      const text = this.text(log)
      return typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text)
    }
    for (const pattern of patterns)
      await until(
        () => has(pattern),
        () => `${log}.log says ${pattern}; its end: ${this.text(log).slice(-2000)}; said: ${this.#console.slice(-2000)}`,
        60_000,
      )
  }

  get #configFile(): string {
    return join(this.#directory, 'mailman.cfg')
  }

  get #console(): string {
    const file = join(this.#directory, 'console')
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  // Without TZ: the master hands on little of its environment, so it alone would be in that zone.
  get #env(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: this.#directory, LANG: 'C.UTF-8' }
  }

  async #answers(): Promise<boolean> {
    return this.rest('GET', 'system/versions').then(
      ({ status }) => status === 200,
      () => false,
    )
  }

  // All is as Mailman comes, but what waits for minutes there waits for a second, limits are low, and a slow disk is
  // waited for: else a runner shunts what it has when another one holds the database.
  #config(): string {
    return `
[mailman]
site_owner: postmaster@example.org
layout: test
[paths.test]
var_dir: ${this.#directory}
log_dir: ${this.logs}
[database]
url: sqlite:///${this.#directory}/data/mailman.db?timeout=60
[webservice]
hostname: 127.0.0.1
port: ${this.ports.rest}
admin_pass: ${this.#password}
[mta]
incoming: mailman.mta.null.NullMTA
smtp_host: 127.0.0.1
smtp_port: ${this.ports.smtp}
lmtp_host: 127.0.0.1
lmtp_port: ${this.ports.lmtp}
delivery_retry_period: 1s
max_autoresponses_per_day: 3
[bounces]
register_bounces_every: 1s
[runner.bounces]
sleep_time: 1s
[runner.retry]
sleep_time: 1s
`
  }
}

const runners = 'archive bounces command digest in lmtp out pipeline rest retry task virgin'.split(' ')

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
