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
  /** On all of `streamNames`. */
  readonly index: readonly string[]
  /** On the logs' streams alone, besides. */
  readonly logs?: readonly string[]
}

/** As a role or a key holds them. */
export function grantsOf(
  { index, logs = [] }: Rights,
  namespace: string,
): { names: readonly string[]; privileges: readonly string[] }[] {
  const names = streamNames(namespace)
  return [
    { names, privileges: index },
    { names: names.slice(0, 1), privileges: logs },
  ].filter(({ privileges }) => privileges.length > 0)
}

/** @param allowLookup may also search what it wrote, so that nothing is stored twice after a rollover */
export const writerRights = (allowLookup: boolean): Rights => ({
  cluster: ['monitor'],
  index: ['auto_configure', 'create_doc'],
  ...(allowLookup ? { logs: lookupRights } : {}),
})

/** It holds all that a look-up asks for: `_resolve/index`, and `_mget` in backing indices (tried on 8.19 and 9.5). */
const lookupRights = ['read']

export const readerRights: Rights = { cluster: [], index: ['read', 'view_index_metadata'] }

/** Which of these rights the client's user lacks, as words for people. @throws the client's error */
export async function findMissing(client: Client, rights: Rights, namespace: string): Promise<string[]> {
  const grants = grantsOf(rights, namespace)
  const body = { cluster: rights.cluster, index: grants } as unknown as JsonObject
  const answer = (await perform(client, { method: 'POST', path: '/_security/user/_has_privileges', body })) as {
    cluster?: Record<string, boolean>
    index?: Record<string, Record<string, boolean>>
  }
  const missing = rights.cluster.filter(name => answer.cluster?.[name] !== true).map(name => `cluster privilege ${name}`)
  for (const { names, privileges } of grants)
    for (const name of privileges) {
      const without = names.filter(stream => answer.index?.[stream]?.[name] !== true)
      if (without.length > 0) missing.push(`index privilege ${name} on ${without.join(', ')}`)
    }
  return missing
}

/**
 * What setup needs in Kibana: names of the privileges that Kibana registers with Elasticsearch when it starts, the same from 8.9 to 9
 * (`getPrivileges` in security/authorization_core/src/privileges/privileges.ts; ids of features in features/server/oss_features.ts,
 * stack_alerts/server/feature.ts, actions/server/feature.ts). Their actions are compared, so a wider privilege does as well. That
 * spaces are made by `all` of the whole Kibana alone, is in the first: no feature holds `space:manage`.
 */
const kibanaRights = {
  spaces: { privilege: 'all', where: '*', words: 'Kibana privilege All for all spaces (as the role kibana_admin has it)' },
  objects: { privilege: 'feature_savedObjectsManagement.all', where: 'space', words: 'Saved Objects Management (all)' },
  rules: { privilege: 'feature_stackAlerts.all', where: 'space', words: 'Stack Rules (all)' },
  connectors: { privilege: 'feature_actions.read', where: 'space', words: 'Actions and Connectors (read)' },
} as const

export type KibanaRight = keyof typeof kibanaRights

/** Kibana's name among the applications that Elasticsearch knows; not configurable since 8.0. */
const kibanaApplication = 'kibana-.kibana'

/** Which of these the client's user lacks, as words for people. @throws the client's error */
export async function findMissingInKibana(client: Client, space: string): Promise<(right: KibanaRight) => readonly string[]> {
  const rights = Object.values(kibanaRights)
  const resourceOf = (where: string): string => (where === '*' ? '*' : `space:${space}`)
  const application = rights.map(({ privilege, where }) => ({
    application: kibanaApplication,
    privileges: [privilege],
    resources: [resourceOf(where)],
  }))
  const body = { application } as unknown as JsonObject
  const answer = (await perform(client, { method: 'POST', path: '/_security/user/_has_privileges', body })) as {
    application?: Record<string, Record<string, Record<string, boolean>>>
  }
  return right => {
    const { privilege, where, words } = kibanaRights[right]
    if (answer.application?.[kibanaApplication]?.[resourceOf(where)]?.[privilege] === true) return []
    return [where === '*' ? words : `Kibana privilege ${words} in the space ${space}`]
  }
}

/** Whether the client's user may look up what is stored already. @throws the client's error */
export async function mayLookUp(client: Client, namespace: string, signal?: AbortSignal): Promise<boolean> {
  const [names] = streamNames(namespace)
  const body = { index: [{ names: [names], privileges: lookupRights }] } as unknown as JsonObject
  const path = '/_security/user/_has_privileges'
  const options = signal === undefined ? {} : { signal }
  const answer = (await client.transport.request({ method: 'POST', path, body }, options)) as
    | { index?: Record<string, Record<string, boolean>> }
    | undefined
  return lookupRights.every(right => answer?.index?.[names!]?.[right] === true)
}
