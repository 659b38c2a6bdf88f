/** `trace`: the life of one message over all logs and hosts, from whichever store the configuration names. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { loadConfig } from '../config/load.js'
import { printableJson } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import { traceMessage } from '../troubleshooting/ask-message.js'
import { isIdHash, readTypedId } from '../troubleshooting/subject.js'
import { openScreen } from './screen.js'
import type { Screen } from './search.js'
import { traceJson } from './trace-json.js'
import { formatTrace } from './trace-text.js'
import { withStore } from './with-store.js'

export interface TraceArguments {
  config?: string | undefined
  messageId?: string | undefined
  json?: boolean | undefined
}

export const ID_HASH =
  'This looks like the hash in a link of HyperKitty; logs hold the id itself: it is in the header Message-ID of the message.'

/** @throws ShipperError */
export async function runTrace(given: TraceArguments, screen: Screen): Promise<void> {
  const messageId = readTypedId(given.messageId ?? '')
  if (messageId === '') throw new ShipperError('MLS_USAGE_INVALID', 'trace: a message id is wanted')
  const config = await loadConfig(given.config, { forPeople: true })
  const trace = await withStore(config, store => traceMessage(store, messageId))
  if (given.json) screen.out(printableJson(JSON.stringify(traceJson(trace))))
  else for (const line of formatTrace(trace, { ...screen, zone: config.logs.timezone })) screen.out(line)
  if (trace.total === 0 && isIdHash(messageId)) screen.err(ID_HASH)
}

export default {
  command: 'trace <message-id>',
  describe: 'The life of one message: held, released, handed to the mail server, refused by it, with times',
  builder: (yargs: Argv) =>
    yargs
      .positional('message-id', {
        type: 'string',
        demandOption: true,
        describe: 'What stands in its header Message-ID, with or without <>',
      })
      .option('json', { type: 'boolean', default: false, describe: 'One JSON object' })
      .example("$0 trace '<20240301120000.1234@mail.example.org>'", 'in quotes: < and > mean something to a shell')
      .epilogue(
        'Handed to the mail server is all that Mailman knows of delivery. Lines that do not name the message are tied to it by process and second, and marked ~.\nExit code 0, also where the message was never seen.',
      ),
  handler: (given: ArgumentsCamelCase<TraceArguments>) => runTrace(given, openScreen()),
}
