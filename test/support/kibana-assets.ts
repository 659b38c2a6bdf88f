/**
 * Kibana imports nonsense happily and then shows a broken page, and no validator of its maker looks inside a chart. So the saved
 * objects are checked here, as far as that goes without Kibana: each check gives complaints, in words.
 */
import { actions } from '../../parsers/_actions.js'
import { type JsonObject, makeAgentMappings, makeMappings } from '../../src/delivery/template.js'
import { type Lens, lensComplaints } from './kibana-lens.js'

export type Tree = { [key: string]: unknown }

export interface SavedObject {
  readonly type: string
  readonly id: string
  readonly attributes: Tree
  readonly references: readonly Reference[]
  readonly coreMigrationVersion?: string
  readonly typeMigrationVersion?: string
}
export interface Reference {
  readonly type: string
  readonly id: string
  readonly name: string
}
interface Panel {
  readonly type: string
  readonly panelIndex: string
  readonly panelRefName?: string
  readonly gridData: { readonly x: number; readonly y: number; readonly w: number; readonly h: number; readonly i: string }
  readonly embeddableConfig: {
    readonly attributes?: Lens
    readonly savedVis?: { readonly params: { readonly markdown: string } }
  }
}

export const parseObjects = (ndjson: string): SavedObject[] =>
  ndjson
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as SavedObject)

const GRID_COLUMNS = 48
/** Types and their attributes at the versions that are written (Kibana's model versions before 8.9). */
const known = new Map([
  [
    'index-pattern',
    { version: '8.0.0', attributes: 'title name timeFieldName allowNoIndex fieldFormatMap runtimeFieldMap fieldAttrs' },
  ],
  ['search', { version: '8.0.0', attributes: 'title description columns sort grid hideChart kibanaSavedObjectMeta' }],
  [
    'dashboard',
    {
      version: '8.9.0',
      attributes:
        'title description timeRestore timeFrom timeTo refreshInterval optionsJSON panelsJSON controlGroupInput kibanaSavedObjectMeta version',
    },
  ],
])

/** Field → type, as in the mapping that setup installs; a field that cannot be searched is not among them. */
export function mappedFields(mappings: JsonObject = makeMappings(), prefix = '', found = new Map<string, string>()) {
  for (const [name, node] of Object.entries((mappings.properties ?? mappings.fields ?? {}) as Record<string, JsonObject>)) {
    if (typeof node.type === 'string' && node.index !== false) found.set(prefix + name, node.type)
    mappedFields(node, `${prefix}${name}.`, found)
  }
  return found
}

/** @returns what is wrong, empty where nothing is */
export function complaints(objects: readonly SavedObject[]): string[] {
  const fieldsOf = new Map(
    objects.filter(({ type }) => type === 'index-pattern').map(view => [view.id, fieldsOfView(view)] as const),
  )
  return objects.flatMap(object => {
    try {
      return check(object, objects, fieldsOf).map(complaint => `${object.id}: ${complaint}`)
    } catch (error) {
      return [`${object.id}: not of the form that is expected (${String(error)})`]
    }
  })
}

/** Title of a data view → the mapping of its streams. */
const mappingOf = new Map([
  ['logs-mailman.*-*', makeMappings],
  ['metrics-mailman.agent-*', makeAgentMappings],
])

type Fields = ReadonlyMap<string, string>
/** By the id of the data view. */
type FieldsOf = ReadonlyMap<string, Fields>

function fieldsOfView({ attributes }: SavedObject): Fields {
  const fields = mappedFields(mappingOf.get(`${attributes.title}`)?.() ?? {})
  const runtime = readJson(attributes.runtimeFieldMap) as Record<string, { type: string }> | undefined
  for (const [name, { type }] of Object.entries(runtime ?? {})) fields.set(name, type)
  return fields
}

const none: Fields = new Map()

