/** Configuration files for the real agent in a directory of a test. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config, ElasticsearchConfig } from '../../src/config/options.js'
import { noAlerts } from './no-alerts.js'

export interface AgentSite {
  readonly configFile: string
  readonly logs: string
  readonly state: string
  /** The embedded store. */
  readonly store: string
}

/** @param logs the directory of the logs (or several); default: `logs` in `directory`  @param name tells several agents of one test apart */
export function makeAgentSite(
  directory: string,
  {
    logs = join(directory, 'logs'),
    name = 'agent',
    timezone = 'UTC',
    elasticsearch,
    alerts,
  }: {
    logs?: string | readonly string[]
    name?: string
    timezone?: string
    elasticsearch?: Partial<ElasticsearchConfig>
    alerts?: Record<string, unknown>
  } = {},
): AgentSite {
  const state = join(directory, `${name}-state`)
  const configFile = join(directory, `${name}.yaml`)
  const directories = typeof logs === 'string' ? [logs] : logs
  for (const path of directories) mkdirSync(path, { recursive: true })
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const config = {
    host: { name: 'lists1.example.org' },
    logs: { directories, timezone },
    state: { directory: state },
    ...(elasticsearch === undefined ? {} : { elasticsearch }),
    ...(alerts === undefined ? {} : { alerts }),
  }
  writeFileSync(configFile, JSON.stringify(config), { mode: 0o600 }) // JSON is YAML too
  return { configFile, logs: directories[0]!, state, store: join(state, 'events.db') }
}

/** For a pipeline in this process, on these directories; its output is the test's. */
export function makePipelineConfig(logs: string, state: string, mailman: Config['logs']['mailman'] = 'auto'): Config {
  return {
    file: undefined,
    warnings: [],
    host: { name: 'lists1' },
    instance: 'main',
    logs: { directories: [logs], names: [], mailman, timezone: 'UTC', formerTimezones: [], keepOriginal: false },
    elasticsearch: undefined,
    local: { file: join(state, 'events.db'), keepDays: 90, keepDaysOf: new Map() },
    ndjson: undefined,
    metrics: undefined,
    web: { listen: '127.0.0.1:8025', askMyList: undefined },
    privacy: { addresses: 'keep', names: 'keep', subjects: 'keep', ips: 'keep', keyFile: undefined },
    alerts: noAlerts,
    state: { directory: state },
  }
}
