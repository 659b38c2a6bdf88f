// What the saved searches and charts ask for is in Mailman's events, and in what the agent says of itself: on the documents of the
// golden pairs, on those of alerts, and on one of an agent in trouble, no search and no chart is empty, and no column of one. (What Elasticsearch and Kibana make of the same questions only a real Kibana can show.)
import { readFileSync } from 'node:fs'
import t from 'tap'
import { agentInTrouble } from '../support/agent-in-trouble.js'
import { alertDocuments, monthOfAlerts } from '../support/alerts.js'
import { allPairs } from '../support/golden.js'
import { parseObjects } from '../support/kibana-assets.js'
import type { Lens } from '../support/kibana-lens.js'
import { type Document, matcherOf, valuesOf } from '../support/kibana-query.js'

const objects = parseObjects(readFileSync(new URL('../../deploy/kibana/mailman.ndjson', import.meta.url), 'utf8'))
const documents = [...allPairs().flatMap(({ expected }) => expected), ...alertDocuments(monthOfAlerts(Date.UTC(2026, 0, 31)))]
const ofAgents = [agentInTrouble()]
/** What Elasticsearch computes is made from another field. */
const computed = new Map([['recipient_domain', 'email.to.address']])

const find = (query: string, among: readonly Document[] = documents): Document[] => among.filter(matcherOf(query))
const has = (among: readonly Document[], field: string): boolean =>
  among.some(document => valuesOf(document, computed.get(field) ?? field).length > 0)

t.test('saved searches', async t => {
  for (const { id, attributes } of objects.filter(({ type }) => type === 'search')) {
    const { searchSourceJSON } = attributes.kibanaSavedObjectMeta as { searchSourceJSON: string }
    const found = find((JSON.parse(searchSourceJSON) as { query: { query: string } }).query.query)
    t.ok(found.length > 0, `${id} finds something`)
    if (id !== 'mailman-events') t.ok(found.length < documents.length, `${id} does not find all`)
    t.same(
      (attributes.columns as string[]).filter(field => !has(found, field)),
      [],
      `${id}: no column is always empty`,
    )
  }
})

t.test('charts', async t => {
  let charts = 0
  for (const { id, attributes } of objects.filter(({ type }) => type === 'dashboard')) {
    const panels = JSON.parse(attributes.panelsJSON as string) as { title: string; embeddableConfig: { attributes?: Lens } }[]
    const empty: string[] = []
    for (const { title, embeddableConfig } of panels) {
      if (embeddableConfig.attributes === undefined) continue
      charts++
      const { references, state } = embeddableConfig.attributes
      const { query, datasourceStates } = state
      const columns = Object.values(datasourceStates.formBased.layers.layer!.columns)
      const inPanel = find(query.query, references[0]?.id === 'mailman-agents' ? ofAgents : documents)
      // What is counted, and by what: a bucket must have something of the first measure in it, by which it is chosen.
      const measures = columns.filter(
        ({ isBucketed, operationType }) => !isBucketed && !['formula', 'math'].includes(operationType),
      )
      const first = find(measures[0]!.filter?.query ?? '', inPanel)
      for (const column of columns) {
        const among = column.isBucketed ? first : find(column.filter?.query ?? '', inPanel)
        const field = ['___records___', undefined].includes(column.sourceField) ? '@timestamp' : column.sourceField!
        if (!has(among, field)) empty.push(`${title}: ${column.operationType} of ${field}`)
      }
    }
    t.same(empty, [], `${id}: no chart is always empty`)
  }
  t.ok(charts >= 40, `${charts} charts`)
})

t.test('the questions can be wrong', async t => {
  t.same(find('event.action: "message-hold"'), [])
  t.notOk(has(find('event.action: "message-held"'), 'email.to.address'))
  t.throws(() => matcherOf('event.action: "a" and not tags: b'), /no query that is known/)
  t.ok(find('event.action: ("message-held" or "message-posted") or tags: *').length > find('event.action: "message-held"').length)
})
