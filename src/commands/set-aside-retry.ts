/**
 * `set-aside retry`: sends the refused documents again, to the output and by the outcome table that the agent uses. What is
 * stored now, or was before, leaves the file; what is refused again stays, with the new reason.
 *
 * Safe beside a running agent, which goes on adding; set-aside-rewrite.ts says how. Killed before the end, the file is as it was:
 * the next retry sends all of it again, under the same ids.
 */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { BatchCollector } from '../batches/collect.js'
import { type Lock, lockStateDirectory } from '../checkpoint/lock.js'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { type Counts, Sender } from '../delivery/send.js'
import { type KeptEntry, lineOf } from '../delivery/set-aside-file.js'
import { systemClock } from '../diagnostics/clock.js'
import { printable } from '../diagnostics/printable.js'
import { showProgress } from '../diagnostics/progress.js'
import { exitCodes, ShipperError } from '../errors.js'
import type { HoldUp, LogEvent, Output } from '../model.js'
import { createOutput } from '../outputs.js'
import { openSetAside, originOf, sayCount } from './set-aside-kept.js'
import { alone, rewrite } from './set-aside-rewrite.js'

export interface RetryArguments {
  config?: string | undefined
  json?: boolean | undefined
}

export interface RetryIo {
  out(line: string): void
  warn(line: string): void
  readonly signal: AbortSignal
}

interface Sent {
  readonly counts: Counts
  /** The lines that stay, oldest first. */
  readonly kept: readonly Buffer[]
  /** What ended it before its end. */
  readonly trouble: HoldUp | undefined
}

/** @returns the exit code  @throws ShipperError, also where the output took only a part: that part has left the file */
export async function runRetry(given: RetryArguments, io: RetryIo): Promise<number> {
  const config = await loadConfig(given.config)
  const { directory } = config.state
  if ((await openSetAside(directory)).bytes === 0) return conclude({ stored: 0, duplicates: 0, setAside: 0 }, 0, given, io)
  checkOutput(config)
  return alone(directory, async () => {
    const agentLock = await keepAgentOut(config)
    try {
      const { bytes, entries, damaged } = await openSetAside(directory)
      const output = await createOutput(config, io.warn)
      const { counts, kept, trouble } = await sendAll(entries, output, io.signal).finally(() => output.close())
      if (counts.stored + counts.duplicates + counts.setAside > 0) await rewrite(directory, bytes, [...damaged, ...kept])
      const code = conclude(counts, kept.length + damaged.length, given, io)
      if (trouble !== undefined) throw new ShipperError(trouble.code, trouble.detail)
      return code
    } finally {
      await agentLock?.release()
    }
  })
}

/** @throws ShipperError where a retry would do harm */
function checkOutput({ ndjson, elasticsearch }: Config): void {
  if (elasticsearch !== undefined || ndjson === undefined) return
  if (ndjson.file === '-')
    throw new ShipperError('MLS_USAGE_INVALID', 'the output is standard output; `set-aside list --show-documents` prints them')
}

/** Two processes at the end of one file of lines would cut into each other's. */
async function keepAgentOut({ state: { directory }, ndjson, elasticsearch }: Config): Promise<Lock | undefined> {
  if (elasticsearch !== undefined || ndjson === undefined) return undefined
  return lockStateDirectory(directory).catch((error: unknown) => {
    if (!(error instanceof ShipperError) || error.code !== 'MLS_STATE_LOCKED') throw error
    throw new ShipperError('MLS_STATE_LOCKED', `${directory}; ${ndjson.file} takes one writer`)
  })
}

