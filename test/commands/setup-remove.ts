// `setup --remove` on the servers of setup.test.ts: all of it where nobody else is there, else what nobody else needs.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { Connection } from '../../src/delivery/client.js'
import { readRules } from '../../src/delivery/kibana-rules.js'
import { perform } from '../../src/delivery/request.js'
import { makeTemplates } from '../../src/delivery/template.js'
import { startFakeKibana } from '../support/fake-kibana.js'
import type { Site } from '../support/setup.js'

const steps = (lines: readonly string[]): string[] => lines.slice(0, -1).map(line => line.split(' ')[0]!)

const isThere = (admin: Connection, path: string): Promise<boolean> =>
  perform(admin.client, { method: 'GET', path }).then(
    () => true,
    () => false,
  )

/** Nothing was stored yet. */
export async function removes(t: Test, site: Site, admin: Connection): Promise<void> {
  const made = ['/_security/role/mailman-admins', ...makeTemplates().map(({ kind, name }) => `/_${kind}_template/${name}`)]
  for (const path of made) t.ok(await isThere(admin, path), path)
  await t.rejects(site.setup({ remove: true, print: true }), { code: 'MLS_USAGE_INVALID' })
  const { code, lines } = await site.setup({ remove: true })
  t.equal(code, 0)
  // Three of them say how long events were kept.
  t.same(steps(lines), Array(9).fill('done'), lines.join('\n'))
  t.match(lines.at(-1), /^Events stay/)
  for (const path of made) t.notOk(await isThere(admin, path), `${path} is gone`)
  t.notOk(existsSync(site.keyFile), 'and the key')
  const options = await withRules(t, site)
  const again = await site.setup({ ...options, remove: true })
  t.same(steps(again.lines), [...Array(6).fill('unchanged'), 'done'], 'again, and the alert rules, as nobody is watched any more')
  t.equal((await site.setup()).code, 0, 'setup makes it all again')
  for (const path of made) t.ok(await isThere(admin, path), path)
}

/** A Kibana that holds an alert rule of ours. */
async function withRules(t: Test, site: Site) {
  const password = readFileSync(site.adminFile, 'utf8').trim()
  const fake = await startFakeKibana({ password })
  t.teardown(() => fake.close())
  const kibanaObjects = fileURLToPath(new URL('../../deploy/kibana/mailman.ndjson', import.meta.url))
  const [rule] = readRules(readFileSync(join(dirname(kibanaObjects), 'rules.json'), 'utf8'))
  fake.alerting.rules.set(rule!.id, { space: 'mailman' })
  return { kibana: fake.url, kibanaObjects }
}

/** After all else: there are streams, a key of another namespace, a template and a role that others changed. */
export async function keeps(t: Test, site: Site, admin: Connection): Promise<void> {
  const { namespace } = site.config
  const keys = async (): Promise<{ id: string; metadata: { namespace: string } }[]> => {
    const path = '/_security/api_key?name=mailman-shipper-writer-*&active_only=true'
    return ((await perform(admin.client, { method: 'GET', path })) as { api_keys: Awaited<ReturnType<typeof keys>> }).api_keys
  }
  const count = async () => {
    await perform(admin.client, { method: 'POST', path: `/logs-mailman.*-${namespace}/_refresh` })
    return (await perform(admin.client, { method: 'GET', path: `/logs-mailman.*-${namespace}/_count` })) as object
  }
  const before = await count()
  const other = (await keys()).filter(({ metadata }) => metadata.namespace !== namespace)
  t.ok(other.length > 0, 'another namespace is shipped to')
  writeFileSync(site.keyFile, 'of somebody else', { mode: 0o600 })
  const { code, lines } = await site.setup({ ...(await withRules(t, site)), remove: true })
  t.equal(code, 0)
  t.match(lines, [
    /^done +writer key: revoked; .*holds another key: left/,
    /^done +role mailman-admins: .*what else it may stays/,
    /^skipped +index template metrics-mailman.agent: still used/,
    /^skipped +index template logs-mailman: not ours/,
    /^skipped +component template mailman@settings: still used by lists1.example.org/,
    /^skipped +component template mailman@mappings: still used/,
    /^skipped +Kibana alert rules: still used: they watch lists1.example.org/,
  ])
  t.equal(readFileSync(site.keyFile, 'utf8'), 'of somebody else')
  t.same((await keys()).map(({ id }) => id).sort(), other.map(({ id }) => id).sort(), 'the other key is good')
  const path = '/_security/role/mailman-admins'
  const role = (await perform(admin.client, { method: 'GET', path })) as Record<string, { indices: { names: string[] }[] }>
  t.same(
    role['mailman-admins']?.indices.map(({ names }) => names),
    [['own-*']],
  )
  // With nobody else there, the streams that are there still need the templates.
  await perform(admin.client, { method: 'DELETE', path: '/_security/api_key', body: { ids: other.map(({ id }) => id) } })
  for (const { kind, name, body } of makeTemplates().filter(({ name }) => name === 'logs-mailman'))
    await perform(admin.client, { method: 'PUT', path: `/_${kind}_template/${name}`, body })
  t.match((await site.setup({ remove: true })).lines, [
    /^unchanged/,
    /^unchanged/,
    /^skipped +index template metrics-mailman.agent: kept: streams/,
    /^skipped +index template logs-mailman: kept: streams/,
    /^skipped +component template mailman@settings: kept/,
    /^skipped +component template mailman@mappings: kept/,
  ])
  t.same(await count(), before, 'no event is touched')
}
