/**
 * F47, F48: the real server cannot be reached, from the start or later, comes back at another address; takes connections and
 * never answers; answers nobody ever hears; is stopped in its tracks. A hold-up each time, told once, and each line once after it.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { createElasticsearchOutput } from '../../src/delivery/elasticsearch.js'
import { makeBatch, makeConfig } from '../support/batch.js'
import { startChaosProxy } from '../support/chaos-proxy.js'
import { type ClusterStory, startClusterStory } from '../support/cluster-story.js'
import { startElasticsearch, type TestElasticsearch } from '../support/elasticsearch.js'
import { until } from '../support/until.js'

const skip = process.getuid?.() !== 0 && 'only root can give the agent a hosts file of its own: sudo npx tap test/faults'
t.setTimeout(600_000)
t.jobs = 3 // most of the time is waiting

/** Waits until nothing holds it up; then it has told of as many troubles since the last time. */
async function isOver(t: Test, { story }: ClusterStory, codes: readonly string[]): Promise<void> {
  await story.says(/events are taken again/)
  t.same(
    story.troubles.map(({ code }) => code).filter(code => code !== undefined),
    codes,
    'one line for each change',
  )
  t.equal(story.agent.log.filter(({ msg }) => msg === 'events are taken again').length, 1)
  story.agent.log.length = 0
}

t.test('F47 down at the start, gone later, back at another address', { skip }, async t => {
  const cluster = await startClusterStory(t)
  const { story, proxy, site, storesExactly, configure } = cluster
  const { apiKeyFile, namespace } = site.config
  const hosts = join(story.directory, 'hosts')
  const own = 'mount --bind "$1" /etc/hosts; shift; exec "$@"'
  story.agent.under = ['unshare', '-m', 'sh', '-ec', own, 'sh', hosts]
  configure({ elasticsearch: { nodes: [`http://es.test:${proxy.port}`], apiKeyFile, namespace } })
  writeFileSync(hosts, '127.0.0.1 localhost\n')
  story.write(20)
  story.start()
  await story.says(/MLS_OUTPUT_UNREACHABLE.*(ENOTFOUND|EAI_AGAIN)/)
  writeFileSync(hosts, '127.0.0.1 localhost es.test\n')
  await storesExactly('its name is known now')
  await isOver(t, cluster, ['MLS_OUTPUT_UNREACHABLE'])

  await proxy.close()
  story.write(20)
  await story.says(/MLS_OUTPUT_UNREACHABLE/)
  story.write(20)
  const moved = await startChaosProxy(cluster.server, { host: '127.0.0.2', port: proxy.port })
  t.teardown(() => moved.close())
  writeFileSync(hosts, '127.0.0.1 localhost\n127.0.0.2 es.test\n')
  await storesExactly('at the new address')
  await isOver(t, cluster, ['MLS_OUTPUT_UNREACHABLE'])
  await story.stop()
})

t.test('F48 no answer: nothing was taken, or all was', async t => {
  const { site, proxy, client } = await startClusterStory(t)
  const config = makeConfig(proxy.url, { ...site.config, nodes: [proxy.url], caFile: undefined })
  const output = createElasticsearchOutput(config, { warn: message => t.fail(message), timeoutMs: 1_000 })
  t.teardown(() => output.close())
  const { signal } = new AbortController()
  const batchOf = (...ids: string[]) =>
    makeBatch(
      output,
      ids.map(id => ({ id })),
    )
  const took = async (work: () => Promise<unknown>): Promise<number> => {
    const begun = performance.now()
    await work()
    return performance.now() - begun
  }
  await until(
    async () => 'outcomes' in (await output.write(batchOf('first'), signal)),
    () => 'it answers within a second',
  )
  const timeout = { holdUp: { code: 'MLS_OUTPUT_TIMEOUT' } }

  proxy.mode = 'deaf'
  const time = await took(async () => t.match(await output.write(batchOf('a', 'b'), signal), timeout))
  t.ok(time < 3_000, `our own time limit: ${Math.round(time)} ms`)
  proxy.mode = 'pass'
  await until(
    async () => 'outcomes' in (await output.write(batchOf('a', 'b'), signal)),
    () => 'it answers again',
  )

  proxy.mode = 'mute'
  const before = proxy.bulks
  t.match(await output.write(batchOf('c', 'd'), signal), timeout)
  t.equal(proxy.bulks, before + 1)
  proxy.mode = 'pass'
  await until(
    async () => {
      const answer = await output.write(batchOf('c', 'd', 'e'), signal)
      return 'outcomes' in answer && t.match(answer.outcomes.slice(0, 2), [{ status: 'duplicate' }, { status: 'duplicate' }])
    },
    () => 'what was sent has been stored',
  )

  proxy.delayMs = 2_000
  t.match(await output.write(batchOf('f'), signal), timeout, 'slower than the limit')
  proxy.delayMs = 50
  await until(
    async () => 'outcomes' in (await output.write(batchOf('f'), signal)),
    () => 'slow, but within it',
  )
  const index = `logs-mailman.*-${site.config.namespace}`
  await client.indices.refresh({ index })
  t.equal((await client.count({ index })).count, 7)
})

/** The server's own process and the one that watches it. */
function processesOf(server: TestElasticsearch): number[] {
  const { server: first } = JSON.parse(readFileSync(join(dirname(server.caFile), '../server.json'), 'utf8'))
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', `${first}`], { encoding: 'utf8' })
  return [first, ...children.trim().split(/\s+/).map(Number)]
}

t.test('F48 the server is stopped (SIGSTOP) for longer than a request may take', async t => {
  const server = await startElasticsearch({ apart: true })
  t.teardown(() => server.stop())
  const cluster = await startClusterStory(t, server)
  const { story, storesExactly } = cluster
  story.write(20)
  story.start()
  await storesExactly()
  const processes = processesOf(server)
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of processes) process.kill(pid, name)
  }
  t.teardown(() => signal('SIGCONT'))
  signal('SIGSTOP')
  story.write(20)
  await story.says(/MLS_OUTPUT_TIMEOUT/, 60_000)
  story.write(20)
  signal('SIGCONT')
  await storesExactly('each line once, though the server may have taken the first request after all')
  await isOver(t, cluster, ['MLS_OUTPUT_TIMEOUT'])
  await story.stop()
})
