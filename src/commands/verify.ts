/** `verify`: after maintenance, whether Mailman is well since its last start. Reads only; the agent may run beside it or not. */
import { resolve } from 'node:path'
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { type Judgement, Verdict } from '../alerts/verdict.js'
import { iso } from '../alerts/words.js'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { systemClock } from '../diagnostics/clock.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { type Progress, showProgress } from '../diagnostics/progress.js'
import { isZone, timeOf } from '../diagnostics/timezone.js'
import { exitCodes, ShipperError } from '../errors.js'
import { createSources } from '../events/source.js'
import type { Clock } from '../model.js'
import { openPrivacy } from '../privacy.js'
import { byTime } from './by-time.js'
import { paint } from './event-table.js'
import { eventsOfFile, logOf } from './parse.js'
import { openScreen } from './screen.js'
import { checkConfiguration, QueueLook } from './verify-host.js'
import { LiveLogs } from './verify-logs.js'
import { tellOf } from './verify-tell.js'
import { type Check, checksOf, type Outcome, outcomeOf, spanInWords } from './verify-text.js'

export interface VerifyArguments {
  config?: string | undefined
  files?: string[] | undefined
  timezone?: string | undefined
  wait?: string | undefined
  posts?: number | undefined
  json?: boolean | undefined
  notify?: boolean | undefined
}

export interface VerifyIo {
  out(line: string): void
  err(line: string): void
  readonly isColoured: boolean
  readonly clock: Clock
  /** Called at each look, with what is not well or known yet. */
  waiting?(checks: readonly Check[], passedMs: number): void
}

export interface Verified {
  readonly outcome: Outcome
  readonly checks: readonly Check[]
  readonly judgement: Judgement
  /** Since the logs had been read; undefined: it was not waited. */
  readonly waitedMs: number | undefined
}

/** @see exitCodes: undecided is no trouble found, and no promise either */
const exits: Readonly<Record<Outcome, number>> = {
  'all clear': exitCodes.ok,
  trouble: exitCodes.failed,
  undecided: exitCodes.refused,
}

const LOOK_MS = 2000
/** The last record of a log may be a part of one: a look after this says so (QUIET_MS of verify-logs.ts). */
const LEAST_MS = 1100
const DAY_MS = 86_400_000
const DEFAULT_WAIT = '15m'
const DEFAULT_POSTS = 20
const marks: Readonly<Record<Check['state'], { readonly sign: string; readonly colour: string }>> = {
  ok: { sign: '✓', colour: '32' },
  trouble: { sign: '✗', colour: '31' },
  unknown: { sign: '?', colour: '33' },
}

/** @returns the exit code  @throws ShipperError where no verdict can be had at all */
export async function runVerify(given: VerifyArguments, io: VerifyIo): Promise<number> {
  const loaded = await loadConfig(given.config)
  const { timezone: zone = loaded.logs.timezone } = given
  if (!isZone(zone)) throw new ShipperError('MLS_USAGE_INVALID', `--timezone ${zone} is not a time zone`)
  const logs = given.timezone === undefined ? loaded.logs : { ...loaded.logs, timezone: zone, formerTimezones: [] }
  const config = { ...loaded, logs }
  const waitMs = readWait(given.wait ?? DEFAULT_WAIT)
  const verdict = new Verdict(readPosts(given.posts ?? DEFAULT_POSTS))
  const verified =
    given.files === undefined || given.files.length === 0
      ? await follow(config, verdict, waitMs, io)
      : await readFiles(config, given.files, verdict)
  if (given.json) io.out(printableJson(JSON.stringify(jsonOf(verified))))
  else for (const line of sentences(verified, io.isColoured)) io.out(line)
  if (given.notify)
    for (const line of await tellOf(config, verified, sentences(verified, false), io.clock.now())) io.err(printable(line))
  return exits[verified.outcome]
}

