/**
 * Rules and connectors of the Kibana of the tests: kept as the real one's API does, which takes no key that it does not know (Kibana's
 * `alerting/common/routes/rule/apis/{create,update}/schemas/v1.ts`) and no id but a UUID.
 */
import type { KibanaReply } from './fake-kibana.js'

export interface StoredRule {
  readonly space: string
  readonly [key: string]: unknown
}

export interface FakeRules {
  /** Id → rule, as it is answered. */
  readonly rules: Map<string, StoredRule>
  /** Id → connector in the space that it is in. */
  readonly connectors: Map<
    string,
    { readonly space: string; readonly connector_type_id: string; readonly is_missing_secrets?: boolean }
  >
  /** Of connectors that this licence allows. */
  readonly licensed: Set<string>
  /** @returns undefined: not about these */
  answer(what: string, body: unknown): KibanaReply | undefined
}

const createKeys = 'name rule_type_id enabled consumer tags params schedule actions alert_delay'.split(' ')
const updateKeys = 'name tags params schedule actions alert_delay'.split(' ')
const actionKeys = 'group id params frequency uuid alerts_filter use_alert_data_for_template'.split(' ')
const uuid = /^[\da-f]{8}-[\da-f]{4}-[14][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
const types = ['.server-log', '.index', '.email', '.slack', '.teams', '.webhook', '.jira']

interface Body {
  readonly actions?: readonly { readonly id: string }[]
}

export function makeFakeRules(fault: (message: string) => KibanaReply): FakeRules {
  const rules: FakeRules['rules'] = new Map()
  const connectors: FakeRules['connectors'] = new Map()
  const licensed = new Set(['.server-log', '.index'])
  const missing: KibanaReply = { status: 404, body: { statusCode: 404, message: 'Not Found' } }

  const connectorOf = (id: string, space: string) => {
    const found = connectors.get(id)
    return found?.space === space ? found : undefined
  }
  const keep = (id: string, space: string, body: Body, keys: readonly string[], old: object): KibanaReply => {
    const actions = body.actions ?? []
    const strange = [
      ...Object.keys(body).filter(key => !keys.includes(key)),
      ...actions.flatMap(action => Object.keys(action).filter(key => !actionKeys.includes(key))),
    ]
    if (strange.length > 0) return fault(`[request body]: definition for ${strange.join()} is not known`)
    if (!uuid.test(id))
      return fault('Predefined IDs are not allowed for saved objects with encrypted attributes unless the ID is a UUID.')
    if (actions.some(action => connectorOf(action.id, space) === undefined)) return fault('Failed to load action')
    const stored = actions.map((action, i) => ({
      uuid: `00000000-0000-4000-8000-00000000000${i}`,
      ...action,
      connector_type_id: connectors.get(action.id)?.connector_type_id,
    }))
    const rule = {
      ...old,
      ...body,
      actions: stored,
      space,
      id,
      revision: 0,
      execution_status: { status: 'ok' },
      mute_all: false,
    }
    rules.set(id, rule)
    return { body: rule }
  }

  return {
    rules,
    connectors,
    licensed,
    answer(what, body) {
      const [, method = '', space = '', rest = ''] = /^(\w+) \/s\/([\w-]+)\/api\/((?:alerting|actions)\/.*)$/.exec(what) ?? []
      if (rest === '') return undefined
      if (what.endsWith('/alerting/_health'))
        return { body: { is_sufficiently_secure: true, has_permanent_encryption_key: true, alerting_framework_health: {} } }
      if (rest === 'actions/connector_types')
        return { body: types.map(id => ({ id, enabled_in_config: true, enabled_in_license: licensed.has(id) })) }
      const connector = /^actions\/connector\/([^/]+)$/.exec(rest)?.[1]
      if (connector !== undefined) {
        const found = connectorOf(decodeURIComponent(connector), space)
        return found === undefined ? missing : { body: { id: connector, name: 'x', is_missing_secrets: false, ...found } }
      }
      const id = /^alerting\/rule\/([^/]+)$/.exec(rest)?.[1]
      if (id === undefined) return fault(`${what} is not known`)
      const old = rules.get(id)
      if (method === 'POST')
        return old === undefined ? keep(id, space, body as Body, createKeys, {}) : { status: 409, body: { message: 'conflict' } }
      if (old?.space !== space) return missing
      if (method === 'GET') return { body: old }
      if (method === 'DELETE') return { status: rules.delete(id) ? 204 : 404 }
      return keep(id, space, body as Body, updateKeys, old)
    },
  }
}
