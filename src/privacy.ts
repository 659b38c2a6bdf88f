/** What the configuration wishes for privacy, with the key that it needs: read once, at start, never logged. */
import type { Config } from './config/options.js'
import { readSecret } from './delivery/secret.js'
import { type ErrorCode, ShipperError } from './errors.js'
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
  return readKeyText(keyFile, 'MLS_PRIVACY_KEY', 'privacy.keyFile names none, and there is no systemd credential privacy-key')
}

/**
 * @param missing what to say where no file is named
 * @throws ShipperError of that code
 */
export async function readKeyText(keyFile: string | undefined, code: ErrorCode, missing: string): Promise<string> {
  if (keyFile === undefined) throw new ShipperError(code, missing)
  const key = await readSecret(keyFile).catch((error: unknown) => {
    throw error instanceof ShipperError ? new ShipperError(code, error.detail) : error
  })
  if (!/^[^\x00-\x1f\x7f\ufffd]*$/.test(key)) throw new ShipperError(code, `${keyFile} is not one line of text`)
  if (key.length < MIN_KEY_CHARACTERS) throw new ShipperError(code, `${keyFile} holds less than ${MIN_KEY_CHARACTERS} characters`)
  return key
}
