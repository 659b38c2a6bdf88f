/** `alerts`: what the detector says of logs of the past. */
import type { Argv, CommandModule } from 'yargs'
import explain from './alerts-explain.js'
import replay from './alerts-replay.js'

export default {
  command: 'alerts <what>',
  describe: 'Logs of the past through the detector: what it would have told, and why',
  builder: (yargs: Argv) =>
    yargs
      // Each types its own arguments; yargs' types would have them agree.
      .command([replay, explain] as unknown as CommandModule[])
      .demandCommand(1, 'Say what: replay or explain.'),
  handler: () => {},
}
