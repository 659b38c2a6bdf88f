/** `setup --remove`: undoes what `setup` made, with an administrator's credentials. Data stays, unless that is asked for, and what other hosts need. */
import { readFile, rm } from 'node:fs/promises'
import { connect } from '../delivery/client.js'
import { orUndefined } from '../delivery/index-setup.js'
import { findMissing } from '../delivery/privileges.js'
import { otherHosts, planRemoval } from '../delivery/removal.js'
import { readSecret } from '../delivery/secret.js'
import { type Step, takeStep } from '../delivery/step.js'
import { planStreamRemoval } from '../delivery/stream-removal.js'
import { readTrouble } from '../delivery/trouble.js'
import type { KeyRequest } from '../delivery/writer-key.js'
import { errors, exitCodes, ShipperError } from '../errors.js'
import { describe, type SetupIo } from './setup.js'
import { type KibanaOptions, openKibana, planRulesRemoval } from './setup-kibana.js'
import { askAboutData } from './setup-remove-data.js'

export interface RemoveOptions {
  readonly key: KeyRequest
  readonly user: string | undefined
  readonly passwordFile: string | undefined
  readonly isPrint: boolean
  readonly inKibana?: KibanaOptions | undefined
  /** The data streams too. */
  readonly withData: boolean
  /** Without asking. */
  readonly yes: boolean
}

/** @returns the exit code: 0 when nothing was refused @throws ShipperError where nothing could be tried */
export async function runRemove(options: RemoveOptions, json: boolean, io: SetupIo): Promise<number> {
  const { key, user, passwordFile, isPrint, inKibana, withData, yes } = options
  if (isPrint || user === undefined || passwordFile === undefined)
    throw new ShipperError('MLS_USAGE_INVALID', 'setup --remove needs --user and --password-file, and has no --print')
  const { config, host, path } = key
  const credentials = { username: user, password: await readSecret(passwordFile) }
  const opened = inKibana === undefined ? undefined : await openKibana(inKibana, credentials)
  const connection = await connect(config, { credentials })
  const { client } = connection
  try {
    const lacks = async (name: string): Promise<string[] | undefined> =>
      orUndefined(findMissing(client, { cluster: [name], index: [] }, config.namespace), [400, 404, 405])
    const templates = await lacks('manage_index_templates')
    const security = await lacks('manage_security')
    const missing = { security: security ?? [], templates: templates ?? [] }
    const { namespace } = config
    const out = (line: string): void => (json ? undefined : io.out(line))
    const question = { namespace, missing: [...missing.security, ...missing.templates], yes, out, ask: json ? undefined : io.ask }
    const { streams, isMeant } = withData ? await askAboutData(client, question) : { streams: [], isMeant: true }
    if (!isMeant) {
      io.out(json ? JSON.stringify({ ok: true, removed: false, streams }) : 'Nothing is removed yet: repeat with --yes.')
      return exitCodes.ok
    }
    const removal = {
      namespace,
      host,
      missing,
      data: planStreamRemoval(client, streams),
      dropKeyFile: (ids: readonly string[]) => dropKeyFile(path, ids),
    }
    const steps: Step[] = []
    const rules = opened === undefined ? [] : [planRulesRemoval(opened, () => otherHosts(client))]
    for (const plan of [...(await planRemoval(client, removal)), ...rules]) {
      const step = await takeStep(plan)
      steps.push(step)
      if (!json) io.out(describe(step))
    }
    const code = steps.find(({ status }) => status === 'refused' || status === 'failed')?.code
    const answer = { ok: code === undefined, ...(code === undefined ? {} : { code }), steps }
    if (json) io.out(JSON.stringify(withData ? { ...answer, removed: true, streams } : answer))
    else if (!withData) io.out('Events stay where they are. To delete all of this namespace for ever: repeat with --with-data.')
    else if (code !== undefined) io.out('Not all of it is removed: see above, and repeat.')
    else io.out('Removed, with the events of this namespace.')
    return code === undefined ? exitCodes.ok : errors[code].exit
  } catch (error) {
    if (error instanceof ShipperError) throw error
    const { holdUp } = await readTrouble(error, config.caFile)
    throw new ShipperError(holdUp.code, holdUp.detail)
  } finally {
    await connection.close()
  }
}

/** The file may hold a key that somebody put there. */
async function dropKeyFile(path: string, ids: readonly string[]): Promise<string> {
  try {
    const [id] = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64')
      .toString()
      .split(':')
    if (!ids.includes(id ?? '')) return `${path} holds another key: left as it is`
    await rm(path)
    return `${path} is deleted`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? `${path} is gone already` : `${path} could not be deleted (${code ?? 'unknown trouble'})`
  }
}
