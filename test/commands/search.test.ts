import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import yargs, { type CommandModule } from 'yargs'
import command, { runSearch, type Screen, type SearchArguments } from '../../src/commands/search.js'
import { Store } from '../../src/store/store.js'
import { batchOf, documentOf } from '../support/documents.js'
import { startNamespace } from '../support/templates.js'

const documents = [
  documentOf({
    id: '1',
    at: '2024-03-01T12:00:00.000Z',
    offset: 1,
    list: 'announce',
    action: 'message-held',
    from: 'ann@example.org',
    message: 'announce post from ann@example.org held',
  }),
  documentOf({
    id: '2',
    at: '2024-03-01T13:00:00.000Z',
    offset: 2,
    log: 'error',
    action: 'error-raised',
    message: 'Uncaught runner exception\n  File "x.py"\nValueError: held',
    more: { hostile: '\x1b]0;title\x07\x9b' },
  }),
  documentOf({
    id: '3',
    at: '2024-07-01T12:00:00.000Z',
    offset: 3,
    list: 'devel',
    action: 'message-held',
    message: 'held \x1b[2J\u202egnp.exe 会議 the end',
  }),
]

/** A configuration of the embedded store with these three events. */
function makeSite(t: Test, timezone = 'Europe/London'): string {
  const directory = t.testdir()
  const config = join(directory, 'config.yaml')
  writeFileSync(
    config,
    `logs: { directories: [logs], timezone: ${timezone} }\nstate: { directory: state }\nlocal: { file: events.db }\n`,
  )
  const store = new Store({ file: join(directory, 'events.db'), keepDays: 90 })
  t.match(store.write(batchOf(documents), 0), { outcomes: { length: documents.length } })
  store.close()
  return config
}

async function search(given: SearchArguments, look: Partial<Screen> = {}): Promise<{ out: string[]; err: string[] }> {
  const out: string[] = []
  const err: string[] = []
  const now = () => Date.UTC(2024, 6, 1, 12, 30)
  const screen = {
    out: (line: string) => out.push(line),
    err: (line: string) => err.push(line),
    columns: undefined,
    isColoured: false,
    now,
  }
  await runSearch(given, { ...screen, ...look } as Screen)
  return { out, err }
}

t.test('a table, the newest last, in the zone of the logs', async t => {
  t.strictSame(await search({ config: makeSite(t) }), {
    out: [
      'time                 log    list      action        text',
      '2024-03-01 12:00:00  vette  announce  message-held  announce post from ann@example.org held',
      '2024-03-01 13:00:00  error            error-raised  Uncaught runner exception File "x.py" ValueError: held',
      '2024-07-01 13:00:00  vette  devel     message-held  held \\x1b[2J\\u202egnp.exe 会議 the end',
    ],
    err: [],
  })
})

t.test('fits the terminal, and is coloured there only', async t => {
  const config = makeSite(t)
  const { out } = await search({ config, text: ['会議'] }, { columns: 80 })
  t.equal(out[1], '2024-07-01 13:00:00  vette  devel  message-held  held \\x1b[2J\\u202egnp.exe 会議…')
  const coloured = await search({ config, text: ['会議'] }, { columns: 50, isColoured: true })
  t.equal(coloured.out[1], '2024-07-01 13:00:00  vette  devel  \x1b[33mmessage-held\x1b[0m  held \\x1b[2J\\u202eg…')
})

t.test('the newest where there are more than the limit, and a sentence that says so', async t => {
  const { out, err } = await search({ config: makeSite(t), limit: 2 })
  t.match(out.slice(1), [/^2024-03-01 13/, /^2024-07-01/])
  t.strictSame(err, ['The newest 2 of 3 events; more with --limit.'])
})

