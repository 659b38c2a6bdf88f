import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openClusterStore } from '../../src/store/cluster-query.js'
import { Store } from '../../src/store/store.js'
import { findList, readDomains } from '../../src/web/ask/list.js'
import { openListStore } from '../../src/web/ask/list-store.js'
import { runProgram } from '../support/agent-process.js'
import { alertDocuments, alertOf } from '../support/alerts.js'
import { batchOf, documentOf } from '../support/documents.js'
import { makeAgentSite } from '../support/site-config.js'
import { startNamespace } from '../support/templates.js'
import { serveConfig } from '../support/web-page.js'

const documents = [
  documentOf({
    id: 'held',
    at: '2024-03-01T10:30:00.000Z',
    action: 'message-held',
    from: 'ann@example.org',
    messageId: 'A@x',
    more: { mailman: { list: { name: 'announce' }, hold: { reason: ['too-big'] } } },
  }),
  documentOf({
    id: 'other',
    at: '2024-03-01T10:35:00.000Z',
    action: 'message-posted',
    list: 'devel',
    log: 'post',
    messageId: 'B@x',
  }),
  documentOf({
    id: 'posted',
    at: '2024-03-01T10:40:00.000Z',
    action: 'message-posted',
    list: 'announce',
    log: 'post',
    messageId: 'A@x',
  }),
  ...alertDocuments([alertOf()]),
]

const paths = ['alerts', 'events?reason=too-big', 'times', 'facets?list=announce', 'reasons', 'message?id=A@x', 'event?id=held']

async function answersOf(url: string): Promise<unknown[]> {
  const answers = await Promise.all(paths.map(path => fetch(`${url}/api/${path}`)))
  return Promise.all(answers.map(answer => answer.json()))
}

t.test('no store yet: a sentence; once there is one, it is read without a restart', async t => {
  const { configFile, store: file } = makeAgentSite(t.testdir())
  const { url } = await serveConfig(t, configFile)
  const before = await fetch(`${url}/api/events`)
  t.equal(before.status, 503)
  t.match(await before.json(), { message: /^There is no embedded store yet/, remedy: /Start the agent/ })
  const store = new Store({ file, keepDays: 36_500 })
  store.write(batchOf(documents), 0)
  store.close()
  t.match(await (await fetch(`${url}/api/events`)).json(), { total: 4 })
})

t.test('both stores answer the same', async t => {
  const directory = t.testdir()
  const { configFile, store: file } = makeAgentSite(directory)
  const store = new Store({ file, keepDays: 36_500 })
  store.write(batchOf(documents), 0)
  store.close()
  const embedded = await answersOf((await serveConfig(t, configFile)).url)
  t.match(embedded[0], { alerts: [{ kind: 'holds-spike', severity: 'critical', list: '', endedMs: null }] })
  t.match(embedded[1], { total: 1, rows: [{ id: 'held' }] })
  t.match(embedded[5], { total: 2 })

  const { server, namespace, client } = await startNamespace(t)
  const operations = documents.flatMap(document => {
    const { id } = document.event as { id: string }
    return [{ create: { _index: `logs-mailman.web-${namespace}`, _id: id } }, document]
  })
  await client.bulk({ operations, refresh: true })
  writeFileSync(join(directory, 'password'), server.password, { mode: 0o600 })
  const fields = `nodes: ["${server.url}"], caFile: ${server.caFile}, username: ${server.user}, passwordFile: password, namespace: ${namespace}`
  const elastic = join(directory, 'elastic.yaml')
  writeFileSync(elastic, `logs: { directories: [logs], timezone: UTC }\nelasticsearch: { ${fields} }\n`)
  t.strictSame(await answersOf((await serveConfig(t, elastic)).url), embedded)

  const cluster = openClusterStore(client, namespace)
  const domains = readDomains({ 'lists.example.org': ['lists1.example.org'] })
  const list = await findList(cluster, 'Announce@lists.example.org', domains)
  t.match(list, { value: 'announce', domain: 'lists.example.org' })
  t.equal(await findList(cluster, 'nobody', domains), undefined)
  const own = openListStore(cluster, list!)
  t.strictSame(
    (await own.search({ list: 'devel', limit: 9, order: 'oldest' })).hits.map(({ id }) => id),
    ['held', 'posted'],
  )
  t.strictSame(
    (await own.search({ messageId: 'A@x', limit: 9, order: 'oldest' })).hits.map(({ id }) => id),
    ['held', 'posted'],
  )
  t.equal(await own.byId('other'), undefined)
})

t.test('links to lists: without a key that only its owner reads, nothing is served', async t => {
  const directory = t.testdir({ key: 'k'.repeat(40) })
  chmodSync(join(directory, 'key'), 0o644)
  const { configFile } = makeAgentSite(directory)
  const more = {
    publicUrl: 'https://lists.example.org/',
    domains: { 'lists.example.org': [] },
    mail: { from: 'a@lists.example.org' },
  }
  const web = (keyFile: object) => ({ listen: '127.0.0.1:0', askMyList: { ...more, listen: '127.0.0.1:0', ...keyFile } })
  const config = JSON.parse(readFileSync(configFile, 'utf8'))
  for (const [keyFile, why] of [
    [{}, /web\.askMyList\.keyFile names none/],
    [{ keyFile: 'key' }, /key is open to group or others \(mode 644\)/],
  ] as const) {
    writeFileSync(configFile, JSON.stringify({ ...config, web: web(keyFile) }))
    const { code, stderr } = await runProgram(['web', '--config', configFile])
    t.equal(code, 2)
    t.match(stderr, why)
  }
})

t.test('an address that is none', async t => {
  const { configFile } = makeAgentSite(t.testdir())
  for (const listen of ['8025', '127.0.0.1:70000']) {
    const { code, stderr } = await runProgram(['web', '--config', configFile, '--listen', listen])
    t.equal(code, 2, listen)
    t.match(stderr, /--listen: an address and a port are wanted/)
  }
})
