// The saved objects for Kibana: they are what the tables of fields and actions make, and hold together; and each check of that can fail.
import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { writeSecret } from '../support/batch.js'
import { startFakeKibana } from '../support/fake-kibana.js'
import { complaints, parseObjects, type SavedObject, type Tree } from '../support/kibana-assets.js'

const folder = new URL('../../deploy/kibana/', import.meta.url)
const objects = parseObjects(readFileSync(new URL('mailman.ndjson', folder), 'utf8'))

t.test('mailman.ndjson is what the code makes', async t => {
  const { status, stderr } = spawnSync(process.execPath, [fileURLToPath(new URL('generate.mjs', folder)), '--check'])
  t.equal(status, 0, stderr.toString())
})

t.test('the objects hold together', async t => {
  t.same(complaints(objects), [])
})

t.test('what there is', async t => {
  const titles = (type: string): unknown[] => objects.filter(one => one.type === type).map(({ attributes }) => attributes.title)
  t.same(titles('dashboard'), [
    'Mailman: Overview',
    'Mailman: Why is it held?',
    'Mailman: Delivery',
    'Mailman: Membership and abuse',
    'Mailman: The agent itself',
  ])
  t.equal(titles('search').length, 9)
  t.same(titles('index-pattern'), ['logs-mailman.*-*', 'metrics-mailman.agent-*'])
  t.equal(new Set(objects.map(({ id }) => id)).size, objects.length, 'each id once')
})

/** What is in a string of JSON, changed. */
function inside<T>(holder: Tree, name: string, change: (value: T) => void): void {
  const value = JSON.parse(holder[name] as string) as T
  change(value)
  holder[name] = JSON.stringify(value)
}

interface LensPanel {
  panelIndex: string
  gridData: { x: number; y: number; w: number }
  embeddableConfig: { attributes: LensAttributes; savedVis: { params: { markdown: string } } }
}
interface LensAttributes extends Tree {
  visualizationType: string
  references: { id: string; name: string }[]
  state: {
    query: { query: string }
    visualization: Tree
    datasourceStates: { formBased: { layers: { layer: { columnOrder: string[]; columns: Record<string, Tree> } } } }
  }
}
type Change = (objects: SavedObject[]) => void

const get = (all: SavedObject[], id: string): SavedObject => all.find(one => one.id === id)!
/** The dashboard's panels: 0 links, 1 to 6 numbers, 3 of them a formula, 7 over time, 9 a table. (The agent's: 7 a table, 9 over time.) */
const panels =
  (change: (panels: LensPanel[]) => void, id = 'mailman-overview'): Change =>
  all =>
    inside(get(all, id).attributes, 'panelsJSON', change)
const chart = (index: number, change: (attributes: LensAttributes) => void, id?: string): Change =>
  panels(list => change(list[index]!.embeddableConfig.attributes), id)
const columns = (index: number, change: (columns: Record<string, Tree>, order: string[]) => void, id?: string): Change =>
  chart(
    index,
    ({ state }) => {
      const { layer } = state.datasourceStates.formBased.layers
      change(layer.columns, layer.columnOrder)
    },
    id,
  )
const view =
  (name: string, change: (value: Record<string, Tree>) => void): Change =>
  objects =>
    inside(get(objects, 'mailman-logs').attributes, name, change)