t.test('nothing found: a sentence, no table', async t => {
  const { out, err } = await search({ config: makeSite(t), text: ['nothing', 'like', 'it'] })
  t.strictSame(out, [])
  t.match(err, [/^No event fits\./])
  const told = async (given: object) => (await search({ config: makeSite(t), ...given })).err
  t.match(await told({ action: 'held' }), [/^No action is called held; there are .*message-held, .*subscription-held/])
  t.match(await told({ action: 'x\x1b[2J' }), [/^No action is called x\\x1b\[2J\. The README/])
  t.match(await told({ action: 'message-shunted' }), [/^No event fits\./])
  t.match(await told({ list: 'Nosuch\u202e' }), ['No event names the list Nosuch\\u202e.'])
})

t.test('JSON: the documents as they are stored, harmless to a terminal', async t => {
  const { out } = await search({ config: makeSite(t), json: true })
  t.strictSame(
    out.map(line => JSON.parse(line)),
    JSON.parse(JSON.stringify(documents)),
  )
  t.notMatch(out.join('\n'), /[\x1b\x9b\u202e]/)
})

t.test('conditions', async t => {
  const config = makeSite(t)
  const count = async (given: SearchArguments) => (await search({ config, json: true, ...given })).out.length
  t.equal(await count({ text: ['held'], list: 'announce' }), 1)
  t.equal(await count({ address: 'Ann@Example.org' }), 1)
  t.equal(await count({ action: 'message-held' }), 2)
  t.equal(await count({ since: '30m' }), 1)
  t.equal(await count({ since: '29m' }), 0)
  t.equal(await count({ until: '30m' }), 2)
  t.equal(await count({ since: '2024-03-01', until: '2024-03-01' }), 2, 'a day is meant whole')
  t.equal(await count({ since: '2024-07-01T13:00' }), 1, 'local time: summer time is in force')
  t.equal(await count({ since: '2024-07-01 13:01' }), 0)
  t.equal(await count({ since: '2024-07-01T12:00Z' }), 1)
  t.equal(await count({ since: '2024-07-01T12:01Z' }), 0)
})

t.test('what cannot be meant is refused', async t => {
  const config = makeSite(t)
  for (const given of [
    { since: 'yesterday' },
    { until: '2024-13-01' },
    { since: '' },
    { limit: 0 },
    { limit: 1.5 },
    { limit: Number.NaN },
  ])
    await t.rejects(search({ config, ...given }), { code: 'MLS_USAGE_INVALID' }, JSON.stringify(given))
  await t.rejects(search({ config, since: '1h', until: '2h' }), { code: 'MLS_USAGE_INVALID' })
})

t.test('no store yet', async t => {
  const config = join(t.testdir(), 'config.yaml')
  writeFileSync(config, 'logs: { directories: [logs] }\nstate: { directory: state }\n')
  await t.rejects(search({ config }), { code: 'MLS_STORE_MISSING' })
})

t.test('the command line', async t => {
  const config = makeSite(t)
  const parse = async (...args: string[]) => {
    const seen: SearchArguments[] = []
    const handler = (given: SearchArguments) => void seen.push(given)
    await yargs(args)
      .option('config', { type: 'string' })
      .command({ ...command, handler } as unknown as CommandModule)
      .strict()
      .exitProcess(false)
      .parseAsync()
    return seen[0]!
  }
  const given = await parse('search', '550', '"user unknown"', '--list', 'a', '--list', 'b', '--config', config)
  t.match(given, { text: ['550', '"user unknown"'], list: 'b', limit: 50, json: false, config })
  const help = await new Promise<string>(resolve => {
    yargs()
      .command(command as unknown as CommandModule)
      .parse(['search', '--help'], {}, (_error, _given, text) => resolve(text))
  })
  t.match(help, /newest come last/)
  t.match(help, /Examples:/)
})

t.test('Elasticsearch, with a key that may read and with one that may not', async t => {
  const { server, namespace, client } = await startNamespace(t)
  const directory = t.testdir()
  const operations = documents.flatMap(document => [{ create: { _index: `logs-mailman.search-${namespace}` } }, document])
  await client.bulk({ operations, refresh: true })
  const keyFor = async (name: string, privileges: string[]) => {
    const names = [`logs-mailman.*-${namespace}`]
    const role = { cluster: ['monitor'], indices: [{ names, privileges }] }
    const { encoded } = await client.security.createApiKey({ name, role_descriptors: { role } } as never)
    writeFileSync(join(directory, name), encoded, { mode: 0o600 })
    const config = join(directory, `${name}.yaml`)
    const fields = `nodes: ["${server.url}"], caFile: ${server.caFile}, apiKeyFile: ${name}, namespace: ${namespace}`
    writeFileSync(config, `logs: { timezone: Europe/London }\nelasticsearch: { ${fields} }\n`)
    return config
  }
  const { out } = await search({ config: await keyFor('reader', ['read', 'view_index_metadata']), list: 'announce' })
  t.strictSame(out.slice(1), ['2024-03-01 12:00:00  vette  announce  message-held  announce post from ann@example.org held'])
  await t.rejects(search({ config: await keyFor('writer', ['auto_configure', 'create_doc']) }), { code: 'MLS_SEARCH_FORBIDDEN' })
})
