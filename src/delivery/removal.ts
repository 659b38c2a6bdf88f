/**
 * The steps that undo what setup made in the cluster: this host's writer key, the readers' rights, the templates. Data is
 * touched only where its steps are given (stream-removal.ts), and nothing that another host's agent needs: the last host's removal
 * takes the rest.
 */
import { type Client, errors } from './elastic.js'
import { isOurs, orUndefined, readTemplate } from './index-setup.js'
import { streamNames } from './privileges.js'
import { type ReaderRole, readerRole, rolePath } from './reader-role.js'
import { perform } from './request.js'
import { readRetentionTemplates } from './retention.js'
import type { StepPlan, StepStatus } from './step.js'
import { makeTemplates, managedBy, type Template } from './template.js'
import { keyName } from './writer-key.js'

type Result = { readonly status: StepStatus; readonly detail: string }

interface WriterKey {
  readonly id: string
  readonly invalidated?: boolean
  readonly metadata?: { readonly managed_by?: unknown; readonly host?: unknown; readonly namespace?: unknown }
}

export interface Removal {
  readonly namespace: string
  readonly host: string
  /** What the account lacks, in words: for keys and roles, and for templates. */
  readonly missing: { readonly security: readonly string[]; readonly templates: readonly string[] }
  /** Steps that delete data, for when nobody of this host writes any more. */
  readonly data?: readonly StepPlan[]
  /** Deletes the file of the key if it holds one of these keys. @returns what became of it, in words */
  dropKeyFile(ids: readonly string[]): Promise<string>
}

/** @throws the client's error */
export async function planRemoval(client: Client, removal: Removal): Promise<StepPlan[]> {
  const { missing, namespace } = removal
  const step = (name: string, lacks: readonly string[], run: () => Promise<Result>): StepPlan => ({
    name,
    needed: true,
    missing: lacks,
    run,
  })
  const retentions = missing.templates.length > 0 ? [] : await readRetentionTemplates(client, namespace)
  return [
    step('writer key', missing.security, () => removeKey(client, removal)),
    ...(removal.data ?? []),
    step(`role ${readerRole}`, missing.security, () => removeRole(client, namespace)),
    ...retentions.map(({ name }) =>
      step(`index template ${name}`, missing.templates, () => removeTemplate(client, { kind: 'index', name }, namespace)),
    ),
    ...makeTemplates()
      .toReversed()
      .map(template =>
        step(`${template.kind} template ${template.name}`, missing.templates, () => removeTemplate(client, template)),
      ),
  ]
}

/** Keys that setup made and that are still good, of all hosts and namespaces. */
async function readKeys(client: Client): Promise<WriterKey[]> {
  const answer = await perform(client, { method: 'GET', path: `/_security/api_key?name=${keyName('*')}` })
  const { api_keys = [] } = answer as { api_keys?: WriterKey[] }
  return api_keys.filter(({ invalidated, metadata }) => invalidated !== true && metadata?.managed_by === managedBy)
}

async function removeKey(client: Client, { namespace, host, dropKeyFile }: Removal): Promise<Result> {
  const keys = await readKeys(client)
  const ids = keys.flatMap(({ id, metadata }) => (metadata?.host === host && metadata.namespace === namespace ? id : []))
  if (ids.length === 0) return { status: 'unchanged', detail: 'none of this host is good' }
  await perform(client, { method: 'DELETE', path: '/_security/api_key', body: { ids } })
  return { status: 'done', detail: `revoked; ${await dropKeyFile(ids)}` }
}

/** Hosts that still write, as words; undefined: none. @param namespace only to this one */
export async function otherHosts(client: Client, namespace?: string): Promise<string | undefined> {
  const keys = await readKeys(client)
  const hosts = keys
    .filter(({ metadata }) => namespace === undefined || metadata?.namespace === namespace)
    .map(({ metadata }) => String(metadata?.host))
  return hosts.length === 0 ? undefined : [...new Set(hosts)].sort().join(', ')
}

async function removeRole(client: Client, namespace: string): Promise<Result> {
  const used = await otherHosts(client, namespace)
  if (used !== undefined) return { status: 'skipped', detail: `still used: ${used} ships to namespace ${namespace}` }
  const answer = await orUndefined(perform(client, { method: 'GET', path: rolePath }), [404])
  const old = (answer as { [readerRole]?: ReaderRole } | undefined)?.[readerRole]
  const ours = streamNames(namespace)
  const indices = old?.indices?.filter(({ names }) => !names.every(name => ours.includes(name))) ?? []
  if (old === undefined || indices.length === old.indices?.length) return { status: 'unchanged', detail: '' }
  const { cluster = [], run_as = [], applications = [], metadata = {} } = old
  const isAllOurs = indices.length + cluster.length + run_as.length === 0 && 'managed_by' in metadata
  if (isAllOurs) {
    await perform(client, { method: 'DELETE', path: rolePath })
    return { status: 'done', detail: 'deleted' }
  }
  const body = JSON.parse(JSON.stringify({ cluster, indices, applications, run_as, metadata }))
  await perform(client, { method: 'PUT', path: rolePath, body })
  return { status: 'done', detail: `may not read namespace ${namespace} any more; what else it may stays` }
}

/** @param namespace whose hosts alone need it */
async function removeTemplate(client: Client, template: Pick<Template, 'kind' | 'name'>, namespace?: string): Promise<Result> {
  const found = await readTemplate(client, template)
  if (found === undefined) return { status: 'unchanged', detail: '' }
  if (!isOurs(found)) return { status: 'skipped', detail: 'not ours (no _meta.managed_by): left as it is' }
  const used = await otherHosts(client, namespace)
  if (used !== undefined) return { status: 'skipped', detail: `still used by ${used}` }
  try {
    await perform(client, { method: 'DELETE', path: `/_${template.kind}_template/${template.name}` })
    return { status: 'done', detail: 'deleted' }
  } catch (error) {
    if (!(error instanceof errors.ResponseError) || error.statusCode !== 400) throw error
    return { status: 'skipped', detail: 'kept: streams that hold events need it' }
  }
}
