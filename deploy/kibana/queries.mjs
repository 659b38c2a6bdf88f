// What is searched for, in Kibana's query language. Few and simple: nothing here can be run before a person's Kibana runs it.
import { actions } from '../../dist/parsers/_actions.js'

/** @throws Error for a name that is not in the vocabulary */
export function does(...names) {
  for (const name of names) if (!Object.hasOwn(actions, name)) throw new Error(`no action ${name}`)
  const quoted = names.map(name => `"${name}"`)
  return `event.action: ${quoted.length === 1 ? quoted[0] : `(${quoted.join(' or ')})`}`
}

export const held = does('message-held')
export const posted = does('message-posted')
export const handedOver = does('message-delivered')
export const refused = does('message-delivery-failed')
export const bounced = does('bounce-received')
/** Every way in which mail does not get out. */
export const notDelivered = does('message-delivery-failed', 'delivery-abandoned', 'smtp-connect-failed', 'smtp-auth-failed')
export const failed = 'event.type: "error"'
export const restarted = does(
  'master-started',
  'master-stopped',
  'master-signal',
  'runner-exited',
  'runner-restarted',
  'runner-restart-limit',
)
export const joined = does('member-subscribed')
export const left = does('member-unsubscribed')
export const askedToJoin = does('subscription-pending', 'subscription-held')
export const switchedOff = does('member-disabled', 'member-removed')
export const loginFailed = does('login-failed')
export const denied = `event.category: "intrusion_detection" or ${loginFailed}`
export const unparsed = 'tags: "mailman_unparsed"'
/** Of each alert its beginning, and all that is told of it. */
export const alertRaised = does('alert-raised')
export const alerts = does('alert-raised', 'alert-grown', 'alert-acknowledged', 'alert-ended')
