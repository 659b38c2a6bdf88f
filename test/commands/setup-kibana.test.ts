// `setup --kibana` as a whole: on a real Elasticsearch and beside it the Kibana of the tests; and what it prints instead.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { runProgram } from '../support/agent-process.js'
import { startElasticsearch } from '../support/elasticsearch.js'
import { startFakeKibana } from '../support/fake-kibana.js'
import { makeSite } from '../support/setup.js'
import { makeAgentSite } from '../support/site-config.js'

t.setTimeout(300_000)
const kibanaObjects = fileURLToPath(new URL('../../deploy/kibana/mailman.ndjson', import.meta.url))

t.test('Elasticsearch and Kibana', async t => {
  const server = await startElasticsearch()
  t.teardown(() => server.stop())
  const fake = await startFakeKibana({ user: server.user, password: server.password })
  t.teardown(() => fake.close())
  const site = makeSite(server, t.testdir({}))
  const options = { kibana: fake.url, kibanaCaFile: server.caFile, kibanaObjects }
  const kibanaLines = (lines: readonly string[]): string[] => lines.filter(line => /^\w+ +Kibana/.test(line))

  const first = await site.setup(options)
  t.equal(first.code, 0, first.lines.join('\n'))
  t.match(kibanaLines(first.lines), [
    'unchanged Kibana: version 9.1.2 answers',
    'done      Kibana space mailman: made',
    /^done {6}Kibana role mailman-admins: may open Discover/,
    /^done {6}Kibana data view, searches and dashboards: 16 in the space mailman/,
    /^done {6}Kibana alert rules: \d+ made in the space mailman; they show as alerts/,
  ])
  t.match(fake.roles.get('mailman-admins'), {
    elasticsearch: { indices: [{ names: [`logs-mailman.*-${site.config.namespace}`, String] }] },
  })
  t.notMatch(first.lines.join('\n'), server.password)
  const second = await site.setup(options)
  t.same(new Set(kibanaLines(second.lines).map(line => line.split(' ')[0])), new Set(['unchanged']))
  t.same(fake.faults, [])

  fake.script.set('GET /api/status', { status: 502, body: '<html>' })
  const third = await site.setup(options)
  t.equal(third.code, 0, 'the agent needs no Kibana')
  t.match(
    third.lines.join('\n'),
    /failed +Kibana: What answers is not Kibana.*502[\s\S]*skipped +Kibana space[\s\S]*The agent can run/,
  )
  const json = JSON.parse((await site.setup({ ...options, json: true })).lines.join('')) as { ok: boolean; steps: object[] }
  t.match(json.ok, true)
  t.match(json.steps.slice(-5), [
    { status: 'failed', code: 'MLS_KIBANA_ANSWER' },
    { status: 'skipped' },
    {},
    { status: 'skipped' },
    { status: 'skipped' },
  ])

  fake.script.clear()
  const number = fake.alerting.rules.size
  t.ok(number > 5)
  fake.alerting.connectors.set('log', { space: 'mailman', connector_type_id: '.server-log' })
  const fourth = await site.setup({ ...options, kibanaConnector: 'log' })
  t.match(kibanaLines(fourth.lines).slice(-2), [
    'unchanged Kibana connector log: of type .server-log',
    `done      Kibana alert rules: ${number} brought up to date in the space mailman`,
  ])
  t.same(fake.faults, [])
  await t.rejects(site.setup({ kibanaConnector: 'log' }), { code: 'MLS_USAGE_INVALID', message: /go with --kibana/ })

  await t.rejects(site.setup({ ...options, kibana: 'https://user:secret@kibana' }), { code: 'MLS_USAGE_INVALID' })
  await t.rejects(site.setup({ ...options, kibanaCaFile: '/none' }), { code: 'MLS_FILE_MISSING', message: /\/none \(ENOENT\)/ })
})

t.test('--print names what the program brings', async t => {
  const { configFile } = makeAgentSite(t.testdir({}), { elasticsearch: { nodes: ['http://127.0.0.1:9'], namespace: 'lists' } })
  const args = ['setup', '--print', '--kibana', 'http://127.0.0.1:9', '--config', configFile]
  const { code, stdout } = await runProgram(args)
  t.equal(code, 0)
  t.match(
    stdout,
    /POST kbn:\/api\/spaces\/space\n\{[\s\S]*PUT kbn:\/api\/security\/role\/mailman-admins\n\{[\s\S]*logs-mailman\.\*-lists/,
  )
  const file = /Saved Objects, Import (\S+)/.exec(stdout)?.[1] ?? ''
  t.ok(existsSync(file), `${file} is there`)
  t.equal(readFileSync(file, 'utf8'), readFileSync(kibanaObjects, 'utf8'))
  t.match(stdout, /POST kbn:\/s\/mailman\/api\/alerting\/rule\/[\da-f-]{36}\n\{\n {2}"name": "Mailman: most messages are held"/)
  const requests = JSON.parse((await runProgram([...args, '--json'])).stdout) as object[]
  t.match(requests.at(-1), { method: 'POST', path: 'kbn:/s/mailman/api/saved_objects/_import?overwrite=true', file })
  t.notMatch((await runProgram(args.filter(arg => !/kibana|:9$/.test(arg)))).stdout, /kbn:/, 'only where Kibana is asked for')
})
