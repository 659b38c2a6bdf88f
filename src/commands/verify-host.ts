/**
 * What `verify` sees beside the logs, where the guards are configured: whether a file of Mailman's configuration was changed after the
 * start, and whether the queues are worked off, which takes two looks. Names and times only.
 */
import { basename, join } from 'node:path'
import type { GuardsConfig } from '../config/options.js'
import { codeOf } from '../files/scan.js'
import { findFiles } from '../guards/configuration-files.js'
import { readQueue } from '../guards/queue-names.js'
import type { Check } from './verify-text.js'

/** Stamps in the logs are whole seconds. */
const STAMP_MS = 1000
const MAX_NAMED = 3
/** What is there stays until somebody takes it back, or for a while by design. */
const NOT_WORKED_OFF = new Set(['shunt', 'bad', 'retry'])
/** A queue that stands still for less may belong to a runner that is at a large message. */
const STANDS_MS = 60_000

/** Change time, not modification time: whoever deploys files may keep old times of those. */
export async function checkConfiguration(
  { configuration }: GuardsConfig,
  startMs: number,
  time: (ms: number) => string,
): Promise<Check | undefined> {
  if (configuration === undefined) return undefined
  const name = 'configuration'
  const later: { path: string; ctimeMs: number }[] = []
  let files = 0
  for (const given of configuration.files) {
    const found = await findFiles(given)
    const [blocked] = found.blocked
    if (blocked !== undefined) {
      const text = `${blocked.path} cannot be looked at (${blocked.code})`
      return { name, state: 'unknown', text, short: 'a configuration file cannot be looked at' }
    }
    files += found.files.length
    for (const { path, signature } of found.files)
      if (signature.ctimeMs > startMs + STAMP_MS) later.push({ path, ctimeMs: signature.ctimeMs })
  }
  if (later.length === 0) return { name, state: 'ok', text: `all of ${files} files are as Mailman read them`, short: '' }
  const named = later.slice(0, MAX_NAMED).map(({ path, ctimeMs }) => `${path}, changed ${time(ctimeMs)}`)
  const text = `${later.length} of ${files} files changed after the start, so Mailman has not read them`
  return { name, state: 'trouble', text, details: named, short: 'a configuration file changed after the start' }
}

interface Seen {
  readonly depth: number
  /** The oldest one's own name in time; undefined: none waits. */
  readonly oldest: string | undefined
  /** Since which look it is the oldest, and how many waited then. */
  readonly sinceMs: number
  readonly depthThen: number
  /** One that was the oldest before it has gone. */
  readonly moved: boolean
}

export class QueueLook {
  readonly #directories: readonly string[]
  /** By path. */
  #queues = new Map<string, Seen>()
  #nowMs = 0
  #blocked: string | undefined

  constructor({ queues }: GuardsConfig) {
    this.#directories = queues?.directories ?? []
  }

  async look(nowMs: number): Promise<void> {
    const queues = new Map<string, Seen>()
    this.#nowMs = nowMs
    this.#blocked = undefined
    for (const root of this.#directories)
      for (const path of await this.#read(root, queues)) if (!NOT_WORKED_OFF.has(basename(path))) await this.#read(path, queues)
    this.#queues = queues
  }

  /** @param isFinal nothing more will be looked at */
  check(isFinal: boolean): Check | undefined {
    if (this.#directories.length === 0) return undefined
    const name = 'queues'
    const short = 'a queue cannot be looked at'
    if (this.#blocked !== undefined) return { name, state: 'unknown', text: `cannot be looked at: ${this.#blocked}`, short }
    const waiting = [...this.#queues].filter(([, { depth }]) => depth > 0)
    if (waiting.length === 0) return { name, state: 'ok', text: 'nothing waits', short: '' }
    const still = waiting.filter(([, seen]) => !this.#isWorkedOff(seen))
    const say = ([path, { depth }]: [string, Seen]): string => `${basename(path)} (${depth})`
    if (still.length === 0) return { name, state: 'ok', text: `worked off: ${waiting.map(say).join(', ')}`, short: '' }
    const text = `not seen to be worked off: ${still.map(say).join(', ')}`
    const isStanding = isFinal && still.some(([, { sinceMs }]) => this.#nowMs - sinceMs >= STANDS_MS)
    return {
      name,
      state: isStanding ? 'trouble' : 'unknown',
      text,
      short: isStanding ? 'a queue stands still' : `queues ${text}`,
    }
  }

  /** Fewer wait, or the oldest goes and another one is that. */
  #isWorkedOff({ depth, depthThen, moved, sinceMs }: Seen): boolean {
    return depth < depthThen || (moved && this.#nowMs - sinceMs < STANDS_MS)
  }

  /** @returns paths of queues in it */
  async #read(path: string, into: Map<string, Seen>): Promise<string[]> {
    try {
      const queue = await readQueue(path, 1)
      const { depth } = queue
      const oldest = queue.oldest[0]?.when
      const before = this.#queues.get(path)
      if (before !== undefined && before.oldest === oldest) into.set(path, { ...before, depth })
      else {
        const moved = before?.oldest !== undefined || before?.moved === true
        into.set(path, { depth, oldest, sinceMs: this.#nowMs, depthThen: depth, moved })
      }
      return queue.directories.map(name => join(path, name))
    } catch (error) {
      const code = codeOf(error)
      // Queues come with their first message.
      if (code !== 'ENOENT' || this.#directories.includes(path)) this.#blocked = `${path} (${code})`
      return []
    }
  }
}
