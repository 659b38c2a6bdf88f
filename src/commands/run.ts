/** `run`: the agent itself. */
import { isatty } from 'node:tty'
import type { Argv } from 'yargs'
import { openAgent } from '../agent.js'
import { systemClock } from '../diagnostics/clock.js'
import { createLog, type Log } from '../diagnostics/log.js'
import { exitCodes } from '../errors.js'
import { begin, Running } from '../running.js'
import { logLevels, type RunArguments } from './run-arguments.js'

export async function run({ config: path, once, logLevel }: RunArguments): Promise<void> {
  const log = createLog({ level: logLevel })
  if (once) return runOnce(path, log)
  const running = new Running(path, log)
  stopBySignal(() => running.stop())
  // A terminal that is closed says it too, maybe twice, and is none any more then: what runs there ends with it.
  const isInTerminal = isatty(0) || isatty(2)
  process.on('SIGHUP', () => (isInTerminal ? running.stop() : running.reload()))
  await running.run()
}

async function runOnce(path: string | undefined, log: Log): Promise<void> {
  const { means, state } = await begin(path, log)
  try {
    const agent = await openAgent({ ...means, state, log, clock: systemClock, isSilent: true })
    stopBySignal(() => agent.stop())
    const { complete, blocked, stored, duplicates, setAside } = await agent.runOnce()
    log.info({ stored, duplicates, setAside }, complete ? 'all that was there is settled' : 'stopped before all was settled')
    if (!complete || blocked.length > 0) process.exitCode = exitCodes.failed
  } finally {
    await state.close()
  }
}

function stopBySignal(stop: () => void): void {
  let signals = 0
  const onSignal = (): void => {
    if (++signals > 1) process.exit(exitCodes.failed) // asked twice: what was on the way is sent again after the next start
    stop()
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)
}

export default {
  command: 'run',
  describe: 'Follow the logs and ship their events',
  builder: (yargs: Argv) =>
    yargs
      .option('once', { type: 'boolean', default: false, describe: 'Ship what is there and exit' })
      .option('log-level', {
        choices: logLevels,
        default: 'info' as const,
        describe: "The agent's own log, JSON on standard error",
      })
      .example('$0 run', 'follow the logs with /etc/mailman-shipper/config.yaml')
      .example('$0 run --once --config my.yaml', 'ship what is there; exit 0 when all of it is settled'),
  handler: run,
}
