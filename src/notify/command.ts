/** Alerts by a program of the operator's: the JSON of docs/alert.schema.json on its standard input; it is done when it exits with 0. */
import { spawn } from 'node:child_process'
import type { AlertCommandConfig } from '../config/options.js'
import { startDeadline } from '../delivery/deadline.js'
import { ShipperError } from '../errors.js'
import type { NoticeSite, Notifier } from './notice.js'
import { noticeJson } from './notice-json.js'

const PATIENCE_MS = 60_000

export function makeCommand({ run, least }: AlertCommandConfig, site: NoticeSite, patienceMs = PATIENCE_MS): Notifier {
  return {
    name: 'command',
    least,
    async send(notice, signal) {
      const trouble = await runOnce(run, `${JSON.stringify(noticeJson(notice, site))}\n`, signal, patienceMs)
      if (trouble !== undefined) throw new ShipperError('MLS_ALERT_UNSENT', `command: ${trouble}`)
    },
    async close() {},
  }
}

/** @returns what went wrong, if anything; never what the program wrote */
async function runOnce(
  [program, ...args]: readonly [string, ...string[]],
  input: string,
  signal: AbortSignal,
  patienceMs: number,
): Promise<string | undefined> {
  if (signal.aborted) return 'not run, the agent stops'
  const deadline = startDeadline(signal, patienceMs)
  try {
    return await new Promise(resolve => {
      const child = spawn(program, args, {
        cwd: '/',
        env: { PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' },
        stdio: ['pipe', 'ignore', 'ignore'],
        // A group of its own, so that what it started ends with it.
        detached: true,
      })
      deadline.signal.addEventListener('abort', () => killGroup(child.pid), { once: true })
      // It need not read what it is told.
      child.stdin.on('error', () => {})
      child.stdin.end(input)
      child.on('error', error => resolve((error as NodeJS.ErrnoException).code ?? 'it could not be started'))
      child.on('exit', (code, ended) => resolve(outcomeOf(code, ended, deadline.isOver(), patienceMs)))
    })
  } finally {
    deadline.end()
  }
}

function outcomeOf(code: number | null, ended: string | null, isOver: boolean, patienceMs: number): string | undefined {
  if (isOver) return `not done within ${patienceMs / 1000} seconds, and ended`
  if (ended !== null) return `ended by ${ended}`
  return code === 0 ? undefined : `exit code ${code}`
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}