const mutations: [string, Change, RegExp][] = [
  ['a reference to what is not there', all => all.splice(0, 1), /refers to index-pattern mailman-logs, which is missing/],
  [
    'a reference of a chart is missing',
    all => (get(all, 'mailman-overview').references as unknown[]).splice(0, 1),
    /reference p1:.* is missing/,
  ],
  [
    'a reference of nobody',
    all => (get(all, 'mailman-delivery').references as unknown[]).push({ type: 'search', id: 'mailman-held', name: 'x' }),
    /reference x .* is nobody’s/,
  ],
  ['a chart’s own reference', chart(1, ({ references }) => references.push({ id: 'mailman-logs', name: 'x' })), /references .*x/],
  [
    'a search without its data view',
    all => (get(all, 'mailman-held').references as unknown[]).splice(0, 1),
    /has not its one reference/,
  ],
  ['a column that is not in the order', columns(1, (_, order) => order.splice(0, 1)), /column order .* is not of/],
  ['a column that is used and missing', columns(9, made => delete made.y1), /column y1 is used and missing/],
  [
    'a column that nothing shows',
    chart(9, ({ state }) => (state.visualization.columns as unknown[]).pop()),
    /column y2 is not shown/,
  ],
  ['an order by what cannot order', columns(9, ({ b0 }) => ((b0!.params as Tree).orderBy = { columnId: 'y2' })), /ordered by y2/],
  [
    'a formula that says other',
    columns(3, ({ y0 }) => ((y0!.params as Tree).formula = 'count() / count()')),
    /says count\(\); count\(\)/,
  ],
  ['a layer that is not there', chart(1, ({ state }) => (state.visualization.layerId = 'other')), /draws layers other/],
  [
    'a field that is not mapped',
    columns(9, ({ b0 }) => (b0!.sourceField = 'mailman.list.nmae')),
    /mailman\.list\.nmae is not mapped/,
  ],
  ['words as values', columns(9, ({ b0 }) => (b0!.sourceField = 'message')), /message holds words/],
  ['a chart’s query', chart(10, ({ state }) => (state.query.query = 'event.acton: "x"')), /event\.acton, which is not mapped/],
  [
    'an action that there is not',
    columns(1, ({ y0 }) => (y0!.filter = { query: 'event.action: ("message-posted" or "message-hold")', language: 'kuery' })),
    /action message-hold, which there is not/,
  ],
  [
    'a field of the other data view',
    columns(9, ({ y0 }) => (y0!.sourceField = 'mailman.message.size'), 'mailman-agent'),
    /p9: column y0: field mailman\.message\.size is not mapped/,
  ],
  ['the greatest of words', columns(9, ({ y0 }) => (y0!.sourceField = 'host.name'), 'mailman-agent'), /host\.name is no number/],
  [
    'the newest by no time',
    columns(7, ({ y1 }) => ((y1!.params as Tree).sortField = 'host.name'), 'mailman-agent'),
    /newest by host\.name/,
  ],
  [
    'a query of a whole dashboard',
    all =>
      (get(all, 'mailman-agent').attributes.kibanaSavedObjectMeta = { searchSourceJSON: '{"query":{"query":"message: *"}}' }),
    /a query of the whole dashboard/,
  ],
  [
    'a rate without a time',
    columns(7, ({ y5 }) => (y5!.timeScale = 'm'), 'mailman-agent'),
    /y5: is of each minute, without a time/,
  ],
  [
    'a control’s data view',
    all =>
      inside<Record<string, { explicitInput: Tree }>>(
        get(all, 'mailman-agent').attributes.controlGroupInput as Tree,
        'panelsJSON',
        controls => (controls.c0!.explicitInput.fieldName = 'mailman.list.name'),
      ),
    /control c0: mailman\.list\.name has no values/,
  ],
  [
    'a search’s column',
    all => (get(all, 'mailman-held').attributes.columns as string[]).push('email.subjekt'),
    /column email\.subjekt/,
  ],
  ['a format', view('fieldFormatMap', formats => (formats.nothing = { id: 'bytes', params: {} })), /format of field nothing/],
  [
    'a computed field',
    view('runtimeFieldMap', fields => (fields.x = { type: 'keyword', script: { source: "emit(doc['gone'].value)" } })),
    /x is computed from gone/,
  ],
  [
    'a string that is no JSON',
    all => (get(all, 'mailman-overview').attributes.optionsJSON = '{'),
    /optionsJSON is no JSON string/,
  ],
  ['an object for a string', all => (get(all, 'mailman-overview').attributes.panelsJSON = []), /panelsJSON is no JSON string/],
  ['an attribute that is not known', all => (get(all, 'mailman-held').attributes.tabs = []), /attribute tabs is not known/],
  ['an attribute of a chart', chart(1, attributes => (attributes.version = 2)), /attribute version is not known/],
  ['a kind of chart', chart(1, attributes => (attributes.visualizationType = 'lnsXYZ')), /chart lnsXYZ is not known/],
  ['an operation', columns(1, ({ y0 }) => (y0!.operationType = 'median')), /operation median is not known/],
  ['a newer version', all => Object.assign(get(all, 'mailman-overview'), { typeMigrationVersion: '10.3.0' }), /may refuse/],
  ['panels one upon another', panels(list => (list[2]!.gridData.x = 4)), /panels p1 and p2 overlap/],
  ['a panel off the grid', panels(list => (list[6]!.gridData.w = 9)), /p6 is off the grid/],
  [
    'a link to elsewhere',
    view('fieldFormatMap', formats => ((formats['email.message_id']!.params as Tree).urlTemplate = 'https://x/{{value}}')),
    /link of email\.message_id is not one to Discover/,
  ],
  [
    'a link with the value as it came',
    view('fieldFormatMap', formats => {
      const params = formats['email.message_id']!.params as Tree
      params.urlTemplate = (params.urlTemplate as string).replace('{{value}}', '{{rawValue}}')
    }),
    /link of email\.message_id is not one to Discover/,
  ],
  ['text with HTML', panels(list => (list[0]!.embeddableConfig.savedVis.params.markdown += '<script>')), /text with HTML/],
  [
    'a link to no dashboard',
    panels(list => (list[0]!.embeddableConfig.savedVis.params.markdown += '[x](#/view/gone)')),
    /links to #\/view\/gone/,
  ],
]

