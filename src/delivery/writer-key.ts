/**
 * The writer key of this host: made with an administrator's rights, holding only the writer's, written to the configured file.
 * A key that still does what is needed is kept: others may have been given it, and a new one for each setup would pile up.
 */
import { existsSync } from 'node:fs'
import type { Client } from '@elastic/elasticsearch'
import type { ElasticsearchConfig } from '../config/options.js'
import { ShipperError } from '../errors.js'
import { type Connection, connect } from './client.js'
import { orUndefined } from './index-setup.js'
import { type KeyFile, prepareKeyFile } from './key-file.js'
import { findMissing, grantsOf, writerRights } from './privileges.js'
import { perform, type Request } from './request.js'
import { readCredentials } from './secret.js'
import type { StepPlan, StepStatus } from './step.js'
import { type JsonObject, managedBy } from './template.js'

export interface KeyRequest {
  readonly config: ElasticsearchConfig
  /** Where the key goes. */
  readonly path: string
  /** Part of the key's name, so that one host's key can be revoked alone. */
  readonly host: string
  readonly allowLookup: boolean
}

/** `*`: of any host. */
export const keyName = (host: string): string => `mailman-shipper-writer-${host}`

export function postKey({ config, host, allowLookup }: KeyRequest): Request {
  const rights = writerRights(allowLookup)
  const role = { cluster: rights.cluster, indices: grantsOf(rights, config.namespace) }
  const body = {
    name: keyName(host),
    role_descriptors: { mailman_writer: role },
    metadata: { managed_by: managedBy, host, namespace: config.namespace },
  }
  return { method: 'POST', path: '/_security/api_key', body: body as unknown as JsonObject }
}

export function planKey(client: Client, request: KeyRequest, missing: readonly string[]): StepPlan {
  return { name: 'writer key', needed: true, missing, run: () => install(client, request) }
}

async function install(client: Client, request: KeyRequest): Promise<{ status: StepStatus; detail: string }> {
  const { path } = request
  const old = await tryOld(request)
  if (old === 'good') return { status: 'unchanged', detail: `${path} holds a key that may do all that is needed` }
  const file = await prepareKeyFile(path)
  const { id, encoded } = await make(client, request, file)
  try {
    await file.commit(encoded)
  } catch {
    await revoke(client, id)
    throw new ShipperError('MLS_CONFIG_SECRET', `${path} cannot be written; the new key was revoked`)
  }
  const made = `a new key for ${request.host} is in ${path} (mode 600)`
  if (old === 'none' || old === 'dead') return { status: 'done', detail: made }
  const fate = (await revoke(client, old.id)) ? 'is revoked' : 'could not be revoked: do it by its id'
  return { status: 'done', detail: `${made}; the old one (${old.id}), which lacked rights, ${fate}` }
}

/** What the key in the file is worth. @throws ShipperError where that cannot be found out */
async function tryOld(request: KeyRequest): Promise<'none' | 'good' | 'dead' | { readonly id: string }> {
  const { path, config, allowLookup } = request
  if (!existsSync(path)) return 'none'
  const credentials = await readCredentials({ ...config, apiKeyFile: path })
  let connection: Connection
  try {
    connection = await connect(config, { credentials })
  } catch (error) {
    if (error instanceof ShipperError && error.code === 'MLS_OUTPUT_AUTH') return 'dead'
    throw error
  }
  try {
    const self = (await orUndefined(perform(connection.client, { method: 'GET', path: '/_security/_authenticate' }), [401])) as
      | { api_key?: { id?: string } }
      | undefined
    if (self === undefined) return 'dead'
    const missing = await findMissing(connection.client, writerRights(allowLookup), config.namespace)
    return missing.length === 0 ? 'good' : { id: /^[\w-]{1,100}$/.exec(self.api_key?.id ?? '')?.[0] ?? 'unknown' }
  } finally {
    await connection.close()
  }
}

async function make(client: Client, request: KeyRequest, file: KeyFile): Promise<{ id: string; encoded: string }> {
  try {
    const answer = (await perform(client, postKey(request))) as { id?: unknown; encoded?: unknown }
    if (typeof answer.id === 'string' && typeof answer.encoded === 'string') return { id: answer.id, encoded: answer.encoded }
    throw new ShipperError('MLS_OUTPUT_NOT_ELASTICSEARCH', 'no key in the answer')
  } catch (error) {
    await file.abandon()
    throw error
  }
}

/** Best effort: as one who may revoke any key, else as the key's owner. */
async function revoke(client: Client, id: string): Promise<boolean> {
  const bodies: readonly JsonObject[] = [{ ids: [id] }, { ids: [id], owner: true }]
  for (const body of bodies) {
    const isDone = await perform(client, { method: 'DELETE', path: '/_security/api_key', body }).then(
      () => true,
      () => false,
    )
    if (isDone) return true
  }
  return false
}
