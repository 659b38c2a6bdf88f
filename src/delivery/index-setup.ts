/**
 * The steps that prepare the cluster: component templates, index templates, the stream of the agents' own health, and the streams that
 * are there already, which take nothing from a changed template by themselves. Every step may be repeated. How long
 * events are kept: retention.ts.
 */
import { type Client, errors } from './elastic.js'
import { streamNames } from './privileges.js'
import { perform, type Request } from './request.js'
import type { StepPlan, StepStatus } from './step.js'
import {
  agentStream,
  type JsonObject,
  makeAgentMappings,
  makeMappings,
  makeTemplates,
  managedBy,
  type Template,
} from './template.js'

export type StepResult = { readonly status: StepStatus; readonly detail: string }

export const putTemplate = ({ kind, name, body }: Template): Request => ({
  method: 'PUT',
  path: `/_${kind}_template/${name}`,
  body,
})

export function planTemplates(client: Client, missing: readonly string[]): StepPlan[] {
  return makeTemplates().map(template => ({
    name: `${template.kind} template ${template.name}`,
    needed: true,
    missing,
    run: () => install(client, template),
  }))
}

async function install(client: Client, template: Template): Promise<StepResult> {
  const found = await readTemplate(client, template)
  if (found !== undefined && !isOurs(found)) {
    // Somebody made it; the agent says so too, and works with it as well as it can.
    return {
      status: 'skipped',
      detail: `one of that name exists that is not ours (no _meta.managed_by): left as it is; rename or delete it, then repeat`,
    }
  }
  if (found !== undefined && contains(found, template.body)) return { status: 'unchanged', detail: '' }
  await perform(client, putTemplate(template))
  return { status: 'done', detail: found === undefined ? 'made' : 'brought up to date' }
}

/** @returns undefined where there is none */
export async function readTemplate(client: Client, { kind, name }: Pick<Template, 'kind' | 'name'>): Promise<unknown> {
  const answer = await orUndefined(perform(client, { method: 'GET', path: `/_${kind}_template/${name}` }), [404])
  const list = (answer as Record<string, { [key: string]: unknown }[]> | undefined)?.[`${kind}_templates`]
  return list?.[0]?.[`${kind}_template`]
}

export function isOurs(template: unknown): boolean {
  return (template as { _meta?: { managed_by?: unknown } })._meta?.managed_by === managedBy
}

/** Whether all of `wanted` is in `found`. What a site added beside it is its own business. */
export function contains(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return Array.isArray(found) && found.length === wanted.length && wanted.every((value, i) => contains(found[i], value))
  if (typeof wanted !== 'object' || wanted === null) return String(found) === String(wanted)
  if (typeof found !== 'object' || found === null) return false
  return Object.entries(wanted).every(([key, value]) => contains((found as Record<string, unknown>)[key], value))
}

/** New fields into the streams that exist. No rollover: an id is unique within one backing index only. */
export function planStreams(client: Client, namespace: string, missing: readonly string[]): StepPlan[] {
  return [
    { name: `stream ${agentStream(namespace)}`, needed: false, missing, run: () => makeStream(client, namespace) },
    { name: 'fields of existing streams', needed: false, missing, run: () => updateAllFields(client, namespace) },
  ]
}

/** Whoever asks for it before the first document shall find it. */
export const putAgentStream = (namespace: string): Request => ({ method: 'PUT', path: `/_data_stream/${agentStream(namespace)}` })

async function makeStream(client: Client, namespace: string): Promise<StepResult> {
  try {
    await perform(client, putAgentStream(namespace))
    return { status: 'done', detail: 'made' }
  } catch (error) {
    if (!(error instanceof errors.ResponseError)) throw error
    if (error.body?.error?.type === 'resource_already_exists_exception') return { status: 'unchanged', detail: '' }
    // A server without this part has no handler for it, and says so without a type.
    if (![400, 405].includes(error.statusCode ?? 0) || typeof error.body?.error !== 'string') throw error
    return { status: 'skipped', detail: 'this server makes it with the first document' }
  }
}

async function updateAllFields(client: Client, namespace: string): Promise<StepResult> {
  const [logs, metrics] = streamNames(namespace) as [string, string]
  const results = [await updateFields(client, logs, makeMappings()), await updateFields(client, metrics, makeAgentMappings())]
  return results.find(({ status }) => status === 'done') ?? results[0]!
}

async function updateFields(client: Client, pattern: string, wanted: JsonObject): Promise<StepResult> {
  const answer = (await perform(client, { method: 'GET', path: `/${pattern}/_mapping` })) as Record<
    string,
    { mappings?: unknown }
  >
  const old = Object.values(answer).filter(index => !contains(index.mappings, readBack(wanted)))
  if (old.length === 0) return { status: 'unchanged', detail: '' }
  await perform(client, { method: 'PUT', path: `/${pattern}/_mapping?write_index_only=true`, body: wanted })
  return { status: 'done', detail: 'brought up to date' }
}

/** An index gives its mapping back without what is the default there. */
function readBack(mappings: JsonObject): JsonObject {
  return { properties: stripDefaults(mappings.properties as JsonObject) }
}

function stripDefaults(properties: JsonObject): JsonObject {
  const kept = Object.entries(properties).map(([name, value]) => {
    const { ignore_malformed, properties: below, ...rest } = value as { ignore_malformed?: boolean; properties?: JsonObject }
    return [name, below === undefined ? rest : { ...rest, properties: stripDefaults(below) }] as const
  })
  return Object.fromEntries(kept) as JsonObject
}

/** @returns undefined where the server answers with one of these statuses */
export async function orUndefined<T>(answer: Promise<T>, statuses: readonly number[]): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof errors.ResponseError && statuses.includes(error.statusCode ?? 0)) return undefined
    throw error
  }
}
