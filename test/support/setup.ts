/** A namespace of its own on a real server, prepared by the real `setup`. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@elastic/elasticsearch'
import type { Test } from 'tap'
import { runSetup, type SetupOptions } from '../../src/commands/setup.js'
import type { Config, ElasticsearchConfig } from '../../src/config/options.js'
import { type Connection, connect } from '../../src/delivery/client.js'
import { makeConfig, writeSecret } from './batch.js'
import { makeNamespace, startElasticsearch, type TestElasticsearch } from './elasticsearch.js'
import { noAlerts } from './no-alerts.js'

export interface Site {
  /** Uses the writer key that setup makes. */
  readonly config: ElasticsearchConfig
  readonly keyFile: string
  readonly adminFile: string
  /** @param ask who answers its questions; default: nobody */
  setup(options?: Partial<SetupOptions>, ask?: (question: string) => Promise<string>): Promise<{ code: number; lines: string[] }>
  /** The superuser. */
  admin(): Promise<Connection>
}

export interface ReadySite {
  readonly server: TestElasticsearch
  readonly site: Site
  /** The superuser. */
  readonly client: Client
  /** For the configuration of an agent that ships to it, with the writer's key. */
  readonly elasticsearch: Partial<ElasticsearchConfig>
}

/**
 * A site on which `setup` has been; let go with the test.
 * @param directory gets a folder `es`  @param options `version`: of the server that all tests share, where no `server` is given
 */
export async function startSite(
  t: Test,
  directory: string,
  options: { readonly version?: '9.5.0' | '8.19.0'; readonly server?: TestElasticsearch; readonly allowLookup?: boolean } = {},
): Promise<ReadySite> {
  const { server = await startElasticsearch(options), allowLookup = false } = options
  if (options.server === undefined) t.teardown(() => server.stop())
  mkdirSync(join(directory, 'es'), { recursive: true })
  const site = makeSite(server, join(directory, 'es'))
  const { code, lines } = await site.setup({ allowLookup })
  t.equal(code, 0, `setup: ${lines.join('\n')}`)
  const { client, close } = await site.admin()
  t.teardown(close)
  const { nodes, apiKeyFile, caFile, namespace } = site.config
  return { server, site, client, elasticsearch: { nodes, apiKeyFile, caFile, namespace } }
}

export function makeSite(server: TestElasticsearch, directory: string): Site {
  const keyFile = join(directory, 'api-key')
  const adminFile = writeSecret(directory, 'password', server.password)
  const config = makeConfig(server.url, { apiKeyFile: keyFile, caFile: server.caFile, namespace: makeNamespace() })
  const whole: Config = {
    file: join(directory, 'config.yaml'),
    warnings: [],
    host: { name: 'lists1.example.org' },
    instance: 'main',
    logs: { directories: [], names: [], mailman: 'auto', timezone: 'UTC', formerTimezones: [], keepOriginal: false },
    elasticsearch: config,
    local: { file: join(directory, 'events.db'), keepDays: 90, keepDaysOf: new Map() },
    ndjson: undefined,
    privacy: { addresses: 'keep', names: 'keep', subjects: 'keep', ips: 'keep', keyFile: undefined },
    metrics: undefined,
    web: { listen: '127.0.0.1:8025', askMyList: undefined },
    alerts: noAlerts,
    state: { directory },
  }
  return {
    config,
    keyFile,
    adminFile,
    async setup(options = {}, ask) {
      const lines: string[] = []
      const all = {
        user: server.user,
        passwordFile: adminFile,
        allowLookup: false,
        kibana: undefined,
        print: false,
        json: false,
        ...options,
      }
      const code = await runSetup(whole, all, { out: text => lines.push(text), ask })
      return { code, lines }
    },
    admin: () => connect(config, { credentials: { username: server.user, password: server.password } }),
  }
}
