/** What the configuration wishes for privacy, with the key that it needs: read once, at start, never logged. */
import type { Config } from './config/options.js'
import { readSecret } from './delivery/secret.js'
import { ShipperError } from './errors.js'
import { Privacy } from './events/privacy.js'

const MIN_KEY_CHARACTERS = 16

/**
 * Undefined: all is kept.
 * @throws ShipperError MLS_PRIVACY_KEY where something is to be hashed and there is no key for it
 */
export async function openPrivacy({ privacy }: Config): Promise<Privacy | undefined> {
  const { addresses, names, subjects, ips } = privacy
  const wishes = [addresses, names, subjects, ips]
  if (wishes.every(wish => wish === 'keep')) return undefined
  return new Privacy(privacy, wishes.includes('hash') ? await readKey(privacy) : undefined)
}

/**
 * Hashes addresses as events hold them, whatever else is configured.
 * @throws ShipperError MLS_PRIVACY_KEY
 */
export async function openHash({ privacy }: Config): Promise<(address: string) => string> {
  const hashing = new Privacy({ ...privacy, addresses: 'hash' }, await readKey(privacy))
  return address => hashing.hashAddress(address)
}

async function readKey({ keyFile }: Config['privacy']): Promise<string> {
  if (keyFile === undefined)
    throw new ShipperError('MLS_PRIVACY_KEY', 'privacy.keyFile names none, and there is no systemd credential privacy-key')
  const key = await readSecret(keyFile).catch((error: unknown) => {
    throw error instanceof ShipperError ? new ShipperError('MLS_PRIVACY_KEY', error.detail) : error
  })
  if (!/^[^\x00-\x1f\x7f\ufffd]*$/.test(key)) throw new ShipperError('MLS_PRIVACY_KEY', `${keyFile} is not one line of text`)
  if (key.length < MIN_KEY_CHARACTERS)
    throw new ShipperError('MLS_PRIVACY_KEY', `${keyFile} holds less than ${MIN_KEY_CHARACTERS} characters`)
  return key
}
