/**
 * Secrets come from files only: `apiKeyFile` (which the configuration points at a systemd credential where there is one) or
 * `passwordFile`. They are read when they are needed, and again after each 401; only the client keeps them.
 */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { sep } from 'node:path'
import type { ElasticsearchConfig } from '../config/options.js'
import { ShipperError } from '../errors.js'

export type Credentials = { readonly apiKey: string } | { readonly username: string; readonly password: string } | undefined

const maxSecretBytes = 8192

/**
 * The key in the form of the Authorization header, or name and password, or undefined where none is configured.
 * @throws ShipperError MLS_CONFIG_SECRET
 */
export async function readCredentials({ apiKeyFile, username, passwordFile }: ElasticsearchConfig): Promise<Credentials> {
  if (apiKeyFile !== undefined)
    return {
      apiKey: encodeKey(
        await readSecret(apiKeyFile, 'there is no such file; the agent’s is made by `mailman-shipper setup`'),
        apiKeyFile,
      ),
    }
  if (username === undefined) return undefined
  if (passwordFile === undefined) throw new ShipperError('MLS_CONFIG_SECRET', 'elasticsearch.username needs passwordFile')
  return { username, password: await readSecret(passwordFile) }
}

/**
 * What a file that only its owner can read holds, without the newline.
 * @param missing what to say where there is no such file
 * @throws ShipperError MLS_CONFIG_SECRET
 */
export async function readSecret(path: string, missing = 'there is no such file'): Promise<string> {
  let file: FileHandle | undefined
  try {
    // Without waiting: a pipe of that name would hold us for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const { mode, size } = await file.stat()
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new ShipperError('MLS_CONFIG_SECRET', `${path} is not a file`)
    if ((mode & 0o077) !== 0 && !isCredential(path)) {
      throw new ShipperError('MLS_CONFIG_SECRET', `${path} is open to group or others (mode ${(mode & 0o777).toString(8)})`)
    }
    if (size > maxSecretBytes) throw new ShipperError('MLS_CONFIG_SECRET', `${path} is too large to be a secret`)
    const secret = (await file.readFile('utf8')).replace(/[\r\n]+$/, '')
    if (secret === '') throw new ShipperError('MLS_CONFIG_SECRET', `${path} is empty`)
    return secret
  } catch (error) {
    if (error instanceof ShipperError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    const meaning = code === 'ENOENT' ? missing : code === 'EACCES' ? 'this user may not read it' : code
    throw new ShipperError('MLS_CONFIG_SECRET', `${path}: ${meaning}`)
  } finally {
    await file?.close()
  }
}

/** systemd opens a credential to the unit's user by an access list, which shows in the mode as a right of the group. */
function isCredential(path: string): boolean {
  const directory = process.env.CREDENTIALS_DIRECTORY
  return directory !== undefined && path.startsWith(directory + sep)
}

/** Elasticsearch hands out `encoded`; the form `id:api_key`, as some people store it, is taken too. */
function encodeKey(secret: string, path: string): string {
  const key = /^[\w-]+:[\w-]+$/.test(secret) ? Buffer.from(secret).toString('base64') : secret
  if (!/^[A-Za-z0-9+/_=-]{20,}$/.test(key)) throw new ShipperError('MLS_CONFIG_SECRET', `${path} does not hold an API key`)
  return key
}
