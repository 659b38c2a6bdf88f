/** What a real agent's /metrics hold, after all that there are figures of has happened: for tests of rules and dashboards. */
import { readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type Family, readExposition } from './exposition.js'
import { startFakeElasticsearch } from './fake-elasticsearch.js'
import { LogStory } from './log-story.js'
import { until } from './until.js'

export function askMetrics(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path: '/metrics' }, response => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve(text))
    })
      .on('error', reject)
      .end()
  })
}

const posts = (count: number): string =>
  Array.from(
    { length: count },
    (_, i) => `Nov 20 12:00:00 2026 (7) post to dev from a@example.org, size=1, message-id=<p${i}@x>, success\n`,
  ).join('')

/** One that shipped posts and holds of a list, was refused a document, had to send again, and misses a directory. */
export async function agentMetrics(t: Test): Promise<Map<string, Family>> {
  const server = await startFakeElasticsearch()
  t.teardown(() => server.close())
  const refused = { create: { status: 400, error: { type: 'document_parsing_exception', reason: 'failed to parse' } } }
  server.next(
    () => ({ status: 503, body: {} }),
    ({ id }) => ({ body: { errors: true, items: id.map(() => refused) } }),
  )
  const elasticsearch = { nodes: [server.url] }
  const story = new LogStory(t, { ndjson: undefined, elasticsearch, metrics: { listen: '127.0.0.1:0' } })
  const config = JSON.parse(readFileSync(story.configFile, 'utf8'))
  // A directory that is missing is trouble, which has no series before the first time.
  config.logs.directories.push(join(story.directory, 'missing'))
  config.alerts = { journal: {} }
  writeFileSync(story.configFile, JSON.stringify(config))
  story.write(20)
  story.append(posts(20), 'post')
  // A log that is followed has the counters of all that it can hold.
  for (const log of ['bounce', 'error', 'mischief', 'qrunner', 'smtp', 'smtp-failure'])
    story.append('Nov 20 12:00:00 2026 (7) what no Mailman says\n', log)
  story.start()
  const { port } = await story.says(/serving \/metrics/)
  let families = new Map<string, Family>()
  const shows = (name: string, labels: string, least: number): Promise<unknown> =>
    until(
      async () => {
        families = readExposition(await askMetrics(Number(port)))
        const samples = [...(families.get(`mailman_shipper_${name}`)?.samples ?? [])]
        return samples.some(([key, value]) => key.includes(labels) && value >= least)
      },
      () => `${name} ${labels}: ${JSON.stringify(story.agent.log)}`,
    )
  await shows('list_events_total', '"dev"', 0)
  story.write(20)
  story.append(posts(20), 'post')
  for (const action of ['message-held', 'message-posted']) await shows('list_events_total', `"dev"],["action","${action}"`, 20)
  await shows('set_aside_documents_total', '', 1)
  await shows('delivery_retries_total', '', 1)
  await shows('trouble', '', 1)
  await shows('checkpoint_last_write_timestamp_seconds', '', 1)
  await story.stop()
  return families
}
