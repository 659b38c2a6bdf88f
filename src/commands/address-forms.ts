/** An address as it is, and as it is stored where addresses are hashed: events from before that are found too. */
import type { Config } from '../config/options.js'
import { ShipperError } from '../errors.js'
import { openHash } from '../privacy.js'

/** @param warn told once where the key cannot be had: then only addresses that were stored as they are can be found */
export async function formsOf(address: string, config: Config, warn: (line: string) => void): Promise<string[]> {
  if (config.privacy.addresses !== 'hash') return [address]
  try {
    return [address, (await openHash(config))(address)]
  } catch (error) {
    if (!(error instanceof ShipperError)) throw error
    warn(`Addresses are stored hashed here, and without the key none is found but lists’ own: ${error.detail}.`)
    return [address]
  }
}
