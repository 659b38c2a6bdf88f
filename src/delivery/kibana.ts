/**
 * What setup does in Kibana: asks who answers there, makes a space, lets the readers in, and brings data view, searches,
 * dashboards and alert rules. Nothing that an agent needs; each step stands for itself, but after a Kibana that does not answer none is tried.
 */
import { ShipperError } from '../errors.js'
import { askKibana, isOpen, type Kibana, type KibanaRequest, reasonOf } from './kibana-connection.js'
import { installObjects, type SavedObjects } from './kibana-objects.js'
import { extendRole, featuresOf, type KibanaRole } from './kibana-role.js'
import { installRules, type Rule } from './kibana-rules.js'
import { type ActionMaker, openConnector } from './kibana-rules-actions.js'
import type { KibanaRight } from './privileges.js'
import { readerRole } from './reader-role.js'
import type { StepPlan, StepStatus } from './step.js'

type Result = { readonly status: StepStatus; readonly detail: string }

/** Dashboards, searches and lens charts have one id in all of Kibana: they live in this one. */
export const space = 'mailman'
/** The oldest into which the objects can be imported: theirs is the version 8.9. */
const oldest: readonly [number, number] = [8, 9]

const rolePath = `/api/security/role/${readerRole}`
const isRefusal = (status: number): boolean => status === 401 || status === 403

export const postSpace: KibanaRequest = {
  method: 'POST',
  path: '/api/spaces/space',
  body: {
    id: space,
    name: 'Mailman',
    description: 'Mailman’s logs: searches and dashboards of mailman-shipper',
    disabledFeatures: [],
  },
}

/** @param old the role as Kibana has it; undefined: none */
export const putKibanaRole = (
  namespace: string,
  features = featuresOf(undefined),
  old?: KibanaRole,
): KibanaRequest | undefined => {
  const body = extendRole(old, { namespace, space, features })
  return body === undefined ? undefined : { method: 'PUT', path: rolePath, body }
}

export interface RulesWish {
  readonly rules: readonly Rule[]
  /** Id of a connector that tells people. */
  readonly connector?: string | undefined
  /** Recipient, where it sends mail. */
  readonly to?: string | undefined
}

/**
 * @param missing what the account lacks for making roles, as Elasticsearch says
 * @param lacks what it lacks of Kibana's own privileges, in words, as Elasticsearch says
 */
export function planKibana(
  kibana: Kibana,
  objects: SavedObjects,
  namespace: string,
  missing: readonly string[],
  wish?: RulesWish,
  lacks: (right: KibanaRight) => readonly string[] = () => [],
): StepPlan[] {
  let version: readonly [number, number] | undefined
  const step = (name: string, run: () => Promise<Result>, lacks: readonly string[] = []): StepPlan => ({
    name: `Kibana ${name}`,
    needed: false,
    missing: lacks,
    run: async () => (version !== undefined ? run() : { status: 'skipped', detail: 'see above' }),
  })
  const asked: StepPlan = {
    name: 'Kibana',
    needed: false,
    missing: [],
    run: async () => {
      const found = await askStatus(kibana)
      version = found.version
      return { status: 'unchanged', detail: found.detail }
    },
  }
  return [
    asked,
    step(`space ${space}`, () => makeSpace(kibana, lacks('spaces'))),
    step(`role ${readerRole}`, () => extend(kibana, namespace), missing),
    step('data view, searches and dashboards', () => installObjects(kibana, space, objects), lacks('objects')),
    ...(wish === undefined ? [] : planRules(kibana, wish, lacks, step, () => version!)),
  ]
}

function planRules(
  kibana: Kibana,
  { rules, connector, to }: RulesWish,
  lacks: (right: KibanaRight) => readonly string[],
  step: (name: string, run: () => Promise<Result>, lacks: readonly string[]) => StepPlan,
  version: () => readonly [number, number],
): StepPlan[] {
  let makeActions: ActionMaker | undefined
  const open = async (id: string): Promise<Result> => {
    const opened = await openConnector(kibana, space, id, to)
    makeActions = opened.makeActions
    return { status: 'unchanged', detail: `of type ${opened.type}` }
  }
  // A connector that cannot be used holds up its actions alone.
  return [
    ...(connector === undefined ? [] : [step(`connector ${connector}`, () => open(connector), lacks('connectors'))]),
    step('alert rules', () => installRules(kibana, space, rules, makeActions, version()), lacks('rules')),
  ]
}

