/**
 * What a rule does when it fires: a connector of the site's own, with a message in the form that its type takes. The free licence has
 * two types (server log, index); which are allowed Kibana itself is asked.
 */
import { isDeepStrictEqual } from 'node:util'
import { ShipperError } from '../errors.js'
import { askKibana, type Kibana, reasonOf } from './kibana-connection.js'
import type { Rule } from './kibana-rules.js'

export interface Action {
  readonly id: string
  readonly group: string
  readonly params: Readonly<Record<string, unknown>>
  readonly frequency?: object
  readonly uuid?: string
  readonly alerts_filter?: object
  readonly use_alert_data_for_template?: boolean
}

export type ActionMaker = (rule: Rule) => readonly Action[]

interface Message {
  readonly subject: string
  readonly text: string
  readonly isOver: boolean
}

/** Fewer posts on a quiet host end an alert too. */
const calm = 'The rule finds no sign of it any more: look whether it is mended, or whether only less is sent.'

/** Once when it begins and once when it is over. */
const frequency = { summary: false, notify_when: 'onActionGroupChange', throttle: null }

type Form = (message: Message, to: string | undefined) => Record<string, unknown>

/** The types whose action needs no more than a message, by id: what they take is in Kibana's connectors/…/schema. */
const forms = new Map<string, Form>([
  ['.server-log', ({ subject, text, isOver }) => ({ level: isOver ? 'info' : 'error', message: `${subject}: ${text}` })],
  [
    '.index',
    ({ subject, text, isOver }) => ({ documents: [{ '@timestamp': '{{date}}', rule: subject, over: isOver, message: text }] }),
  ],
  ['.email', ({ subject, text }, to) => ({ to: [to], subject, message: text })],
  ['.slack', ({ subject, text }) => ({ message: `*${subject}*\n${text}` })],
  ['.teams', ({ subject, text }) => ({ message: `**${subject}**\n\n${text}` })],
  // Kibana writes the values into it as JSON needs it.
  ['.webhook', ({ subject, text, isOver }) => ({ body: JSON.stringify({ rule: subject, over: isOver, message: text }) })],
])

/**
 * @param to the recipient, for a connector that sends mail
 * @throws ShipperError MLS_SETUP_FAILED where this connector cannot be used, with what to do
 */
export async function openConnector(
  kibana: Kibana,
  space: string,
  id: string,
  to: string | undefined,
): Promise<{ readonly makeActions: ActionMaker; readonly type: string }> {
  const found = await askKibana(kibana, { method: 'GET', path: `/s/${space}/api/actions/connector/${encodeURIComponent(id)}` })
  const fail = (why: string): never => {
    throw new ShipperError('MLS_SETUP_FAILED', why)
  }
  if (found.status === 404)
    fail(
      `the space ${space} has no connector of this id: a connector belongs to a space, so make it there (Stack Management, Connectors), or in kibana.yml for all spaces`,
    )
  if (found.status !== 200) fail(`the connector cannot be read: Actions and Connectors (read) is needed (${reasonOf(found)})`)
  const { connector_type_id: type, is_missing_secrets: isEmpty } = (found.body ?? {}) as Record<string, unknown>
  if (typeof type !== 'string' || !/^[.\w-]{1,60}$/.test(type)) return fail('Kibana does not tell its type')
  if (isEmpty === true) fail('its password or key is missing: enter it in Kibana (Fix)')
  const form = forms.get(type) ?? fail(`setup knows no message for a connector of type ${type}: add it to the rules in Kibana`)
  if (type === '.email' && to === undefined) fail('it sends mail: name the recipient with --kibana-alert-to')
  const types = await askKibana(kibana, { method: 'GET', path: `/s/${space}/api/actions/connector_types` })
  const listed = Array.isArray(types.body) ? (types.body as Record<string, unknown>[]) : []
  const allowed = listed.find(one => one?.id === type)
  if (allowed?.enabled_in_license === false)
    fail(`Kibana’s licence does not allow connectors of type ${type}; the free one has .server-log and .index`)
  if (allowed?.enabled_in_config === false) fail(`kibana.yml does not allow connectors of type ${type} (xpack.actions)`)
  const makeActions: ActionMaker = ({ group, text, body }) => [
    { group, id, params: form({ subject: body.name, text: `${text}\n{{context.link}}`, isOver: false }, to), frequency },
    {
      group: 'recovered',
      id,
      params: form({ subject: `No longer: ${body.name}`, text: calm, isOver: true }, to),
      frequency,
    },
  ]
  return { makeActions, type }
}

/** Those that are there, ours in place of earlier ones of ours. @returns undefined: ours are there already */
export function joinActions(old: readonly Action[], ours: readonly Action[]): readonly Action[] | undefined {
  const isThere = (action: Action): boolean =>
    old.some(
      one =>
        isSame(one, action) &&
        Object.entries(action.params).every(([name, value]) => isDeepStrictEqual(one.params?.[name], value)),
    )
  if (ours.every(isThere)) return undefined
  const others = old.filter(one => !ours.some(action => isSame(one, action)))
  return [...keepActions(others), ...ours]
}

/** As an update takes them: Kibana's answers have more than it takes. */
export const keepActions = (old: readonly Action[]): readonly Action[] => old.map(strip)

const isSame = (one: Action, other: Action): boolean => one.id === other.id && one.group === other.group

const strip = ({ id, group, params, ...rest }: Action): Action => {
  const { frequency, uuid, alerts_filter, use_alert_data_for_template } = rest
  const kept = { frequency, uuid, alerts_filter, use_alert_data_for_template }
  return { id, group, params, ...Object.fromEntries(Object.entries(kept).filter(([, value]) => value != null)) }
}