t.test('each check can fail', async t => {
  for (const [name, change, complaint] of mutations) {
    const changed = structuredClone(objects)
    change(changed)
    t.match(complaints(changed).join('\n'), complaint, name)
  }
})

t.test('the script for a real stack', async t => {
  const fake = await startFakeKibana()
  t.teardown(() => fake.close())
  const password = writeSecret(t.testdir({}), 'password', 'password')
  const script = fileURLToPath(new URL('check-against-a-real-stack.mjs', folder))
  const run = (...more: string[]): Promise<{ status: number; text: string }> =>
    new Promise(resolve => {
      execFile(process.execPath, [script, fake.url, 'elastic', password, ...more], (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), text: stdout + stderr }),
      )
    })
  const good = await run()
  t.equal(good.status, 0, good.text)
  t.match(
    good.text,
    /ok +16 objects imported[\s\S]*ok +all of them come back[\s\S]*no fields yet[\s\S]*ok +rule “Mailman: most messages are held” runs[\s\S]*app\/dashboards#\/view\/mailman-overview/,
  )
  const [space] = [...fake.spaces.keys()]
  t.equal((await run('--remove', 'mailman')).status, 1, 'no space but its own is removed')
  t.equal((await run('--remove', space!)).status, 0)
  t.equal(fake.spaces.size, 0)
  t.equal(fake.alerting.rules.size, 0)
  fake.script.set('GET /s/', { body: { data_view: { fields: { 'event.dataset': {} } } } })
  const errors = [{ type: 'dashboard', id: 'mailman-overview', error: { type: 'unknown' } }]
  const execution_status = { status: 'error', error: { reason: 'execute', message: 'Unknown column [x]' } }
  fake.script.set('POST /s/mailman-check-', { body: { success: false, errors, execution_status } })
  const bad = await run()
  t.equal(bad.status, 1)
  t.match(
    bad.text,
    /FAILED 16 objects imported: .*mailman-overview[\s\S]*FAILED all of them come back[\s\S]*FAILED \d+ fields .*host\.name[\s\S]*FAILED rule “.*” runs: error Unknown column \[x\]/,
  )
  t.same(fake.faults, [])
})