function check(object: SavedObject, objects: readonly SavedObject[], fieldsOf: FieldsOf): string[] {
  const { type, id, attributes, references } = object
  const form = known.get(type)
  if (form === undefined) return [`type ${type} is not known`]
  const found: string[] = []
  if (!id.startsWith('mailman-')) found.push('an id begins with mailman-')
  if (object.coreMigrationVersion !== '8.8.0' || object.typeMigrationVersion !== form.version)
    found.push(`version ${object.typeMigrationVersion}, which Kibana 8.9 may refuse`)
  const allowed = form.attributes.split(' ')
  for (const name of Object.keys(attributes)) if (!allowed.includes(name)) found.push(`attribute ${name} is not known`)
  if (typeof attributes.title !== 'string' || attributes.title.length < 5) found.push('no title')
  for (const { type, id } of references)
    if (!objects.some(other => other.type === type && other.id === id)) found.push(`refers to ${type} ${id}, which is missing`)
  for (const path of brokenJson(attributes)) found.push(`${path} is no JSON string`)
  if (found.length > 0) return found
  if (type === 'index-pattern') return viewComplaints(attributes, fieldsOf.get(id) ?? none)
  if (type === 'dashboard') return dashboardComplaints(object, objects, fieldsOf)
  const fields = fieldsOf.get(references[0]?.id ?? '') ?? none
  return [...queryComplaints(readSource(attributes).query?.query ?? '', fields), ...searchComplaints(object, fields)]
}

const readJson = (text: unknown): Tree | undefined => (typeof text === 'string' ? (JSON.parse(text) as Tree) : undefined)

/** Paths of attributes that by their name hold JSON, and hold none. */
function brokenJson(node: Tree, prefix = ''): string[] {
  return Object.entries(node).flatMap(([name, value]) => {
    if (/JSON$|Map$|^fieldAttrs$/.test(name)) {
      try {
        if (typeof JSON.parse(value as string) === 'object') return []
      } catch {
        // said below
      }
      return [prefix + name]
    }
    return typeof value === 'object' && value !== null ? brokenJson(value as Tree, `${prefix}${name}.`) : []
  })
}

interface SearchSource {
  readonly query?: { readonly query: string }
  readonly indexRefName?: string
}
const readSource = (attributes: Tree): SearchSource =>
  JSON.parse((attributes.kibanaSavedObjectMeta as { searchSourceJSON: string }).searchSourceJSON) as SearchSource

