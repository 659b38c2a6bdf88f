/** `run`: the agent itself. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { openAgent } from '../agent.js'
import { forgetfulness } from '../checkpoint/directory.js'
import { loadConfig } from '../config/load.js'
import { systemClock } from '../diagnostics/clock.js'
import { createLog } from '../diagnostics/log.js'
import { exitCodes } from '../errors.js'
import { createOutput } from '../outputs.js'

interface RunArguments {
  config?: string
  once: boolean
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

async function run({ config: path, once, logLevel }: ArgumentsCamelCase<RunArguments>): Promise<void> {
  const log = createLog({ level: logLevel })
  const config = await loadConfig(path)
  for (const warning of config.warnings) log.warn(warning)
  const output = await createOutput(config, message => log.warn(message), { info: message => log.info(message) })
  const agent = await openAgent(config, output, log, systemClock)
  const forgets = await forgetfulness(config.state.directory)
  if (forgets !== undefined) log.warn({ text: config.state.directory }, `the state directory ${forgets}`)

  let signals = 0
  const stop = (): void => {
    if (++signals > 1) process.exit(exitCodes.failed) // asked twice: what was on the way is sent again after the next start
    agent.stop()
  }
  process.on('SIGTERM', stop).on('SIGINT', stop)

  if (!once) {
    await agent.run()
    return
  }
  const { complete, blocked, stored, duplicates, setAside } = await agent.runOnce()
  log.info({ stored, duplicates, setAside }, complete ? 'all that was there is settled' : 'stopped before all was settled')
  if (!complete || blocked.length > 0) process.exitCode = exitCodes.failed
}

export default {
  command: 'run',
  describe: 'Follow the logs and ship their events',
  builder: (yargs: Argv) =>
    yargs
      .option('once', { type: 'boolean', default: false, describe: 'Ship what is there and exit' })
      .option('log-level', {
        choices: ['debug', 'info', 'warn', 'error', 'silent'] as const,
        default: 'info' as const,
        describe: "The agent's own log, JSON on standard error",
      })
      .example('$0 run', 'follow the logs with /etc/mailman-shipper/config.yaml')
      .example('$0 run --once --config my.yaml', 'ship what is there; exit 0 when all of it is settled'),
  handler: run,
}
