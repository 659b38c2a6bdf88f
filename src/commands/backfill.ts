/**
 * `backfill`: old, rotated and compressed logs, once. The same events and ids as `run` makes of them, by the same delivery; so what
 * the agent, or an earlier run, has stored is recognised. It may run beside the agent, whose checkpoint it never touches.
 */
import { stat } from 'node:fs/promises'
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { type Lock, lockStateDirectory } from '../checkpoint/lock.js'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { systemClock } from '../diagnostics/clock.js'
import { printable } from '../diagnostics/printable.js'
import { durationOf, type Progress, type ShownProgress, showProgress } from '../diagnostics/progress.js'
import { type ErrorCode, errors, exitCodes, ShipperError } from '../errors.js'
import { createSources } from '../events/source.js'
import type { Output } from '../model.js'
import { createOutput } from '../outputs.js'
import { openPrivacy } from '../privacy.js'
import { countEvents, describeCounts } from './backfill-count.js'
import { findFiles, type NamedFile, type Refuse } from './backfill-files.js'
import { LogReading, type ReadingParts } from './backfill-read.js'
import { Resume } from './backfill-resume.js'
import { BackfillShipping } from './backfill-ship.js'
import { type BackfillResult, describeResult } from './backfill-summary.js'

interface BackfillArguments {
  config?: string
  files: string[]
  log?: string
  dryRun: boolean
  again: boolean
  json: boolean
}

