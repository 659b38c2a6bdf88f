/**
 * The readers' role as Kibana holds it: besides the streams it may look at Discover, dashboards and rules in one space. Through
 * Kibana's own API, which checks the names (Elasticsearch's takes any). What people added to the role stays.
 */
import { readerRights, streamNames } from './privileges.js'

interface Grant {
  readonly spaces: readonly string[]
  readonly base: readonly string[]
  readonly feature: Readonly<Record<string, readonly string[]>>
}
export interface KibanaRole {
  readonly description?: string
  readonly metadata?: object
  readonly elasticsearch?: {
    readonly cluster?: readonly string[]
    readonly indices?: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[]
    readonly run_as?: readonly string[]
  }
  readonly kibana?: readonly Grant[]
}

/** What a reader opens. Without a version these names are good in Kibana 8 and, as older names, in 9. */
const wanted = ['discover', 'dashboard', 'visualize', 'stackAlerts'] as const

/** @param known ids of this Kibana's features, if they can be asked for: then the newest name of each, and none that is missing */
export function featuresOf(known: readonly string[] | undefined): readonly string[] {
  if (known === undefined) return wanted
  return wanted.flatMap(name => {
    const versions = known.filter(id => baseOf(id) === name).sort((a, b) => versionOf(a) - versionOf(b))
    return versions.slice(-1)
  })
}

const baseOf = (id: string): string => id.replace(/_v\d+$/, '')
const versionOf = (id: string): number => Number(/_v(\d+)$/.exec(id)?.[1] ?? 1)

/** @returns undefined where the role may do all of it already */
export function extendRole(
  old: KibanaRole | undefined,
  { namespace, space, features }: { readonly namespace: string; readonly space: string; readonly features: readonly string[] },
): KibanaRole | undefined {
  const indices = old?.elasticsearch?.indices ?? []
  const reads = streamNames(namespace).every(name =>
    readerRights.index.every(right =>
      indices.some(({ names, privileges }) => names.includes(name) && privileges.includes(right)),
    ),
  )
  const grants = old?.kibana ?? []
  const lacking = features.filter(id => !grants.some(grant => allows(grant, space, id)))
  if (reads && lacking.length === 0) return undefined
  const stream = { names: streamNames(namespace), privileges: readerRights.index }
  return {
    ...(old?.description === undefined ? {} : { description: old.description }),
    ...(old?.metadata === undefined ? {} : { metadata: old.metadata }),
    elasticsearch: {
      cluster: [],
      run_as: [],
      ...old?.elasticsearch,
      indices: reads ? indices : [...indices, stream],
    },
    kibana: lacking.length === 0 ? grants : addTo(grants, space, lacking),
  }
}

function allows({ spaces, base, feature }: Grant, space: string, id: string): boolean {
  if (!spaces.includes(space) && !spaces.includes('*')) return false
  return base.length > 0 || Object.entries(feature).some(([name, rights]) => baseOf(name) === baseOf(id) && rights.length > 0)
}

/** Kibana takes one grant for a space: of several spaces, ours is taken out with what it had. */
function addTo(grants: readonly Grant[], space: string, features: readonly string[]): Grant[] {
  const had = grants.find(({ spaces }) => spaces.includes(space))
  const others = grants
    .map(grant => ({ ...grant, spaces: grant.spaces.filter(name => name !== space) }))
    .filter(({ spaces }) => spaces.length > 0)
  const read = Object.fromEntries(features.map(id => [id, ['read']]))
  return [...others, { spaces: [space], base: [], feature: { ...had?.feature, ...read } }]
}
