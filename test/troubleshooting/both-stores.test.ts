/** One story gives the same answers on the embedded store and on Elasticsearch, with a key that may only read. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Screen } from '../../src/commands/search.js'
import { runTrace } from '../../src/commands/trace.js'
import { runWhy } from '../../src/commands/why.js'
import { startNamespace } from '../support/templates.js'
import { documentsOf, storeOf, type Told } from '../support/told-store.js'

const at = (time: string, pid: number): string => `Mar 01 ${time} 2024 (${pid})`
const story: Told[] = [
  {
    log: 'vette',
    text: `${at('10:00:00', 11)} Dev post from ann@example.org held, message-id=<A.1@example.org>: Post to moderated list
${at('10:00:01', 11)} Users post from bob@example.org held, message-id=<b@example.org>: Post to moderated list
${at('10:05:00', 12)} dev: held message approved, message-id: <A.1@example.org>
${at('10:06:00', 12)} users: Discarded posting:\n\tFrom: bob@example.org\n\tSubject: x\n`,
  },
  { log: 'smtp', text: `${at('10:05:10', 20)} <A.1@example.org> smtp to dev for 9 recips, completed in 0.250 seconds\n` },
  {
    log: 'post',
    text: `${at('10:05:10', 20)} post to dev from ann@example.org, size=1000, message-id=<A.1@example.org>, 1 failures\n`,
  },
  {
    log: 'smtp-failure',
    text: `${at('10:05:10', 20)} delivery to one@example.net failed with code 550: 5.1.1 <one@example.net>: User unknown\n`,
  },
  { log: 'subscribe', text: `${at('09:00:00', 5)} dev: new Ann <ann@example.org>, via web confirmation\n` },
]

async function answers(config: string): Promise<string[]> {
  const lines: string[] = []
  const screen: Screen = {
    out: line => void lines.push(line),
    err: line => void lines.push(line),
    columns: 100,
    isColoured: false,
    now: () => Date.UTC(2024, 2, 1, 12),
  }
  for (const messageId of ['<A.1@example.org>', 'b@example.org', 'a.1@example.org']) await runTrace({ config, messageId }, screen)
  for (const subject of ['A.1@example.org', 'ann@example.org', 'one@example.net', 'dev', 'users', 'x@y.example'])
    for (const json of [false, true]) await runWhy({ config, subject, json }, screen)
  return lines
}

const logs = 'logs: { directories: [logs], timezone: UTC }\nstate: { directory: state }\n'

async function askCluster(t: Test): Promise<string[]> {
  const { server, namespace, client } = await startNamespace(t)
  const directory = t.testdir()
  const operations = documentsOf(story).flatMap(document => {
    const { id, dataset } = document.event as { id: string; dataset: string }
    return [{ create: { _index: `logs-${dataset}-${namespace}`, _id: id } }, document]
  })
  t.notOk((await client.bulk({ operations, refresh: true })).errors)
  const indices = [{ names: [`logs-mailman.*-${namespace}`], privileges: ['read', 'view_index_metadata'] }]
  const role = { cluster: ['monitor'], indices }
  const { encoded } = await client.security.createApiKey({ name: 'reader', role_descriptors: { role } } as never)
  writeFileSync(join(directory, 'key'), encoded, { mode: 0o600 })
  const config = join(directory, 'config.yaml')
  const fields = `nodes: ["${server.url}"], caFile: ${server.caFile}, apiKeyFile: key, namespace: ${namespace}`
  writeFileSync(config, `${logs}elasticsearch: { ${fields} }\n`)
  return answers(config)
}

t.test('the same on both', async t => {
  const directory = t.testdir()
  const config = join(directory, 'config.yaml')
  writeFileSync(config, `${logs}local: { file: events.db }\n`)
  storeOf(t, story, join(directory, 'events.db'))
  const embedded = await answers(config)
  t.match(embedded.join('\n'), /refused 1 of 9 recipients/)
  t.match(embedded.join('\n'), /users: discarded/)
  t.match(embedded.join('\n'), /never reached Mailman/, 'case counts in a message id')
  t.test('Elasticsearch', async t => t.strictSame(await askCluster(t), embedded))
})
