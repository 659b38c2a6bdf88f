// `npm run kibana` writes mailman.ndjson, which Kibana imports, and rules.json, the alert rules, from the same tables as the mapping:
// `setup --kibana` sends both. With `--check`, says whether they are as they should be. Needs the program built.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dashboards } from './dashboards.mjs'
import { rules } from './rules.mjs'
import { searches } from './searches.mjs'
import { agentView, dataView, versions } from './view.mjs'

const made = [dataView, agentView, ...searches, ...dashboards].map(object => ({
  ...object,
  coreMigrationVersion: '8.8.0',
  typeMigrationVersion: versions[object.type],
}))
const linesOf = objects => objects.map(object => `${JSON.stringify(object)}\n`).join('')

// In the first dashboard's description, where setup finds it again and so knows whether all is as this version makes it.
const digest = createHash('sha256').update(linesOf(made)).digest('hex').slice(0, 12)
const marked = made.map(object =>
  object.id === 'mailman-overview'
    ? { ...object, attributes: { ...object.attributes, description: `${object.attributes.description} (assets ${digest})` } }
    : object,
)
/** As the formatter has it: a list of plain values in one line. */
const pretty = value =>
  JSON.stringify(value, undefined, 2).replace(
    /\[\n\s+([^[\]{}\n]+(?:\n\s+[^[\]{}\n]+)*)\n\s+\]/g,
    (_, list) => `[${list.replace(/\n\s+/g, ' ')}]`,
  )

const files = { 'mailman.ndjson': linesOf(marked), 'rules.json': `${pretty(rules)}\n` }

for (const [name, should] of Object.entries(files)) {
  const file = new URL(name, import.meta.url)
  if (!process.argv.includes('--check')) writeFileSync(file, should)
  else if (readFileSync(file, 'utf8') !== should) {
    console.error(`deploy/kibana/${name} is not what the code says: npm run kibana`)
    process.exitCode = 1
  }
}
