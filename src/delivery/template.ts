/**
 * What setup installs: the index templates of the logs and of the agents' own health, from their tables of fields. Written in the form in which the server gives
 * it back (settings below `index`, as strings), so that setup can tell whether anything has changed.
 */
import { type Field, fields } from '../../parsers/_fields.js'
import { agentDataset, figures } from '../diagnostics/agent-document.js'

/** The mark in `_meta` by which things are known to be ours. */
export const managedBy = 'mailman-shipper'
export const templateName = 'logs-mailman'
export const retentionDays = 90

/** Every stream of logs. */
export const indexPattern = 'logs-mailman.*-*'

/** The agents' own health: a template and a stream of its own. */
export const agentTemplateName = `metrics-${agentDataset}`
export const agentStream = (namespace: string): string => `${agentTemplateName}-${namespace}`

/** Lucene takes no term of more than 32,766 bytes; what is longer than this is found by its words where there are any. */
const maxKeywordCharacters = 1024
/** Kept only, so of any length; said because logsdb's default would mark what is longer than 8191 as ignored. */
const maxKeptCharacters = 1_048_576

type Json = string | number | boolean | { readonly [key: string]: Json } | readonly Json[]
export type JsonObject = { readonly [key: string]: Json }

const meta = (description: string): JsonObject => ({ managed_by: managedBy, description })

export interface Template {
  readonly name: string
  readonly kind: 'component' | 'index'
  readonly body: JsonObject
}

/** In the order in which they must be put. */
export function makeTemplates(): readonly Template[] {
  const mappings: Template = {
    name: 'mailman@mappings',
    kind: 'component',
    body: { template: { mappings: makeMappings() }, _meta: meta('Fields of Mailman’s logs') },
  }
  const settings: Template = {
    name: 'mailman@settings',
    kind: 'component',
    body: {
      template: {
        // A value that does not fit its field's type is ignored there (`_ignored`) and costs no document.
        settings: { index: { codec: 'best_compression', mapping: { ignore_malformed: 'true' } } },
        lifecycle: { data_retention: `${retentionDays}d` },
      },
      _meta: meta('Storage and retention of Mailman’s logs; override it in logs-mailman@custom'),
    },
  }
  const index: Template = {
    name: templateName,
    kind: 'index',
    body: {
      index_patterns: [indexPattern],
      // Elastic's own logs-*-* has 100, Fleet's have 200.
      priority: 250,
      data_stream: {},
      // The later one wins: Elastic's before ours, so that no type of ours is ever another; the site's own last.
      composed_of: ['ecs@mappings', mappings.name, settings.name, 'logs-mailman@custom'],
      ignore_missing_component_templates: ['ecs@mappings', 'logs-mailman@custom'],
      _meta: meta('Data streams of mailman-shipper'),
    },
  }
  const agent: Template = {
    name: agentTemplateName,
    kind: 'index',
    body: {
      index_patterns: [agentStream('*')],
      priority: 250,
      data_stream: {},
      composed_of: [settings.name, 'metrics-mailman@custom'],
      ignore_missing_component_templates: ['metrics-mailman@custom'],
      template: { mappings: makeAgentMappings() },
      _meta: meta('The health of mailman-shipper itself'),
    },
  }
  return [mappings, settings, index, agent]
}

/** Fields outside the table stay in the document and are not searchable: strangers must not be able to make fields (F65). */
export const makeMappings = (): JsonObject => mappingsOf(fields)

export const makeAgentMappings = (): JsonObject => mappingsOf(figures)

function mappingsOf(table: Readonly<Record<string, Field>>): JsonObject {
  const properties: Tree = new Map()
  for (const [name, field] of Object.entries(table)) plant(properties, name.split('.'), describe(name, field))
  return { dynamic: false, date_detection: false, properties: toJson(properties) }
}

type Tree = Map<string, Tree | JsonObject>

function plant(tree: Tree, path: readonly string[], leaf: JsonObject): void {
  const [name, ...rest] = path as [string, ...string[]]
  if (rest.length === 0) {
    tree.set(name, leaf)
    return
  }
  const below = tree.get(name) ?? new Map()
  if (!(below instanceof Map)) throw new Error(`${name} is a field and has fields`)
  tree.set(name, below)
  plant(below, rest, leaf)
}

function toJson(tree: Tree): JsonObject {
  const entries = [...tree].map(([name, node]) => [name, node instanceof Map ? { properties: toJson(node) } : node] as const)
  return Object.fromEntries(entries)
}

function describe(name: string, field: Field): JsonObject {
  // A data stream refuses a document without a time; what is malformed there must not be ignored.
  if (name === '@timestamp') return { type: 'date', ignore_malformed: false }
  switch (field.type) {
    case 'keyword': {
      if (field.unindexed) return { type: 'keyword', index: false, doc_values: false, ignore_above: maxKeptCharacters }
      const keyword = { type: 'keyword', ignore_above: maxKeywordCharacters }
      return field.words ? { ...keyword, fields: { text: words } } : keyword
    }
    case 'text':
      return words
    default:
      return { type: field.type }
  }
}

/** Nobody ranks log lines by length. */
const words: JsonObject = { type: 'text', norms: false }
