/** `alerts`: what there is, what people answer, how they are told; and what the detector says of logs of the past. */
import type { Argv, CommandModule } from 'yargs'
import ack from './alerts-ack.js'
import explain from './alerts-explain.js'
import list from './alerts-list.js'
import replay from './alerts-replay.js'
import silence from './alerts-silence.js'
import test from './alerts-test.js'

export default {
  command: 'alerts <what>',
  describe: 'What is open, and who knows of it; silences; logs of the past through the detector; a test of how people are told',
  builder: (yargs: Argv) =>
    yargs
      // Each types its own arguments; yargs' types would have them agree.
      .command([list, ack, silence, test, replay, explain] as unknown as CommandModule[])
      .demandCommand(1, 'Say what: list, ack, silence, test, replay or explain.'),
  handler: () => {},
}
