// `setup --remove --with-data` on the servers of setup.test.ts: shown, asked, and only what is this namespace's.
import { existsSync } from 'node:fs'
import type { Client } from '@elastic/elasticsearch'
import type { Test } from 'tap'
import type { Connection } from '../../src/delivery/client.js'
import { perform } from '../../src/delivery/request.js'
import type { JsonObject } from '../../src/delivery/template.js'
import { writeSecret } from '../support/batch.js'
import { startDataStreamFront } from '../support/data-stream-front.js'
import type { TestElasticsearch } from '../support/elasticsearch.js'
import { makeSite } from '../support/setup.js'

const put = async (client: Client, stream: string, count: number): Promise<void> => {
  const body = { '@timestamp': '2026-01-02T03:04:05Z', message: 'x' }
  for (let n = 0; n < count; n++) await perform(client, { method: 'PUT', path: `/${stream}/_create/${n}`, body })
  await perform(client, { method: 'POST', path: `/${stream}/_refresh` })
}

const countIn = async (client: Client, stream: string): Promise<number> => {
  await perform(client, { method: 'POST', path: `/${stream}/_refresh` })
  return ((await perform(client, { method: 'GET', path: `/${stream}/_count` })) as { count: number }).count
}

export async function removesData(t: Test, server: TestElasticsearch, { client }: Connection): Promise<void> {
  const front = await startDataStreamFront(server)
  t.teardown(() => front.close())
  const site = makeSite({ ...server, url: front.url }, t.testdir({}))
  const { namespace } = site.config
  t.equal((await site.setup({ keepDaysOf: ['post=30'] })).code, 0)
  const mine = [`logs-mailman.post-${namespace}`, `logs-mailman.vette-${namespace}`, `metrics-mailman.agent-${namespace}`]
  const others = [`logs-mailman.post-x-${namespace}`, `logs-mailman.post-other${namespace}`]
  for (const [i, stream] of [...mine, ...others].entries()) await put(client, stream, i + 1)
  const counts = async () => Promise.all([...mine, ...others].map(stream => countIn(client, stream)))
  const all = [1, 2, 3, 4, 5]
  const wish = { remove: true, withData: true }

  for (const wrong of [{ withData: true }, { remove: true, yes: true }, { ...wish, keepDays: 3 }, { ...wish, print: true }])
    await t.rejects(site.setup(wrong), { code: 'MLS_USAGE_INVALID' }, JSON.stringify(wrong))

  const names = ['logs-mailman.*-*', 'metrics-mailman.*-*']
  const role = {
    cluster: ['manage_index_templates', 'monitor'],
    indices: [{ names, privileges: ['monitor', 'view_index_metadata'] }],
  }
  const user = `looks-${namespace}`
  await perform(client, { method: 'PUT', path: `/_security/role/${user}`, body: role as unknown as JsonObject })
  const body = { password: 'password-of-looks', roles: [user] }
  await perform(client, { method: 'PUT', path: `/_security/user/${user}`, body })
  const passwordFile = writeSecret(t.testdirName, 'looks', body.password)
  await t.rejects(site.setup({ ...wish, yes: true, user, passwordFile }), {
    code: 'MLS_SETUP_PRIVILEGE',
    message: /index privilege delete_index on logs-mailman.*Nothing is removed$/,
  })

  const unasked = await site.setup(wish)
  t.match(unasked.lines, [
    `Data streams of namespace ${namespace}, 6 events in all:`,
    new RegExp(`^ +1 event +\\d\\S* \\S+ +${mine[0]}$`),
    new RegExp(`^ +2 events +\\d\\S* \\S+ +${mine[1]}$`),
    new RegExp(`^ +3 events +\\d\\S* \\S+ +${mine[2]}$`),
    'Hosts with a key for this namespace: lists1.example.org.',
    'Nothing is removed yet: repeat with --yes.',
  ])
  t.match(JSON.parse((await site.setup({ ...wish, json: true })).lines.join('')), { removed: false, streams: { length: 3 } })
  let asked = ''
  const answer = (text: string) => async (question: string) => {
    asked = question
    return text
  }
  t.match((await site.setup(wish, answer('yes'))).lines.at(-1), /^Nothing is removed yet/)
  t.match(asked, `Type the namespace’s name, ${namespace}: `)
  t.same(await counts(), all)
  t.same(front.deleted, [])
  t.ok(existsSync(site.keyFile))

  const { code, lines } = await site.setup(wish, answer(` ${namespace}\n`))
  t.equal(code, 0, lines.join('\n'))
  t.match(lines.slice(5), [
    /^done +writer key: revoked/,
    `done      data stream ${mine[0]}: deleted, 1 event`,
    `done      data stream ${mine[1]}: deleted, 2 events`,
    `done      data stream ${mine[2]}: deleted, 3 events`,
  ])
  t.match(lines.at(-1), 'Removed, with the events of this namespace.')
  t.same(front.deleted, mine, 'each by its name')
  t.same(await counts(), [0, 0, 0, 4, 5], 'those of other namespaces stay')
  t.notOk(existsSync(site.keyFile))
  const again = JSON.parse((await site.setup({ ...wish, yes: true, json: true })).lines.join(''))
  t.match(again, { ok: true, removed: true, streams: mine.map(name => ({ name, events: 0, bytes: Number })) })
}
