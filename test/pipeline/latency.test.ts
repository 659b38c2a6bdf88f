/** A line appended is searchable soon: within 1 s in the embedded store, within the refresh interval + 1 s in Elasticsearch. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AgentProcess } from '../support/agent-process.js'
import { startSite } from '../support/setup.js'
import { type AgentSite, makeAgentSite } from '../support/site-config.js'
import { countSoFar } from '../support/stored.js'
import { until } from '../support/until.js'

const REFRESH_MS = 1_000 // Elasticsearch's default for an index that is searched
const line = (number: number): string =>
  `Nov 20 12:00:00 2026 (7) Dev post from a@example.org held, message-id=<m${number}@example.org>: Post to moderated list\n`

async function measure(t: Test, site: AgentSite, count: () => Promise<number> | number, limitMs: number): Promise<void> {
  const agent = new AgentProcess(site.configFile)
  const vette = join(site.logs, 'vette')
  appendFileSync(vette, line(0))
  agent.start()
  t.teardown(() => agent.end('SIGKILL'))
  await until(
    async () => (await count()) >= 1,
    () => `the first line; ${JSON.stringify(agent.log.slice(-2))}`,
  )
  const times: number[] = []
  for (let number = 1; number <= 5; number++) {
    const begun = performance.now()
    appendFileSync(vette, line(number))
    await until(
      async () => (await count()) > number,
      () => `line ${number}`,
    )
    times.push(Math.round(performance.now() - begun))
  }
  t.comment(`milliseconds until searchable: ${times.join(', ')}`)
  t.ok(times.sort((a, b) => a - b)[2]! < limitMs, `half of the lines within ${limitMs} ms`)
  t.equal(await agent.end('SIGTERM'), 0)
}

t.test('embedded store', async t => {
  const site = makeAgentSite(t.testdir({}))
  await measure(t, site, () => countSoFar(site.store), 1_000)
})

t.test('Elasticsearch', async t => {
  const directory = t.testdir()
  const { client, elasticsearch } = await startSite(t, directory)
  const site = makeAgentSite(directory, { elasticsearch })
  const index = `logs-mailman.*-${elasticsearch.namespace}`
  const count = (): Promise<number> =>
    client.search({ index, size: 0, track_total_hits: true }).then(
      ({ hits }) => (hits.total as { value: number }).value,
      () => 0,
    )
  await measure(t, site, count, REFRESH_MS + 1_000)
})