/** Fields of a query in Kibana's language exist, and what it asks of `event.action` is in the vocabulary. */
export function queryComplaints(query: string, fields: Fields): string[] {
  const found = [...query.replace(/"[^"]*"/g, '""').matchAll(/([\w@.*-]+)\s*:/g)]
    .map(([, name]) => name!)
    .filter(name => !fields.has(name))
    .map(name => `query “${query}” asks for field ${name}, which is not mapped`)
  for (const [, values] of query.matchAll(/event\.action\s*:\s*(\([^)]*\)|"[^"]*")/g))
    for (const [, action] of values!.matchAll(/"([^"]*)"/g))
      if (!Object.hasOwn(actions, action!)) found.push(`query asks for action ${action}, which there is not`)
  if ((query.match(/"/g) ?? []).length % 2 !== 0) found.push(`query “${query}” has an odd quotation mark`)
  return found
}

/** Links lead to Discover alone, with the value percent-encoded; formats and the computed fields name fields that exist. */
function viewComplaints(attributes: Tree, fields: Fields): string[] {
  const found: string[] = []
  const formats = readJson(attributes.fieldFormatMap) as Record<string, { id: string; params: Tree }>
  for (const [name, { id, params }] of Object.entries(formats)) {
    if (!fields.has(name)) found.push(`format of field ${name}, which is not mapped`)
    if (id !== 'url') continue
    const template =
      /^\.\.\/app\/discover#\/view\/mailman-events\?[^{}]*\(language:kuery,query:'([\w.]+):"\{\{value\}\}"'\)[^{}]*$/.exec(
        `${params.urlTemplate}`,
      )
    if (template === null || params.type !== 'a' || params.labelTemplate !== '{{value}}')
      found.push(`link of ${name} is not one to Discover with an encoded value`)
    else if (!fields.has(template[1]!)) found.push(`link of ${name} asks for ${template[1]}, which is not mapped`)
  }
  const computed = readJson(attributes.runtimeFieldMap) as Record<string, { script: { source: string } }>
  for (const [name, { script }] of Object.entries(computed))
    for (const [, used] of script.source.matchAll(/doc(?:\[|\.containsKey\()'([^']*)'/g))
      if (!fields.has(used!)) found.push(`${name} is computed from ${used}, which is not mapped`)
  return found
}

function searchComplaints({ attributes, references }: SavedObject, fields: Fields): string[] {
  const { columns, sort } = attributes as { columns: string[]; sort: [string, string][] }
  const names = [...columns, ...sort.map(([name]) => name)]
  const found = names.filter(name => !fields.has(name)).map(name => `column ${name} is not mapped`)
  const [only] = references
  if (references.length !== 1 || only?.name !== readSource(attributes).indexRefName) found.push('has not its one reference')
  return found
}

function dashboardComplaints(object: SavedObject, objects: readonly SavedObject[], fieldsOf: FieldsOf): string[] {
  // A dashboard's own query would be asked of all its data views, so it has none.
  const found = readSource(object.attributes).query?.query === '' ? [] : ['a query of the whole dashboard']
  const panels = JSON.parse(object.attributes.panelsJSON as string) as Panel[]
  const expected: string[] = []
  for (const { type, panelIndex, panelRefName, gridData, embeddableConfig } of panels) {
    if (gridData.i !== panelIndex) found.push(`panel ${panelIndex} is placed as ${gridData.i}`)
    const say = (complaint: string): void => void found.push(`panel ${panelIndex}: ${complaint}`)
    if (type === 'lens' && embeddableConfig.attributes !== undefined) {
      const lens = embeddableConfig.attributes
      const fields = fieldsOf.get(lens.references[0]?.id ?? '') ?? none
      lensComplaints(lens, fields, query => queryComplaints(query, fields)).map(say)
      expected.push(...lens.references.map(one => `${panelIndex}:${one.name} → ${one.id}`))
    } else if (type === 'search' && panelRefName === `panel_${panelIndex}`) {
      const target = object.references.find(({ name }) => name === `${panelIndex}:${panelRefName}`)
      expected.push(`${panelIndex}:${panelRefName} → ${target?.type === 'search' ? target.id : 'a search'}`)
    } else if (type === 'visualization' && embeddableConfig.savedVis !== undefined) {
      markdownComplaints(embeddableConfig.savedVis.params.markdown, objects).map(say)
    } else say(`${type} is neither a chart by value nor a saved search nor text`)
  }
  found.push(...gridComplaints(panels))
  const group = object.attributes.controlGroupInput as { panelsJSON: string }
  const controls = JSON.parse(group.panelsJSON) as Record<
    string,
    { type: string; explicitInput: { id: string; fieldName: string } }
  >
  for (const [id, { type, explicitInput }] of Object.entries(controls)) {
    const name = `controlGroup_${id}:optionsListDataView`
    const view = object.references.find(one => one.name === name)?.id ?? 'a data view'
    expected.push(`${name} → ${view}`)
    if (type !== 'optionsListControl' || explicitInput.id !== id) found.push(`control ${id} is not of its form`)
    if (!isGrouped(fieldsOf.get(view) ?? none, explicitInput.fieldName))
      found.push(`control ${id}: ${explicitInput.fieldName} has no values to choose from`)
  }
  const has = object.references.map(({ name, id }) => `${name} → ${id}`)
  found.push(...expected.filter(one => !has.includes(one)).map(one => `reference ${one} is missing`))
  found.push(...has.filter(one => !expected.includes(one)).map(one => `reference ${one} is nobody’s`))
  return found
}

/** Whether Elasticsearch can count a field's values: words it cannot. */
export const isGrouped = (fields: Fields, name: string): boolean => fields.has(name) && fields.get(name) !== 'text'

/** Text of ours: no HTML, and no link but to a dashboard of ours. */
function markdownComplaints(markdown: string, objects: readonly SavedObject[]): string[] {
  const links = [...markdown.matchAll(/\]\(([^)]*)\)/g)].map(([, target]) => target!)
  const isOurs = (target: string): boolean => objects.some(({ type, id }) => type === 'dashboard' && target === `#/view/${id}`)
  const found = links.filter(target => !isOurs(target)).map(target => `links to ${target}`)
  if (/<|https?:|\{\{/.test(markdown)) found.push('text with HTML, an address or a template')
  return found
}

function gridComplaints(panels: readonly Panel[]): string[] {
  return panels.flatMap(({ panelIndex, gridData: a }, i) => {
    const found =
      a.x < 0 || a.y < 0 || a.w < 1 || a.h < 1 || a.x + a.w > GRID_COLUMNS ? [`panel ${panelIndex} is off the grid`] : []
    for (const { panelIndex: other, gridData: b } of panels.slice(i + 1)) {
      if (other === panelIndex) found.push(`two panels ${panelIndex}`)
      if (a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h)
        found.push(`panels ${panelIndex} and ${other} overlap`)
    }
    return found
  })
}
