/** A namespace of its own on a real server, prepared by the real `setup`. */
import { join } from 'node:path'
import { runSetup, type SetupOptions } from '../../src/commands/setup.js'
import type { Config, ElasticsearchConfig } from '../../src/config/options.js'
import { type Connection, connect } from '../../src/delivery/client.js'
import { makeConfig, writeSecret } from './batch.js'
import { makeNamespace, type TestElasticsearch } from './elasticsearch.js'

export interface Site {
  /** Uses the writer key that setup makes. */
  readonly config: ElasticsearchConfig
  readonly keyFile: string
  readonly adminFile: string
  setup(options?: Partial<SetupOptions>): Promise<{ code: number; lines: string[] }>
  /** The superuser. */
  admin(): Promise<Connection>
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
    local: { file: join(directory, 'events.db'), keepDays: 90 },
    ndjson: undefined,
    privacy: { addresses: 'keep', names: 'keep', subjects: 'keep', ips: 'keep', keyFile: undefined },
    state: { directory },
  }
  return {
    config,
    keyFile,
    adminFile,
    async setup(options = {}) {
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
      const code = await runSetup(whole, all, { out: text => lines.push(text) })
      return { code, lines }
    },
    admin: () => connect(config, { credentials: { username: server.user, password: server.password } }),
  }
}
