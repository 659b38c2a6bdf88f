/** `status`: where the agent is in each file, and what holds it up. */
import { stat } from 'node:fs/promises'
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { isLocked } from '../checkpoint/lock.js'
import { type AgentStatus, readStatus } from '../checkpoint/status-file.js'
import { loadConfig } from '../config/load.js'
import { printable } from '../diagnostics/printable.js'
import { type ErrorCode, errors, exitCodes, fileErrorOf, ShipperError } from '../errors.js'
import { type Kept, lookAtSetAside, sayKept } from './set-aside-kept.js'

interface StatusArguments {
  config?: string
  json: boolean
}

type State = 'following' | 'held up' | 'not running'

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
  if (json) process.stdout.write(`${JSON.stringify({ state, directory, ...last, setAside: kept })}\n`)
  else process.stdout.write(describe(state, directory, last, kept))
  if (state !== 'following') process.exitCode = state === 'held up' ? exitCodes.output : exitCodes.failed
}

function describe(state: State, directory: string, last: AgentStatus | undefined, kept: Kept): string {
  const lines = [`${state}${last === undefined ? '' : `: ${last.output}, mailman-shipper ${last.version}, as of ${last.at}`}`]
  if (state === 'not running')
    lines.push(`  No agent uses ${directory}. Start it: systemctl start mailman-shipper, or mailman-shipper run.`)
  lines.push(...sayKept(kept).map(line => `  ${line}`))
  if (last === undefined) return `${lines.map(line => printable(line)).join('\n')}\n`
  if (last.holdUp !== null) {
    const { message, remedy } = errors[last.holdUp.code as ErrorCode]
    lines.push(`  ${message}, since ${last.holdUp.since}: ${last.holdUp.detail}`, `  ${remedy}`)
  }
  for (const { path, code } of last.blocked) {
    lines.push(
      code === 'ENOENT'
        ? `  Waiting for ${path}, which does not exist.`
        : `  ${path} cannot be read (${code}). ${errors[fileErrorOf(code)].remedy}`,
    )
  }
  const { stored, duplicates, setAside } = last.counts
  lines.push(`  since ${last.startedAt}: ${stored} stored, ${duplicates} had been stored before, ${setAside} set aside`)
  lines.push(`  last delivery: ${last.lastDeliveryAt ?? 'none yet'}`)
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
