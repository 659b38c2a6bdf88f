/** `status`: where the agent is in each file, and what holds it up. */
import { stat } from 'node:fs/promises'
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { isLocked } from '../checkpoint/lock.js'
import { readStatus } from '../checkpoint/status-file.js'
import { loadConfig } from '../config/load.js'
import { printable } from '../diagnostics/printable.js'
import type { AgentStatus, AlertFigures } from '../diagnostics/status.js'
import { type ErrorCode, type ErrorEntry, errors, exitCodes, fileErrorOf, ShipperError } from '../errors.js'
import { type Kept, lookAtSetAside, sayKept } from './set-aside-kept.js'

interface StatusArguments {
  config?: string
  json: boolean
}

/**
 * `held up`: nothing is delivered. What else is wrong (a checkpoint that cannot be written, a log that cannot be read) is said below
 * `following`, for events are stored all the same: who is woken by exit code 4 shall find something that waits.
 */
type State = 'following' | 'held up' | 'not running'

/** A running agent writes its status at least each minute. */
const STALE_MS = 150_000

async function status({ config: path, json }: ArgumentsCamelCase<StatusArguments>): Promise<void> {
  const config = await loadConfig(path)
  const { directory } = config.state
  const isThere = await stat(directory).then(
    () => true,
    () => false,
  )
  const running =
    isThere &&
    (await isLocked(directory).catch((error: NodeJS.ErrnoException) => {
      throw new ShipperError('MLS_STATE_UNREADABLE', `${directory} (${error.code})`)
    }))
  const last = await readStatus(directory)
  const state: State = !running ? 'not running' : last?.holdUp ? 'held up' : 'following'
  const kept = await lookAtSetAside(directory)
  const isStale = running && last !== undefined && Date.now() - Date.parse(last.at) > STALE_MS
  if (json) process.stdout.write(`${JSON.stringify({ state, directory, isStale, ...last, setAside: kept })}\n`)
  else process.stdout.write(describe(state, directory, last, isStale, kept))
  if (state !== 'following') process.exitCode = state === 'held up' ? exitCodes.output : exitCodes.failed
}

function describe(state: State, directory: string, last: AgentStatus | undefined, isStale: boolean, kept: Kept): string {
  const lines = [`${state}${last === undefined ? '' : `: ${last.output}, mailman-shipper ${last.version}, as of ${last.at}`}`]
  if (state === 'not running')
    lines.push(`  No agent uses ${directory}. Start it: systemctl start mailman-shipper, or mailman-shipper run.`)
  lines.push(...sayKept(kept).map(line => `  ${line}`))
  if (last === undefined) return `${lines.map(line => printable(line)).join('\n')}\n`
  if (isStale)
    lines.push(
      `  The agent runs, but has not written its status since ${last.at}: the disk of ${directory} is full or read-only, or it hangs.`,
      `  ${entryOf('MLS_STATE_UNWRITABLE').remedy}`,
    )
  for (const { code, detail, since } of [...(last.holdUp === null ? [] : [last.holdUp]), ...last.troubles])
    lines.push(`  ${entryOf(code).message}, since ${since}${detail === '' ? '' : `: ${detail}`}`, `  ${entryOf(code).remedy}`)
  for (const { path, code } of last.blocked) {
    const { remedy } = errors[fileErrorOf(code)]
    lines.push(
      code === 'ENOENT'
        ? `  Waiting for ${path}, which does not exist. ${remedy}`
        : `  ${path} cannot be read (${code}). ${remedy}`,
    )
  }
  for (const { code, count, at, detail } of last.moments) {
    const often = count === 1 ? `at ${at}` : `${count} times, last at ${at}`
    lines.push(`  ${entryOf(code).message}, ${often}: ${detail}`, `  ${entryOf(code).remedy}`)
  }
  if (last.alerts !== undefined) lines.push(...sayAlerts(last.alerts))
  const { stored, duplicates, setAside } = last.counts
  lines.push(`  since ${last.startedAt}: ${stored} stored, ${duplicates} had been stored before, ${setAside} set aside`)
  lines.push(`  last delivery: ${last.lastDeliveryAt ?? 'none yet'}`, ...sayWork(last))
  const rows = last.files.map(file => [
    file.path,
    file.state,
    `${file.offset}`,
    file.compressed ? '' : `${file.size}`,
    `${file.lagBytes}`,
    `${file.lagSeconds}`,
  ])
  lines.push(...table(['file', 'state', 'settled', 'size', 'lag, bytes', 'lag, s'], rows))
  return `${lines.map(line => printable(line)).join('\n')}\n`
}

/** What stands, and who does not get to hear of it; nothing where there is neither. */
function sayAlerts({ open, notifiers }: AlertFigures): string[] {
  return [
    ...open.map(({ kind, severity, list, about, since }) => {
      const where = list === null ? '' : ` of ${list}`
      return `  alert, ${severity}: ${kind}${where}${about === null ? '' : ` (${about})`}, since ${since}`
    }),
    ...notifiers.flatMap(({ name, failing }) =>
      failing === null
        ? []
        : [`  Alerts do not get through to people by ${name}, since ${failing.since}: ${failing.detail}. It is tried again.`],
    ),
  ]
}

/** What went less than well since the start; nothing where all did. */
function sayWork({ delivery, losses: { lostBytes, holeBytes }, troubleSeconds }: AgentStatus): string[] {
  const lines: string[] = []
  const retries = Object.entries(delivery.retries)
  const sum = retries.reduce((total, [, count]) => total + count, 0)
  if (sum > 0) {
    const reasons = retries.map(([code, count]) => `${code} ${count}`).join(', ')
    lines.push(`  ${delivery.requests} requests, ${sum} of them in vain, at least in part: ${reasons}`)
  }
  const lasted = Object.entries(troubleSeconds).map(([code, seconds]) => `${code} ${seconds} s`)
  if (lasted.length > 0) lines.push(`  troubles, in all: ${lasted.join(', ')}`)
  if (lostBytes > 0 || holeBytes > 0) lines.push(`  ${lostBytes} bytes went away unread; ${holeBytes} zero bytes passed over`)
  return lines
}

/** A status that a newer version wrote may hold a code that is not known here. */
const entryOf = (code: ErrorCode): ErrorEntry => errors[code] ?? { exit: 1, message: code, remedy: '' }

function table(head: string[], rows: string[][]): string[] {
  if (rows.length === 0) return ['  no files']
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map(row => row[i]!.length)))
  return [head, ...rows].map(
    row => `  ${row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`,
  )
}

export default {
  command: 'status',
  describe: 'Where the agent is in each file, and what holds it up',
  builder: (yargs: Argv) =>
    yargs
      .option('json', { type: 'boolean', default: false, describe: 'For machines' })
      .example('$0 status', 'exit 0: following; 1: not running; 4: held up'),
  handler: status,
}
