#!/usr/bin/env node
// No Kibana runs in this project's tests. This script does with a real one what they cannot: it imports the saved objects into a space
// of their own, reads back what Kibana made of them, lets the alert rules run there once, and says what a person must look at. Nothing
// else is touched.
//
//   node deploy/kibana/check-against-a-real-stack.mjs https://kibana.example.org:5601 elastic ./password [--ca ca.pem] [--remove SPACE]
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { askKibana, readKibanaUrl, reasonOf } from '../../dist/src/delivery/kibana-connection.js'
import { importObjects, readObjects } from '../../dist/src/delivery/kibana-objects.js'
import { postRule, readRules } from '../../dist/src/delivery/kibana-rules.js'
import { readSecret } from '../../dist/src/delivery/secret.js'

const say = text => process.stdout.write(`${text}\n`)
const option = name => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined)
const checkSpace = /^mailman-check-\d+$/
let failures = 0
function check(isGood, what, reason = '') {
  if (!isGood) failures++
  say(`${isGood ? 'ok    ' : 'FAILED'} ${what}${isGood || reason === '' ? '' : `: ${reason}`}`)
}

const [url, username, passwordFile] = process.argv.slice(2)
if (passwordFile === undefined) {
  say('usage: check-against-a-real-stack.mjs KIBANA-URL USER PASSWORD-FILE [--ca FILE] [--remove SPACE]')
  process.exit(2)
}
const ca = option('--ca')
const authority = ca === undefined ? undefined : readFileSync(ca, 'utf8')
const kibana = { url: readKibanaUrl(url), username, password: await readSecret(passwordFile), authority }
const ask = (method, path, body) => askKibana(kibana, { method, path, ...(body === undefined ? {} : { body }) })

const removed = option('--remove')
if (removed !== undefined) {
  if (!checkSpace.test(removed)) throw new Error('only a space that this script made is removed')
  const answer = await ask('DELETE', `/api/spaces/space/${removed}`)
  check(answer.status === 204, `space ${removed} and what is in it are removed`, reasonOf(answer))
  process.exit(failures)
}

const status = await ask('GET', '/api/status')
say(`Kibana ${status.body?.version?.number ?? `answers with ${reasonOf(status)}`}`)

const space = `mailman-check-${Date.now()}`
const objects = readObjects(readFileSync(new URL('mailman.ndjson', import.meta.url), 'utf8'))
const made = await ask('POST', '/api/spaces/space', { id: space, name: space, disabledFeatures: [] })
check(made.status === 200, `a space of its own, ${space}`, reasonOf(made))
const imported = await askKibana(kibana, importObjects(space, objects.text))
const { success, successResults = [], errors = [] } = imported.body ?? {}
check(
  imported.status === 200 && success === true,
  `${objects.ids.length} objects imported`,
  `${reasonOf(imported)} ${JSON.stringify(errors)}`,
)

const now = ({ type, id }) => successResults.find(one => one.type === type && one.id === id)?.destinationId ?? id
const moved = objects.ids.filter(one => now(one) !== one.id)
if (moved.length > 0)
  say(`       (${moved.length} got other ids, as they are in another space already: links between dashboards lead there)`)

const wanted = objects.ids.map(one => ({ type: one.type, id: now(one) }))
const exported = await ask('POST', `/s/${space}/api/saved_objects/_export`, { objects: wanted, includeReferencesDeep: true })
const lines =
  exported.status === 200
    ? exported.text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line))
    : []
const [details, back] = [lines.at(-1), lines.slice(0, -1)]
check(back.length === wanted.length, 'all of them come back, with all that they refer to', reasonOf(exported))
check((details?.missingReferences ?? []).length === 0, 'no reference is broken', JSON.stringify(details?.missingReferences))
for (const type of new Set(back.map(one => one.type)))
  say(
    `       ${type}: brought up to version ${[...new Set(back.filter(one => one.type === type).map(one => one.typeMigrationVersion))]}`,
  )

/** Fields of the charts on this data view. */
function fieldsUsed(viewId) {
  const dashboards = objects.text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
    .filter(({ type }) => type === 'dashboard')
  const charts = dashboards
    .flatMap(({ attributes }) => JSON.parse(attributes.panelsJSON))
    .flatMap(({ embeddableConfig }) => embeddableConfig.attributes ?? [])
    .filter(({ references }) => references.some(({ id }) => id === viewId))
  const columns = charts.flatMap(({ state }) => Object.values(state.datasourceStates.formBased.layers.layer.columns))
  return new Set(columns.map(({ sourceField }) => sourceField).filter(name => name !== undefined && name !== '___records___'))
}

for (const { id } of objects.ids.filter(({ type }) => type === 'index-pattern')) {
  const view = await ask('GET', `/s/${space}/api/data_views/data_view/${now({ type: 'index-pattern', id })}`)
  const fields = Object.keys(view.body?.data_view?.fields ?? {})
  check(view.status === 200, `the data view ${id} is read`, reasonOf(view))
  if (fields.includes('event.dataset')) {
    const used = [...fieldsUsed(id)]
    const missing = used.filter(name => !fields.includes(name))
    check(missing.length === 0, `${used.length} fields of the charts are in it`, missing.join(', '))
  } else say('       (it has no fields yet: ship some events, then repeat, or the charts have nothing to show)')
}

// Each rule under an id of this time, until Kibana has run it: only so is its ES|QL read by who must understand it.
const rules = readRules(readFileSync(new URL('rules.json', import.meta.url), 'utf8')).map(one => ({ ...one, id: randomUUID() }))
const posted = await Promise.all(rules.map(one => askKibana(kibana, postRule(space, one))))
const deadline = Date.now() + 150_000
for (const [i, one] of rules.entries()) {
  const path = `/s/${space}/api/alerting/rule/${one.id}`
  let answer = posted[i]
  const state = () => answer.body?.execution_status ?? {}
  while (answer.status === 200 && ['pending', 'unknown'].includes(state().status) && Date.now() < deadline) {
    await wait(2000)
    answer = await ask('GET', path)
  }
  const isGood = ['ok', 'active'].includes(state().status)
  check(isGood, `rule “${one.body.name}” runs`, `${state().status ?? reasonOf(answer)} ${state().error?.message ?? ''}`)
  if (posted[i].status === 200) await ask('DELETE', path)
}

const link = (type, id) => `${kibana.url.href.replace(/\/$/, '')}/s/${space}/app/${type}#/view/${id}`
say('\nNow look, as only a person can, at a time with events in it. No panel may show an error:')
for (const one of objects.ids.filter(({ type }) => type === 'dashboard')) say(`  ${link('dashboards', now(one))}`)
say('In Delivery, the panels by domain show domains (a field that Elasticsearch computes). Each page has its controls and links.')
say('Here, a click on a message id, a list and an address each lead to a search for just that:')
say(`  ${link('discover', now({ type: 'search', id: 'mailman-held' }))}`)
say(`\nWhen you have looked: repeat with --remove ${space}`)
process.exitCode = failures > 0 ? 1 : 0