/** Logs of the past, maybe of another host: they are judged as they stand, and nothing else is. */
async function readFiles(config: Config, files: readonly string[], verdict: Verdict): Promise<Verified> {
  const sourceOf = createSources(config, Date.now, await openPrivacy(config))
  for await (const event of byTime(files.map(file => eventsOfFile(resolve(file), logOf(file), sourceOf)))) verdict.see(event)
  const nowMs = verdict.lastMs
  const judgement = verdict.judge(nowMs)
  const view = { nowMs, zone: config.logs.timezone, isFinal: true, notBeforeMs: Number.NEGATIVE_INFINITY }
  const checks = checksOf(judgement, view)
  return { outcome: outcomeOf(checks), checks, judgement, waitedMs: undefined }
}

/** This host's logs, until there is a verdict, or the time or the posts are used up. */
async function follow(config: Config, verdict: Verdict, waitMs: number, io: VerifyIo): Promise<Verified> {
  const { clock } = io
  const { guards } = config.alerts
  const zone = config.logs.timezone
  const logs = new LiveLogs(config, createSources(config, clock.now, await openPrivacy(config)), clock)
  const queues = new QueueLook(guards)
  const notBeforeMs = clock.now() - DAY_MS
  try {
    for await (const event of logs.past()) verdict.see(event)
    await queues.look(clock.now())
    const begunMs = clock.monotonic()
    for (;;) {
      const passedMs = clock.monotonic() - begunMs
      await clock.sleep(Math.min(LOOK_MS, Math.max(LEAST_MS, waitMs - passedMs)))
      for (const event of await logs.more()) verdict.see(event)
      const nowMs = clock.now()
      await queues.look(nowMs)
      const judgement = verdict.judge(nowMs)
      const waitedMs = clock.monotonic() - begunMs
      const isFinal = waitedMs >= waitMs || verdict.isFull
      const checks = checksOf(judgement, { nowMs, zone, isFinal, notBeforeMs })
      if (checks[0]?.state === 'ok') {
        const configuration = await checkConfiguration(guards, judgement.startMs!, ms => timeOf(ms, zone))
        checks.push(...[configuration, queues.check(isFinal)].filter(check => check !== undefined))
      }
      const outcome = outcomeOf(checks)
      if (outcome !== 'undecided' || isFinal) return { outcome, checks, judgement, waitedMs }
      io.waiting?.(checks, waitedMs)
    }
  } finally {
    await logs.close()
  }
}

function sentences({ checks, outcome, waitedMs }: Verified, isColoured: boolean): string[] {
  const lines = checks.flatMap(({ name, state, text, details = [] }) => {
    const { sign, colour } = marks[state]
    const head = `${paint(sign, colour, { isColoured })} ${name.padEnd(13)} ${printable(text)}`
    return [head, ...details.map(detail => `${' '.repeat(16)}${printable(detail)}`)]
  })
  const why = (wanted: Check['state']): string => printable(whyOf(checks, wanted))
  if (outcome === 'all clear') return [...lines, paint(outcome, marks.ok.colour, { isColoured })]
  if (outcome === 'trouble') return [...lines, `${paint(outcome, marks.trouble.colour, { isColoured })}: ${why('trouble')}`]
  const when = waitedMs === undefined ? 'at the end of the logs' : `after ${spanInWords(waitedMs)}`
  return [...lines, `${paint(outcome, marks.unknown.colour, { isColoured })} ${when}: ${why('unknown')}`]
}

export const whyOf = (checks: readonly Check[], wanted: Check['state']): string =>
  checks
    .filter(({ state }) => state === wanted)
    .map(({ short }) => short)
    .join('; ')

