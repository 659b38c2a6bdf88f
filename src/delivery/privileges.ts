/** Who may do what: the rights of the writer key and of the readers, and what an administrator needs to hand them out. */
import type { Client } from '@elastic/elasticsearch'
import { perform } from './request.js'
import type { JsonObject } from './template.js'

/** The streams of one installation: its logs, and the agent's own health. */
export const streamNames = (namespace: string): readonly string[] => [
  `logs-mailman.*-${namespace}`,
  `metrics-mailman.*-${namespace}`,
]

export interface Rights {
  readonly cluster: readonly string[]
  /** On `streamNames`. */
  readonly index: readonly string[]
}

/** @param allowLookup may also search what it wrote, so that nothing is stored twice after a rollover */
export const writerRights = (allowLookup: boolean): Rights => ({
  cluster: ['monitor'],
  index: allowLookup ? ['auto_configure', 'create_doc', 'read'] : ['auto_configure', 'create_doc'],
})

export const readerRights: Rights = { cluster: [], index: ['read', 'view_index_metadata'] }

/** Which of these rights the client's user lacks, as words for people. @throws the client's error */
export async function findMissing(client: Client, rights: Rights, namespace: string): Promise<string[]> {
  const names = streamNames(namespace)
  const index = rights.index.length === 0 ? [] : [{ names, privileges: rights.index }]
  const body = { cluster: rights.cluster, index } as unknown as JsonObject
  const answer = (await perform(client, { method: 'POST', path: '/_security/user/_has_privileges', body })) as {
    cluster?: Record<string, boolean>
    index?: Record<string, Record<string, boolean>>
  }
  const missing = rights.cluster.filter(name => answer.cluster?.[name] !== true).map(name => `cluster privilege ${name}`)
  for (const name of rights.index) {
    const without = names.filter(stream => answer.index?.[stream]?.[name] !== true)
    if (without.length > 0) missing.push(`index privilege ${name} on ${without.join(', ')}`)
  }
  return missing
}
