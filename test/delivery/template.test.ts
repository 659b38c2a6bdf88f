// The template has every field of the table, in core types, and nothing can add to them.
import t from 'tap'
import { fields } from '../../parsers/_fields.js'
import { type JsonObject, makeAgentMappings, makeMappings, makeTemplates } from '../../src/delivery/template.js'
import { figures } from '../../src/diagnostics/agent-document.js'

const core = ['keyword', 'text', 'long', 'float', 'ip', 'date', 'boolean']

function leaves(properties: JsonObject, path = ''): Map<string, JsonObject> {
  const found = new Map<string, JsonObject>()
  for (const [name, value] of Object.entries(properties)) {
    const node = value as JsonObject
    if ('properties' in node)
      for (const [below, leaf] of leaves(node.properties as JsonObject, `${path}${name}.`)) found.set(below, leaf)
    else found.set(path + name, node)
  }
  return found
}

t.test('fields', async t => {
  const mappings = makeMappings()
  t.equal(mappings.dynamic, false)
  const mapped = leaves(mappings.properties as JsonObject)
  t.same([...mapped.keys()].sort(), Object.keys(fields).sort())
  for (const [name, { type, ignore_above, index }] of mapped) {
    t.ok(core.includes(String(type)), `${name}: ${type} is a core type`)
    // Lucene's limit is 32,766 bytes for a term, and a character may take 4 of them.
    if (type === 'keyword' && index !== false) t.ok(Number(ignore_above) * 4 <= 32766, `${name} cannot make a term too long`)
  }
  t.match(mapped.get('error.stack_trace'), { type: 'keyword', fields: { text: { type: 'text' } } })
  t.match(mapped.get('event.original'), { index: false, doc_values: false })
})

t.test('the fields of the agent’s own documents', async t => {
  const mappings = makeAgentMappings()
  t.equal(mappings.dynamic, false)
  const mapped = leaves(mappings.properties as JsonObject)
  t.same([...mapped.keys()].sort(), Object.keys(figures).sort())
  for (const [name, { type }] of mapped) t.ok(core.includes(String(type)), `${name}: ${type} is a core type`)
  // What both streams have is of one type: somebody may look at both.
  const logs = leaves(makeMappings().properties as JsonObject)
  const common = [...mapped].filter(([name]) => logs.has(name))
  t.ok(common.length > 8)
  for (const [name, field] of common) t.same(field, logs.get(name), name)
  t.match(mapped.get('mailman.agent.total.events.stored'), { type: 'long' })
})

t.test('the index template', async t => {
  const index = makeTemplates().find(({ name }) => name === 'logs-mailman')
  t.match(index, { name: 'logs-mailman', body: { index_patterns: ['logs-mailman.*-*'], priority: 250, data_stream: {} } })
  const order = index?.body.composed_of as string[]
  t.ok(order.indexOf('ecs@mappings') < order.indexOf('mailman@mappings'), 'ours wins over Elastic’s')
  t.equal(order.at(-1), 'logs-mailman@custom', 'the site’s own wins over ours')
  t.match(JSON.stringify(makeTemplates()), '"data_retention":"90d"')
  const agent = makeTemplates().find(({ name }) => name === 'metrics-mailman.agent')
  t.match(agent?.body, { index_patterns: ['metrics-mailman.agent-*'], priority: 250, data_stream: {} })
  t.equal((agent?.body.composed_of as string[] | undefined)?.at(-1), 'metrics-mailman@custom')
})
