/** A story of logs (log-story.ts) that are shipped to a real Elasticsearch, through a network that fails when a test says so. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Client } from '@elastic/elasticsearch'
import type { Test } from 'tap'
import { type ChaosProxy, startChaosProxy } from './chaos-proxy.js'
import type { TestElasticsearch } from './elasticsearch.js'
import { LogStory } from './log-story.js'
import { numberOf } from './mailman-writer.js'
import { type Site, startSite } from './setup.js'
import { readCluster, type StoredDocument } from './stored.js'
import { until } from './until.js'

export interface ClusterStory {
  readonly server: TestElasticsearch
  readonly site: Site
  /** The superuser, past the proxy. */
  readonly client: Client
  readonly proxy: ChaosProxy
  readonly story: LogStory
  /** Changes the agent's configuration for its next start. */
  configure(options: object): void
  documents(): Promise<StoredDocument[]>
  /** Waits until all lines are stored; then each is there once. */
  storesExactly(what?: string): Promise<void>
}

/** @param shared the server; default: the one that all tests share  @param options `allowLookup`: what setup's writer key may */
export async function startClusterStory(
  t: Test,
  shared?: TestElasticsearch,
  options: { readonly allowLookup?: boolean } = {},
): Promise<ClusterStory> {
  const story = new LogStory(t)
  const ready = await startSite(t, story.directory, { ...options, ...(shared === undefined ? {} : { server: shared }) })
  const { server, site, client } = ready
  const proxy = await startChaosProxy(server)
  t.teardown(() => proxy.close())
  const { apiKeyFile, namespace } = site.config
  const configure = (options: object): void => {
    const config = JSON.parse(readFileSync(story.configFile, 'utf8'))
    writeFileSync(story.configFile, JSON.stringify({ ...config, ...options }))
  }
  configure({ ndjson: undefined, elasticsearch: { nodes: [proxy.url], apiKeyFile, namespace } })
  const documents = (): Promise<StoredDocument[]> => readCluster(client, namespace)
  return {
    server,
    site,
    client,
    proxy,
    story,
    configure,
    documents,
    async storesExactly(what = 'each line once') {
      let numbers: number[] = []
      await until(
        async () => {
          numbers = (await documents()).map(({ message }) => numberOf(message))
          return numbers.length >= story.next
        },
        () => `${numbers.length} of ${story.next} are stored; the agent said ${JSON.stringify(story.agent.log.slice(-3))}`,
        60_000,
      )
      t.same(
        numbers.sort((a, b) => a - b),
        Array.from({ length: story.next }, (_, number) => number),
        what,
      )
    },
  }
}