async function backfill({ config: path, files: paths, log, dryRun, again, json }: ArgumentsCamelCase<BackfillArguments>) {
  if (log === '') throw new ShipperError('MLS_USAGE_INVALID', '--log names no log')
  const config = await loadConfig(path)
  const begunMs = performance.now()
  let progress: ShownProgress | undefined
  const say = (text: string): void => {
    const line = printable(text)
    if (progress === undefined) process.stderr.write(`${line}\n`)
    else progress.say(line)
  }
  const sayError = (code: ErrorCode, detail: string): void => {
    say(`mailman-shipper: ${errors[code].message}${detail === '' ? '' : `: ${detail}`}`)
    say(`  ${errors[code].remedy} [${code}]`)
  }
  const refused: string[] = []
  const refuse: Refuse = (code, file, reason) => {
    refused.push(file)
    sayError(code, reason === '' ? file : `${file} (${reason})`)
  }

  let stop = (): void => {}
  let signals = 0
  const onSignal = (): void => {
    if (++signals > 1) process.exit(exitCodes.failed)
    say('Stopping after the batches on the way; asked again, at once.')
    stop()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  for (const warning of config.warnings) say(warning)

  if (!dryRun) await refuseOthersState(config.state.directory)
  const files = await findFiles(paths, log, config, refuse)
  const sourceOf = createSources(config, systemClock.now, await openPrivacy(config))
  const parts: ReadingParts = { sourceOf, clock: systemClock, refuse }
  const show = (readings: readonly LogReading[], events: () => number): ShownProgress =>
    showProgress('backfill', process.stderr, () => progressOf(files, readings, events()))
  const finish = (text: string, complete: boolean): void => {
    // Standard output may be where the events go.
    const stream = config.ndjson?.file === '-' && !dryRun ? process.stderr : process.stdout
    stream.write(`${text}\n`)
    if (!complete || refused.length > 0) process.exitCode = exitCodes.failed
  }

  if (dryRun) {
    const readings = readingsOf(files, parts)
    progress = show(readings, () => 0)
    const counts = await countEvents(readings, () => signals > 0).finally(() => progress?.end())
    finish(json ? JSON.stringify({ files: files.length, refused, counts }) : describeCounts(counts), signals === 0)
    return
  }

  const isStandardOutput = config.ndjson?.file === '-'
  const resume = await Resume.open(config, again)
  const lock = config.ndjson === undefined || isStandardOutput ? undefined : await keepAgentOut(config.state.directory)
  const output = await openOutput(config, say)
  const readings = readingsOf(files, isStandardOutput ? parts : { ...parts, resume })
  let isUnwritable = false
  const shipping = new BackfillShipping({
    config,
    output,
    clock: systemClock,
    save: () =>
      resume.save().catch((error: NodeJS.ErrnoException) => {
        if (!isUnwritable) sayError('MLS_STATE_UNWRITABLE', `${config.state.directory}/backfill (${error.code})`)
        isUnwritable = true
      }),
    events: {
      heldUp: ({ code, detail }) => sayError(code, detail),
      resumed: heldMs => say(`Events are taken again, after ${durationOf(heldMs)}.`),
      setAside: (count, reason) => say(`${count} documents were refused and set aside: ${reason}`),
    },
  })
  stop = () => shipping.stop()
  if (signals > 0) stop()
  const eventsOf = (): number => shipping.counts.stored + shipping.counts.duplicates + shipping.counts.setAside
  progress = show(readings, eventsOf)
  try {
    const complete = await shipping.run(readings)
    progress.end()
    const sum = (of: (reading: LogReading) => number): number => readings.reduce((total, reading) => total + of(reading), 0)
    const result: BackfillResult = {
      complete,
      files: sum(({ filesRead }) => filesRead),
      filesKnown: sum(({ filesKnown }) => filesKnown),
      filesOpen: sum(({ filesOpen }) => filesOpen),
      refused,
      ...shipping.counts,
      seconds: Math.round(performance.now() - begunMs) / 1000,
    }
    finish(json ? JSON.stringify(result) : describeResult(result), complete)
  } finally {
    progress.end()
    for (const reading of readings) await reading.close()
    await output.close()
    await resume.close()
    await lock?.release()
  }
}

/** An NDJSON file takes one writer, and cannot tell what it holds already. */
const keepAgentOut = (directory: string): Promise<Lock> =>
  lockStateDirectory(directory).catch((error: unknown) => {
    if (!(error instanceof ShipperError) || error.code !== 'MLS_STATE_LOCKED') throw error
    throw new ShipperError('MLS_STATE_LOCKED', `${directory}; an NDJSON file cannot tell what it holds already`)
  })

/** Root would leave files in the agent's state directory that the agent could not write. */
async function refuseOthersState(directory: string): Promise<void> {
  const uid = await stat(directory).then(
    ({ uid }) => uid,
    () => undefined,
  )
  if (uid !== undefined && uid !== process.getuid?.())
    throw new ShipperError(
      'MLS_STATE_UNSAFE',
      `${directory} is user ${uid}’s; README.md, “Commands”, shows how to run it as that user`,
    )
}

/** All of it may have been stored long ago, before any number of rollovers: each id is looked up first, where the key may read. */
const openOutput = (config: Config, warn: (message: string) => void): Promise<Output> =>
  createOutput(config, warn, { doubtAll: true })

/** One for each log. */
function readingsOf(files: readonly NamedFile[], parts: ReadingParts): LogReading[] {
  const logs = new Map<string, NamedFile[]>()
  for (const file of files) logs.set(file.log, [...(logs.get(file.log) ?? []), file])
  return [...logs.keys()].sort().map(log => new LogReading(logs.get(log)!, parts))
}

const MEGA = 1_000_000

function progressOf(files: readonly NamedFile[], readings: readonly LogReading[], events: number): Progress {
  const total = files.reduce((sum, { size }) => sum + size, 0)
  const done = readings.reduce((sum, { bytesDone }) => sum + bytesDone, 0)
  const note = `${(done / MEGA).toFixed(1)} of ${(total / MEGA).toFixed(1)} MB, ${events.toLocaleString('en')} events`
  return { done, total, note, events }
}

export default {
  command: 'backfill <files..>',
  describe: 'Ship old, rotated and compressed logs, once; a second run adds nothing',
  builder: (yargs: Argv) =>
    yargs
      .positional('files', { type: 'string', array: true, demandOption: true, describe: 'Log files anywhere, plain or .gz' })
      .option('log', {
        type: 'string',
        requiresArg: true,
        describe: "Which log all of them are (vette, post…); default: by each file's name",
      })
      .option('dry-run', { type: 'boolean', default: false, describe: 'Count by log and year, and send nothing' })
      .option('again', { type: 'boolean', default: false, describe: 'Read again what an earlier backfill has read' })
      .option('json', { type: 'boolean', default: false, describe: 'The result for machines' })
      .example('$0 backfill /var/log/mailman/*', 'all that is there; beside the running agent too')
      .example('$0 backfill --dry-run old/vette.*.gz', 'how many events, of which years')
      .example('$0 backfill --log smtp-failure /srv/archive/2019-failures.gz', 'a file whose name says nothing')
      .epilogue(
        'Ctrl-C stops it; the same command goes on where it was. Beside the agent it runs as its user (README.md shows how).\nExit 0: all is stored; 1: not all of it.',
      ),
  handler: backfill,
}
