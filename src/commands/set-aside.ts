/** `set-aside`: documents that the output refused, kept in the state directory (delivery/set-aside.ts): looked at, sent again. */
import type { Argv, CommandModule } from 'yargs'
import { list } from './set-aside-list.js'
import { retry } from './set-aside-retry.js'

export default {
  command: 'set-aside <what>',
  describe: 'List the documents that were refused, or send them again',
  builder: (yargs: Argv) =>
    yargs
      // Each types its own arguments; yargs' types would have them agree.
      .command([list, retry] as unknown as CommandModule[])
      .demandCommand(1, 'Say what: list or retry.')
      .example('$0 set-aside list', 'what was refused, and why')
      .example('$0 set-aside retry', 'when the cause is mended'),
  handler: () => {},
}
