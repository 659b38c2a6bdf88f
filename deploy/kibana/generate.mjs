// `npm run kibana` writes mailman.ndjson, which Kibana imports and `setup --kibana` sends, from the same tables as the mapping; with
// `--check`, says whether it is as it should be. Needs the program built.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dashboards } from './dashboards.mjs'
import { searches } from './searches.mjs'
import { dataView, versions } from './view.mjs'

const file = new URL('mailman.ndjson', import.meta.url)

const made = [dataView, ...searches, ...dashboards].map(object => ({
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
const should = linesOf(marked)

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== should) {
    console.error('deploy/kibana/mailman.ndjson is not what the code says: npm run kibana')
    process.exitCode = 1
  }
} else writeFileSync(file, should)