async function sendAll(entries: readonly KeptEntry[], output: Output, caller: AbortSignal): Promise<Sent> {
  const giveUp = new AbortController()
  const signal = AbortSignal.any([caller, giveUp.signal])
  let trouble: HoldUp | undefined
  let refused: Buffer[] = []
  const collector = new BatchCollector()
  // The agent waits until it is taken; whoever typed a command is told at once.
  const events = {
    heldUp(holdUp: HoldUp): void {
      trouble = holdUp
      giveUp.abort()
    },
    resumed() {},
    setAside() {},
    tooLarge: (bytes: number) => collector.shrink(bytes),
  }
  const keeper = {
    async add(again: readonly { reason: string; document: Buffer }[]): Promise<undefined> {
      const at = new Date().toISOString()
      for (const entry of again) refused.push(lineOf(at, entry))
    },
  }
  const sender = new Sender(output, keeper, events, systemClock, Math.random)
  const kept: Buffer[] = []
  let done = 0
  let onTheWay: KeptEntry[] = []

  const flush = async (): Promise<void> => {
    if (onTheWay.length === 0) return
    // A retry that was killed may have sent any of it, to whichever index took documents then.
    const batch = { ...collector.take(), doubts: [new Map<string, string>()] }
    refused = []
    // Of a batch that did not get through all stay, whatever became of some: their ids are known then.
    const isSettled = !signal.aborted && (await sender.deliver(batch, signal))
    kept.push(...(isSettled ? refused : onTheWay.map(({ line }) => line)))
    if (isSettled) collector.release(batch)
    done += onTheWay.length
    onTheWay = []
  }

  const progress = showProgress('set-aside', process.stderr, () => ({
    done,
    total: entries.length,
    note: `${sayCount(sender.counts.stored + sender.counts.duplicates)} stored`,
  }))
  try {
    for (const entry of entries) {
      const event = eventOf(entry)
      if (event === undefined) {
        kept.push(entry.line)
        continue
      }
      collector.add(output.prefix(event), event)
      onTheWay.push(entry)
      if (collector.isFull) await flush()
    }
    await flush()
  } finally {
    progress.end()
  }
  return { counts: sender.counts, kept, trouble }
}

/** The event as it was; undefined where the file was changed by hand so that it is none: its parts go into a request. */
function eventOf({ document }: KeptEntry): LogEvent | undefined {
  const { id, dataset, offset = 0 } = originOf(document)
  if (!/^[\w-]{1,64}$/.test(id) || !/^mailman\.[a-z0-9_]{1,64}$/.test(dataset)) return undefined
  const text = document.toString('latin1')
  return { id, dataset, timestampMs: 0, offset, pattern: undefined, values: [], tags: [], document: text }
}

function conclude({ stored, duplicates, setAside }: Counts, left: number, { json }: RetryArguments, io: RetryIo): number {
  if (json) io.out(JSON.stringify({ stored, duplicates, refused: setAside, left }))
  else if (stored + duplicates + setAside + left === 0) io.out('Nothing is set aside.')
  else {
    const before = duplicates === 0 ? '' : `, ${duplicates.toLocaleString('en')} had been stored before`
    const again = setAside === 0 ? '' : `, ${setAside.toLocaleString('en')} refused again`
    io.out(`${sayCount(stored)} stored${before}${again}; ${left === 0 ? 'nothing is' : `${sayCount(left)} still`} set aside.`)
    if (setAside > 0) io.out('Why: mailman-shipper set-aside list')
  }
  return left === 0 ? exitCodes.ok : exitCodes.failed
}

async function handle(given: ArgumentsCamelCase<RetryArguments>): Promise<void> {
  const stop = new AbortController()
  // What was taken until then leaves the file.
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
  process.exitCode = await runRetry(given, {
    out: line => void process.stdout.write(`${printable(line)}\n`),
    warn: line => void process.stderr.write(`${printable(line)}\n`),
    signal: stop.signal,
  })
}

export const retry = {
  command: 'retry',
  describe: 'Send them again: what is stored leaves the file, what is refused again stays',
  builder: (yargs: Argv) =>
    yargs
      .option('json', { type: 'boolean', default: false, describe: 'For machines' })
      .example('$0 set-aside retry', 'when the cause is mended; the agent may go on meanwhile')
      .example('sudo $0 set-aside retry', 'as root, who may read the key; what stays set aside stays the agent’s')
      .epilogue('Exit code 0: nothing is left; 1: some stay; 3: another retry runs; 4: the output takes nothing now.'),
  handler: handle,
}
