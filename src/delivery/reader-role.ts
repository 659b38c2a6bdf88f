/**
 * The role `mailman-admins`: may read the streams and nothing else. Made through Elasticsearch, so without Kibana's rights;
 * whatever people add to it later (Kibana spaces, other streams) stays.
 */
import type { Client } from '@elastic/elasticsearch'
import { orUndefined } from './index-setup.js'
import { readerRights, streamNames } from './privileges.js'
import { perform, type Request } from './request.js'
import type { StepPlan, StepStatus } from './step.js'
import { type JsonObject, managedBy } from './template.js'

export const readerRole = 'mailman-admins'
export const rolePath = `/_security/role/${readerRole}`

export interface ReaderRole {
  readonly cluster?: readonly string[]
  readonly indices?: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[]
  readonly applications?: readonly unknown[]
  readonly run_as?: readonly string[]
  readonly metadata?: object
}

export function putRole(namespace: string, old: ReaderRole = {}): Request {
  const indices = [...(old.indices ?? []), { names: streamNames(namespace), privileges: readerRights.index }]
  const { cluster = [], applications = [], run_as = [], metadata = { managed_by: managedBy } } = old
  return { method: 'PUT', path: rolePath, body: { cluster, indices, applications, run_as, metadata } as unknown as JsonObject }
}

export function planRole(client: Client, namespace: string, missing: readonly string[]): StepPlan {
  return { name: `role ${readerRole}`, needed: false, missing, run: () => install(client, namespace) }
}

async function install(client: Client, namespace: string): Promise<{ status: StepStatus; detail: string }> {
  const answer = (await orUndefined(perform(client, { method: 'GET', path: rolePath }), [404])) as
    | { [readerRole]?: ReaderRole }
    | undefined
  const old = answer?.[readerRole]
  if (old !== undefined && covers(old, namespace)) return { status: 'unchanged', detail: '' }
  await perform(client, putRole(namespace, old))
  return {
    status: 'done',
    detail: old === undefined ? 'made; give it to those who may read' : `may read namespace ${namespace} too`,
  }
}

function covers(role: ReaderRole, namespace: string): boolean {
  return streamNames(namespace).every(name =>
    readerRights.index.every(right =>
      role.indices?.some(entry => entry.names.includes(name) && entry.privileges.includes(right)),
    ),
  )
}
