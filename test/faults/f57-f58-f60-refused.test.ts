/**
 * F57, F58 with the real server, while the agent ships: the index becomes read-only; the key is revoked. Both hold everything up,
 * loudly, until they are mended. F60: the cluster forgets what it had; then the files are the way back.
 */
import { rmSync } from 'node:fs'
import t from 'tap'
import { startClusterStory } from '../support/cluster-story.js'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.js'
import { LogStory } from '../support/log-story.js'
import { until } from '../support/until.js'

t.test('F58 the disk of the cluster is full: its index is read-only', async t => {
  const { story, client, site, storesExactly } = await startClusterStory(t)
  story.write(20)
  story.start()
  await storesExactly()
  const index = `logs-mailman.vette-${site.config.namespace}`
  const block = (on: boolean | null) =>
    client.indices.putSettings({ index, settings: { 'index.blocks.read_only_allow_delete': on } })
  await block(true)
  story.write(20)
  await story.says(/MLS_OUTPUT_READONLY/)
  story.write(20)
  await block(null)
  await storesExactly()
  await story.says(/events are taken again/)
  t.equal(story.troubles.length, 1, JSON.stringify(story.troubles))
  await story.stop()
  t.match(story.status()?.counts, { stored: 60, duplicates: 0, setAside: 0 })
})

t.test('F57 the key is revoked, and made anew', async t => {
  const { story, client, site, storesExactly } = await startClusterStory(t)
  story.write(20)
  story.start()
  await storesExactly()
  const { api_keys: keys } = await client.security.getApiKey({ active_only: true })
  const ids = keys.filter(key => JSON.stringify(key.role_descriptors).includes(site.config.namespace)).map(({ id }) => id)
  t.equal(ids.length, 1, 'its key is known by the names of its streams')
  await client.security.invalidateApiKey({ ids })
  story.write(20)
  await story.says(/MLS_OUTPUT_AUTH/)
  story.write(20)
  rmSync(site.keyFile)
  t.equal((await site.setup()).code, 0)
  await storesExactly()
  await story.says(/events are taken again/)
  const codes = new Set(story.troubles.map(({ code }) => code))
  codes.delete('MLS_CONFIG_SECRET') // while setup writes the new file, there is none
  t.same([...codes], ['MLS_OUTPUT_AUTH'])
  t.ok(story.troubles.length <= 3, JSON.stringify(story.troubles))
  await story.stop()
  t.match(story.status()?.counts, { stored: 60, setAside: 0 })
})

t.test('F60 the cluster forgot what it had', async t => {
  // The servers of these tests cannot delete a data stream: the fake forgets.
  const fake = await startFakeElasticsearch()
  t.teardown(() => fake.close())
  const story = new LogStory(t, { ndjson: undefined, elasticsearch: { nodes: [fake.url] } })
  const stores = (count: number) =>
    until(
      () => fake.stored.size === count,
      () => `${fake.stored.size} of ${count}: ${JSON.stringify(story.agent.log)}`,
    )
  story.write(40)
  story.start()
  await stores(40)
  const before = [...fake.stored.keys()]
  ;(fake.stored as Map<string, string>).clear()
  story.write(20)
  await stores(20)
  await story.stop()
  // What the files still hold comes back, under the same ids, with a state directory that knows nothing.
  rmSync(story.state, { recursive: true })
  story.start()
  await stores(60)
  await story.stop()
  t.match(story.status()?.counts, { stored: 40, duplicates: 20 })
  t.ok(
    before.every(id => fake.stored.has(id)),
    'under the same ids',
  )
})
