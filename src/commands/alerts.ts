/** `alerts`: what the detector says. */
import type { Argv } from 'yargs'
import replay from './alerts-replay.js'

export default {
  command: 'alerts',
  describe: 'What would have been told of logs of the past: alerts replay',
  builder: (yargs: Argv) => yargs.command([replay]).demandCommand(1, 1, 'Say what to do: alerts replay'),
  handler: () => {},
}