/** @returns what answers. @throws ShipperError where nothing can be done there */
async function askStatus(kibana: Kibana): Promise<{ readonly version: readonly [number, number]; readonly detail: string }> {
  const answer = await askKibana(kibana, { method: 'GET', path: '/api/status' })
  const status = answer.body as { version?: { number?: unknown }; status?: { overall?: { level?: unknown } } } | null | undefined
  if (isRefusal(answer.status))
    throw new ShipperError('MLS_KIBANA_ANSWER', `it does not let this account in (status ${answer.status})`)
  const version = status?.version?.number
  if (typeof version !== 'string' || !/^\d+\.\d+\.\d+[\w.-]{0,30}$/.test(version)) {
    // Without a login it tells whether it is well, and nothing else.
    const detail =
      status?.status === undefined ? `status ${answer.status}, no version` : 'it does not tell its version to this account'
    throw new ShipperError('MLS_KIBANA_ANSWER', detail)
  }
  const [major, minor] = version.split('.').map(Number) as [number, number]
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) throw new ShipperError('MLS_KIBANA_VERSION', version)
  if (answer.status === 503 || status?.status?.overall?.level === 'unavailable')
    throw new ShipperError('MLS_KIBANA_UNREACHABLE', `version ${version} is not ready yet`)
  const open = isOpen(kibana) ? ', without TLS: the password can be read on the way' : ''
  return { version: [major, minor], detail: `version ${version} answers${open}` }
}

async function makeSpace(kibana: Kibana, lacks: readonly string[]): Promise<Result> {
  const found = await askKibana(kibana, { method: 'GET', path: `/api/spaces/space/${space}` })
  if (found.status === 200) return { status: 'unchanged', detail: '' }
  if (lacks.length > 0) return { status: 'refused', detail: `the account lacks ${lacks.join('; ')}` }
  const made = await askKibana(kibana, postSpace)
  if (made.status === 200) return { status: 'done', detail: 'made' }
  if (made.status === 409) return { status: 'unchanged', detail: 'it is there, but this account may not see it' }
  if (isRefusal(made.status))
    return {
      status: 'refused',
      detail: `the account lacks the role kibana_admin, or another that may make spaces (${reasonOf(made)})`,
    }
  return { status: 'failed', detail: reasonOf(made) }
}

async function extend(kibana: Kibana, namespace: string): Promise<Result> {
  const found = await askKibana(kibana, { method: 'GET', path: rolePath })
  if (found.status !== 200 && found.status !== 404) return refused(found.status, reasonOf(found))
  const old = found.status === 200 ? (found.body as KibanaRole & { readonly _transform_error?: readonly unknown[] }) : undefined
  if ((old?._transform_error ?? []).length > 0)
    return {
      status: 'skipped',
      detail: 'Kibana cannot read all of the role’s privileges and would drop them: add the space by hand',
    }
  const request = putKibanaRole(namespace, featuresOf(await askFeatures(kibana)), old)
  if (request === undefined) return { status: 'unchanged', detail: '' }
  const put = await askKibana(kibana, request)
  if (put.status === 404) return { status: 'skipped', detail: 'security is off in this Kibana: anybody may look' }
  if (put.status !== 200 && put.status !== 204) return refused(put.status, reasonOf(put))
  return { status: 'done', detail: `may open Discover and the dashboards in the space ${space}` }
}

function refused(status: number, reason: string): Result {
  if (!isRefusal(status)) return { status: 'failed', detail: reason }
  return { status: 'refused', detail: `the account lacks cluster privilege manage_security, which Kibana asks for (${reason})` }
}

/** Undefined where the account may not ask. */
async function askFeatures(kibana: Kibana): Promise<readonly string[] | undefined> {
  const { status, body } = await askKibana(kibana, { method: 'GET', path: '/api/features' })
  if (status !== 200 || !Array.isArray(body)) return undefined
  return body.flatMap((feature: { id?: unknown } | null) => (typeof feature?.id === 'string' ? [feature.id] : []))
}
