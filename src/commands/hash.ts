/** `hash`: addresses as they are stored where `privacy.addresses` is `hash`, for whoever may read the key. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { loadConfig } from '../config/load.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { ShipperError } from '../errors.js'
import { openHash } from '../privacy.js'

export interface HashArguments {
  config?: string | undefined
  addresses?: string[] | undefined
  json?: boolean | undefined
}

/** @throws ShipperError MLS_PRIVACY_KEY, MLS_USAGE_INVALID */
export async function runHash(given: HashArguments, out: (line: string) => void): Promise<void> {
  const config = await loadConfig(given.config, { forPeople: true })
  const addresses = given.addresses ?? []
  if (addresses.length === 0 || addresses.some(address => address.trim() === ''))
    throw new ShipperError('MLS_USAGE_INVALID', 'hash: an address is wanted')
  const hash = await openHash(config)
  for (const address of addresses) {
    const hashed = hash(address)
    out(given.json ? printableJson(JSON.stringify({ address, hashed })) : printable(hashed))
  }
}

export default {
  command: 'hash <addresses..>',
  describe: 'Print addresses as they are stored where they are hashed (privacy.addresses)',
  builder: (yargs: Argv) =>
    yargs
      .positional('addresses', { type: 'string', array: true, demandOption: true, describe: 'One or more' })
      .option('json', { type: 'boolean', default: false, describe: 'JSON, one line for each address' })
      .example('$0 hash ann@example.org', 'what stands in the events instead of it')
      .epilogue('Needs the key: privacy.keyFile of the configuration, readable by you.'),
  handler: (given: ArgumentsCamelCase<HashArguments>) => runHash(given, line => void process.stdout.write(`${line}\n`)),
}
