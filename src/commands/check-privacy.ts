/** What `check` says of privacy: what is hashed or dropped, and whether the key for it can be used. */
import type { Config } from '../config/options.js'
import { ShipperError } from '../errors.js'
import { openPrivacy } from '../privacy.js'
import { type Finding, ok, problem } from './check-host.js'

export async function checkPrivacy(config: Config): Promise<Finding[]> {
  const { keyFile, ...wishes } = config.privacy
  const said = Object.entries(wishes).filter(([, wish]) => wish !== 'keep')
  if (said.length === 0) return []
  try {
    await openPrivacy(config)
    const hashes = said.some(([, wish]) => wish === 'hash')
    return [ok('privacy', `${said.map(([what, wish]) => `${what} ${wish}`).join(', ')}${hashes ? `; key in ${keyFile}` : ''}`)]
  } catch (error) {
    if (!(error instanceof ShipperError)) throw error
    return [problem('privacy', error.detail, error.code)]
  }
}
