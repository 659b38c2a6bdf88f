/**
 * Stories about files: one directory of logs of numbered lines, the real agent on it, and what it shipped (NDJSON, which hides
 * no second copy). The oracle is the exact sequence: each line once.
 */
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Test } from 'tap'
import type { AgentStatus } from '../../src/checkpoint/status-file.js'
import { AgentProcess } from './agent-process.js'
import { numberOf } from './mailman-writer.js'
import type { StoredDocument } from './stored.js'
import { until } from './until.js'

/** `Nov 20 … message-id=<n7@example.org> …`, always as long for numbers below 100,000. */
export const numberedLine = (number: number, filling = ''): string =>
  `Nov 20 12:00:00 2026 (7) Dev post from a@example.org held, message-id=<n${`${number}`.padStart(5, '0')}@example.org>: ${filling}Post to moderated list\n`

export class LogStory {
  readonly agent: AgentProcess
  readonly directory: string
  /** Where the logs are; a test may name another place. */
  logs: string
  readonly state: string
  readonly configFile: string
  readonly #t: Test
  readonly #shippedFile: string
  readonly #handles = new Map<string, number>()
  /** The number of the next line; as many were written. */
  next = 0

  /** @param options into the configuration file, over the defaults  @param files of the test's directory besides ours */
  constructor(t: Test, options: object = {}, files: Parameters<Test['testdir']>[0] = {}) {
    this.#t = t
    // Before `testdir`: so it comes before the removal of the directory.
    t.teardown(async () => {
      if (this.agent.isRunning) await this.agent.end('SIGKILL')
      this.reopen()
    })
    const directory = t.testdir(files)
    this.directory = directory
    this.logs = join(directory, 'logs')
    this.state = join(directory, 'state')
    this.configFile = join(directory, 'config.yaml')
    this.#shippedFile = join(directory, 'shipped')
    mkdirSync(this.logs, { recursive: true })
    mkdirSync(this.state, { recursive: true, mode: 0o700 })
    writeFileSync(this.#shippedFile, '', { mode: 0o600 })
    const config = {
      host: { name: 'lists1.example.org' },
      logs: { directories: [this.logs], timezone: 'UTC' },
      state: { directory: this.state },
      ndjson: { file: this.#shippedFile },
    }
    writeFileSync(this.configFile, JSON.stringify({ ...config, ...options }), { mode: 0o644 })
    this.agent = new AgentProcess(this.configFile)
  }

  path(name = 'vette'): string {
    return join(this.logs, name)
  }

  /** Appends lines, through a handle that stays on its file until `reopen`, as Mailman's do. */
  write(count: number, name = 'vette', filling = ''): void {
    let handle = this.#handles.get(name)
    if (handle === undefined) {
      handle = openSync(this.path(name), 'a')
      this.#handles.set(name, handle)
    }
    writeSync(handle, this.lines(count, filling))
  }

  /** Numbered lines that the test puts somewhere itself. */
  lines(count: number, filling = ''): string {
    return Array.from({ length: count }, () => numberedLine(this.next++, filling)).join('')
  }

  append(text: string | Buffer, name = 'vette'): void {
    appendFileSync(this.path(name), text)
  }

  reopen(): void {
    for (const handle of this.#handles.values()) closeSync(handle)
    this.#handles.clear()
  }

  /** logrotate's `create`; copies that are compressed move on too. */
  rotate(name = 'vette'): void {
    for (let number = 9; number >= 1; number--)
      for (const gz of ['', '.gz']) {
        const old = this.path(`${name}.${number}${gz}`)
        if (existsSync(old)) renameSync(old, this.path(`${name}.${number + 1}${gz}`))
      }
    renameSync(this.path(name), this.path(`${name}.1`))
    closeSync(openSync(this.path(name), 'a'))
  }

  truncate(name = 'vette'): void {
    truncateSync(this.path(name), 0)
  }

  copyTruncate(name = 'vette'): void {
    copyFileSync(this.path(name), this.path(`${name}.1`))
    truncateSync(this.path(name), 0)
  }

  /** As gzip does it: the copy beside its source, with the source's time; then the source goes. */
  gzip(name: string): void {
    const { atime, mtime } = statSync(this.path(name))
    writeFileSync(this.path(`${name}.gz`), gzipSync(readFileSync(this.path(name))))
    utimesSync(this.path(`${name}.gz`), atime, mtime)
    unlinkSync(this.path(name))
  }

  text(name = 'vette'): Buffer {
    return readFileSync(this.path(name))
  }

  start(): void {
    this.agent.start()
  }

  async stop(): Promise<void> {
    this.#t.equal(await this.agent.end('SIGTERM'), 0, 'stops with 0')
  }

  /** Waits until it has ended by itself, and its log is whole. */
  async ends(code = 0): Promise<void> {
    this.#t.equal(await this.agent.exit(), code, `ends with ${code}`)
  }

  get documents(): StoredDocument[] {
    const lines = readFileSync(this.#shippedFile, 'utf8').split('\n')
    return lines.slice(0, -1).map(line => JSON.parse(line))
  }

  /** The numbers of the lines shipped, in the order of their arrival. */
  get shipped(): number[] {
    return this.documents.map(({ message }) => numberOf(message))
  }

  /** Waits until as many documents were shipped. */
  async ships(count = this.next, deadlineMs = 20_000): Promise<void> {
    await until(
      () => this.shipped.length >= count,
      () => `${count} lines; there are ${this.shipped.length}; the agent's log: ${JSON.stringify(this.agent.log.slice(-4))}`,
      deadlineMs,
    )
  }

  /** Waits for all lines; then each was shipped once, and in order. */
  async shipsExactly(what = 'each line once, in order'): Promise<void> {
    await this.ships()
    this.#t.same(
      this.shipped,
      Array.from({ length: this.next }, (_, number) => number),
      what,
    )
  }

  /** The last status that the agent wrote of itself. */
  status(): AgentStatus | undefined {
    const file = join(this.state, 'status.json')
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  }

  /** Waits for a line in the agent's own log. */
  async says(pattern: RegExp, deadlineMs = 20_000): Promise<Record<string, unknown>> {
    const find = (): Record<string, unknown> | undefined => this.agent.log.find(line => pattern.test(JSON.stringify(line)))
    await until(find, () => `the agent says ${pattern}; it said ${JSON.stringify(this.agent.log)}`, deadlineMs)
    return find()!
  }

  /** The troubles that the agent told of, but for the one that a test's own directory may be: a state in memory (F35). */
  get troubles(): Record<string, unknown>[] {
    return this.agent.log.filter(({ level, msg }) => level !== 'info' && !/ is on a (tmpfs|ramfs): /.test(`${msg}`))
  }
}