function jsonOf({ outcome, checks, judgement, waitedMs }: Verified): object {
  const { startMs, beforeMs, stoppedMs, lastMs, errors, runners, posts } = judgement
  const { weighedMs, needed, ...figures } = posts
  const at = (ms: number | undefined): string | null => (ms === undefined || !Number.isFinite(ms) ? null : iso(ms))
  return {
    verdict: outcome,
    start: at(startMs),
    stoppedBefore: at(beforeMs),
    stopped: at(stoppedMs),
    lastEvent: at(lastMs),
    waitedSeconds: waitedMs === undefined ? null : Math.round(waitedMs / 1000),
    checks: checks.map(({ name, state, text, details = [] }) => ({ name, state, text, details })),
    errors: errors.map(({ firstMs, ...kind }) => ({ ...kind, first: iso(firstMs) })),
    runners,
    posts: { ...figures, weighedUntil: at(weighedMs), needed: posts.state === 'undecided' ? (needed ?? null) : null },
  }
}

function readWait(text: string): number {
  const [, amount, unit] = /^(\d{1,5})([smh])$/.exec(text.trim()) ?? []
  const ms = Number(amount) * (unit === 's' ? 1000 : unit === 'm' ? 60_000 : 3_600_000)
  if (ms <= DAY_MS) return ms
  throw new ShipperError('MLS_USAGE_INVALID', `--wait: ${JSON.stringify(text)} is not 90s, 15m, 1h or such, up to 24h`)
}

function readPosts(posts: number): number {
  if (Number.isInteger(posts) && posts >= 1 && posts <= 10_000) return posts
  throw new ShipperError('MLS_USAGE_INVALID', '--posts is not a whole number from 1 to 10000')
}

/** A line that is redrawn, on a terminal only. */
async function runOnScreen(given: VerifyArguments): Promise<number> {
  const { out, err, isColoured } = openScreen()
  const totalMs = readWait(given.wait ?? DEFAULT_WAIT)
  let note = 'reading the logs'
  let begunMs: number | undefined
  const doneMs = (): number => (begunMs === undefined ? 0 : Math.min(totalMs, systemClock.monotonic() - begunMs))
  const read = (): Progress => ({ done: doneMs(), total: totalMs, note })
  let shown = process.stderr.isTTY ? showProgress('verify', process.stderr, read) : undefined
  const end = (): void => {
    shown?.end()
    shown = undefined
  }
  try {
    return await runVerify(given, {
      out: line => {
        end()
        out(line)
      },
      err,
      isColoured,
      clock: systemClock,
      waiting: (checks, passedMs) => {
        begunMs ??= systemClock.monotonic() - passedMs
        note = printable(whyOf(checks, 'unknown'))
      },
    })
  } finally {
    end()
  }
}

export default {
  command: 'verify [files..]',
  describe: 'After maintenance: is Mailman well since its last start? An exit code for scripts',
  builder: (yargs: Argv) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        describe: 'Logs of the past, plain or .gz, several together; none: this host’s logs, and what is written to them',
      })
      .option('wait', { type: 'string', requiresArg: true, default: DEFAULT_WAIT, describe: 'At most so long: 90s, 15m, 1h' })
      .option('posts', {
        type: 'number',
        requiresArg: true,
        default: DEFAULT_POSTS,
        describe: 'Posts that are weighed at most; four that go through are mostly enough',
      })
      .option('json', { type: 'boolean', default: false, describe: 'One JSON object' })
      .option('notify', { type: 'boolean', default: false, describe: 'Tell what was found by mail, webhooks… (section alerts)' })
      .option('timezone', { type: 'string', requiresArg: true, describe: 'Zone of the stamps, such as Europe/London' })
      .example('systemctl restart mailman && $0 verify', 'waits for the first posts')
      .example('$0 verify --wait 1h --json', 'for Puppet or Ansible, at a quiet time')
      .example('$0 verify --timezone UTC old/vette old/post old/qrunner old/error', 'logs of the past')
      .epilogue(
        'Judged are: errors of a kind that was never there in two weeks before, runners, the first posts against what is usual, and where the guards are configured (alerts.guards) configuration files and queues. Exit codes: 0 all clear, 1 trouble (or the logs cannot be read), 2 wrong usage, 3 undecided: no restart, or too few posts in that time.',
      ),
  async handler(given: ArgumentsCamelCase<VerifyArguments>) {
    process.exitCode = await runOnScreen(given)
  },
}
