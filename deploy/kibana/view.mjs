// The data views. One of all logs' streams: readable values, and links from a message id, a list or an address to all that is known of
// it. And one of what the agents say of themselves.
import { fields } from '../../dist/parsers/_fields.js'
import { figures } from '../../dist/src/diagnostics/agent-document.js'

/**
 * The oldest versions that are written down: Kibana brings older objects up to date by itself and refuses newer ones, so these
 * can be imported from 8.9 on.
 */
export const versions = { 'index-pattern': '8.0.0', search: '8.0.0', dashboard: '8.9.0' }
export const dataViewId = 'mailman-logs'
export const agentViewId = 'mailman-agents'

/** Kibana's name for “every document”. */
export const records = '___records___'

/**
 * A recipient's domain stands in no field of its own. Computed when it is asked for, by Elasticsearch, from a field of the table.
 */
const runtimeFields = {
  recipient_domain: {
    type: 'keyword',
    script: {
      source:
        "if (doc.containsKey('email.to.address')) { for (def address : doc['email.to.address']) { int at = address.lastIndexOf('@'); if (at >= 0) { emit(address.substring(at + 1).toLowerCase()) } } }",
    },
  },
}

const known = { ...figures, ...fields, ...runtimeFields }

/** @throws Error for a field that neither a mapping nor a data view has: a generator's mistake */
export function field(name) {
  if (!Object.hasOwn(known, name)) throw new Error(`no field ${name}`)
  return name
}

export const typeOf = name => {
  const { type } = known[field(name)]
  return { keyword: 'string', text: 'string', long: 'number', float: 'number' }[type] ?? type
}

/**
 * A link to Kibana's own Discover, never elsewhere: a sender chooses his message id. `{{value}}` is percent-encoded by Kibana. What
 * he can still do with a quotation mark in it is to end the search's text and so to alter this one search, with the rights of the
 * person who clicks; that is why no link leads to a dashboard, whose address can carry panels.
 */
const link = name => ({
  id: 'url',
  params: {
    type: 'a',
    labelTemplate: '{{value}}',
    urlTemplate: `../app/discover#/view/mailman-events?_g=(time:(from:now-90d,to:now))&_a=(query:(language:kuery,query:'${field(name)}:"{{value}}"'),sort:!(!('@timestamp',asc)))`,
    openLinkInCurrentTab: true,
  },
})
const bytes = { id: 'bytes', params: { pattern: '0,0.[0]b' } }

const formats = {
  'email.message_id': link('email.message_id'),
  'mailman.list.name': link('mailman.list.name'),
  'mailman.list.fqdn': link('mailman.list.fqdn'),
  ...Object.fromEntries(
    ['email.from.address', 'email.to.address', 'user.email', 'user.changes.email'].map(name => [
      field(name),
      link('related.user'),
    ]),
  ),
  'related.user': link('related.user'),
  'event.duration': {
    id: 'duration',
    params: { inputFormat: 'nanoseconds', outputFormat: 'asSeconds', outputPrecision: 3, useShortSuffix: true },
  },
  'mailman.message.size': bytes,
  'http.response.body.bytes': bytes,
  // Numbers that are names: no thousands' comma.
  ...Object.fromEntries(
    ['process.pid', 'mailman.runner.pid', 'source.port', 'server.port', 'http.response.status_code'].map(name => [
      field(name),
      { id: 'number', params: { pattern: '0' } },
    ]),
  ),
}

export const dataView = {
  type: 'index-pattern',
  id: dataViewId,
  attributes: {
    title: 'logs-mailman.*-*',
    name: 'Mailman logs',
    timeFieldName: field('@timestamp'),
    // There are no streams before the first event: a dashboard is empty then, not broken.
    allowNoIndex: true,
    fieldFormatMap: JSON.stringify(formats),
    runtimeFieldMap: JSON.stringify(runtimeFields),
    fieldAttrs: JSON.stringify({ recipient_domain: { customLabel: 'Recipient’s domain' } }),
  },
  references: [],
}

const seconds = {
  id: 'duration',
  params: { inputFormat: 'seconds', outputFormat: 'humanizePrecise', outputPrecision: 0, useShortSuffix: true },
}
const agentFormats = Object.fromEntries([
  ...['lag', 'lost', 'memory', 'heap'].map(name => [field(`mailman.agent.${name}.bytes`), bytes]),
  ...['uptime', 'lag', 'hold_up', 'checkpoint.age'].map(name => [field(`mailman.agent.${name}.seconds`), seconds]),
  ['process.pid', { id: 'number', params: { pattern: '0' } }],
])

export const agentView = {
  type: 'index-pattern',
  id: agentViewId,
  attributes: {
    title: 'metrics-mailman.agent-*',
    name: 'Mailman agents',
    timeFieldName: field('@timestamp'),
    allowNoIndex: true,
    fieldFormatMap: JSON.stringify(agentFormats),
    runtimeFieldMap: '{}',
    fieldAttrs: '{}',
  },
  references: [],
}
