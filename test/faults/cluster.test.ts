/**
 * F61 on a real cluster: three nodes, one replica, and Mailman writing faster than is shipped. A node is killed (-9) and comes back,
 * then the master: the agent goes on with the others; each line is stored once, in its file's order, and the operator reads a line
 * for each node. `npm run cluster`, after a build; it takes some minutes and 3 GB.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@elastic/elasticsearch'
import t, { type Test } from 'tap'
import { startCluster, type TestCluster } from '../support/elasticsearch-cluster.js'
import { LogStory } from '../support/log-story.js'
import { MailmanWriter, numberOf } from '../support/mailman-writer.js'
import { makeSite } from '../support/setup.js'
import { findDisorder, type StoredDocument } from '../support/stored.js'
import { until } from '../support/until.js'

const skip = process.env.CLUSTER === undefined && 'a cluster of its own takes minutes: npm run cluster'
t.setTimeout(1_500_000)

/** So many lines wait at least: the agent always has more to send than it can. */
const AHEAD = 20_000
/** As many are written at most from one step to the next: a fast machine writes millions while a node starts. */
const MAX_LINES_A_STEP = 100_000
/** A loaded machine is slow; what is measured is told, not judged. */
const WAIT_MS = 300_000

t.test('F61 nodes die and come back under full load', { skip }, async t => {
  const cluster = await startCluster(t, ['north', 'east', 'south'])
  const { server, client, nodes, is, master } = cluster
  const story = new LogStory(t, {}, { es: {} })
  const site = makeSite(server, join(story.directory, 'es'))
  t.equal((await site.setup()).code, 0, 'setup')
  // As a site says it, in the place that setup names.
  await client.cluster.putComponentTemplate({
    name: 'logs-mailman@custom',
    template: { settings: { index: { number_of_replicas: 1 } } },
  })
  const { apiKeyFile, namespace, caFile } = site.config
  const { ndjson, ...config } = JSON.parse(readFileSync(story.configFile, 'utf8'))
  const elasticsearch = { nodes: nodes.map(({ url }) => url), apiKeyFile, namespace, caFile }
  writeFileSync(story.configFile, JSON.stringify({ ...config, elasticsearch }))
  const writer = new MailmanWriter(story.logs)
  t.teardown(() => writer.reopen())
  const settled = (): number => {
    const counts = story.status()?.counts
    return counts === undefined ? 0 : counts.stored + counts.duplicates
  }
  let limit = 0
  const writeMore = (): void => {
    limit = writer.next + MAX_LINES_A_STEP
  }
  const keepAhead = setInterval(() => {
    if (writer.next - settled() < AHEAD && writer.next < limit) writer.append(AHEAD / 4)
  }, 50)
  t.teardown(() => clearInterval(keepAhead))
  const gaps = watchCheckpoint(story.state)
  t.teardown(() => gaps.end())

  story.start()
  const ships = async (more: number): Promise<void> => {
    writeMore()
    const before = settled()
    await until(
      () => settled() >= before + more,
      () =>
        `${more} more events than ${before}; ${settled()} of ${writer.next} are settled; the agent says ${JSON.stringify(story.agent.log.slice(-4))}`,
      WAIT_MS,
    )
  }
  await ships(10_000)
  await is('green', 3)
  await ships(10_000)
  t.comment(`before: longest gap ${gaps.take()} ms`)

  const killed: string[] = []
  const first = await holderOf(cluster, namespace)
  for (const node of [first, undefined]) {
    const chosen = node ?? (await master())
    const before = settled()
    killed.push(new URL(chosen.url).host)
    writeMore()
    await chosen.kill()
    await is('yellow', 2)
    await ships(5_000)
    chosen.start()
    await is('green', 3)
    await ships(5_000)
    t.comment(
      `${chosen.name}${node === undefined ? ', the master,' : ''} killed and back: ${settled() - before} events meanwhile, longest gap ${gaps.take()} ms`,
    )
  }
  clearInterval(keepAhead)
  await until(
    () => settled() >= writer.next,
    () => `all ${writer.next}; ${settled()} are settled; the agent says ${JSON.stringify(story.agent.log.slice(-4))}`,
    WAIT_MS,
  )
  t.comment(`RSS at most ${peakOf(story.agent.pid)} MB`)
  await story.stop()
  t.comment(JSON.stringify(story.status()?.counts))
  const leftOut = story.agent.log.map(({ msg }) => /^(\S+) is left out, /.exec(`${msg}`)?.[1]).filter(host => host !== undefined)
  t.same(leftOut, killed, 'each is told of once')
  // An election may hold all up for a moment: told twice, when it begins and when it ends.
  t.ok(story.agent.log.length <= 12, `few lines: ${story.agent.log.map(({ msg }) => msg).join('; ')}`)
  await storedExactly(t, client, namespace, writer.next)
  t.same(story.status()?.counts.setAside, 0, 'nothing was set aside')
})

/** A node that holds a first copy, and is not the master. */
async function holderOf({ client, nodes, master }: TestCluster, namespace: string) {
  const shards = await client.cat.shards({ index: `logs-mailman.*-${namespace}`, format: 'json' })
  const { name } = await master()
  const holders = shards.filter(({ prirep, node }) => prirep === 'p' && node !== name).map(({ node }) => node)
  return nodes.find(node => holders.includes(node.name)) ?? nodes.find(node => node.name !== name)!
}

/** The checkpoint is written once a second while something is settled. */
function watchCheckpoint(state: string) {
  let last = 0
  let seenMs = performance.now()
  let longest = 0
  const timer = setInterval(() => {
    const written = Math.max(
      ...['checkpoint.0', 'checkpoint.1'].map(name => statSync(join(state, name), { throwIfNoEntry: false })?.mtimeMs ?? 0),
    )
    const now = performance.now()
    if (last !== 0) longest = Math.max(longest, now - seenMs)
    if (written === last) return
    last = written
    seenMs = now
  }, 20)
  return {
    take(): number {
      const taken = Math.round(longest)
      longest = 0
      return taken
    },
    end: () => clearInterval(timer),
  }
}

const peakOf = (pid: number): number =>
  Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)

/** Each number once, under one id, and each file's lines in their order as the shard took them. */
async function storedExactly(t: Test, client: Client, namespace: string, count: number): Promise<void> {
  const index = `logs-mailman.*-${namespace}`
  await client.indices.refresh({ index })
  const ids = new Set<string>()
  const seen = new Uint8Array(count)
  let disorder = 0
  for (const name of new Set((await client.cat.shards({ index, format: 'json' })).map(shard => shard.index!))) {
    const documents: StoredDocument[] = []
    let after: unknown[] | undefined
    do {
      const { hits } = await client.search<StoredDocument>({
        index: name,
        size: 10_000,
        _source: ['message', 'event.id', 'log.offset'],
        sort: [{ _seq_no: 'asc' }],
        ...(after === undefined ? {} : { search_after: after as string[] }),
      })
      for (const { _id, _source } of hits.hits) {
        ids.add(_id!)
        seen[numberOf(_source!.message)]!++
        documents.push(_source!)
      }
      after = hits.hits.at(-1)?.sort
    } while (after !== undefined)
    disorder += findDisorder(documents).length
  }
  t.equal(ids.size, count, 'as many ids as lines')
  t.equal(
    seen.findIndex(times => times !== 1),
    -1,
    'each line once',
  )
  t.equal(disorder, 0, "each file's lines in their order")
}
