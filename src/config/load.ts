/**
 * The configuration: a YAML file, checked strictly, with what is missing filled in from the surroundings. Secrets are not read
 * here, only the names of the files that hold them.
 */
import { dirname, join, resolve } from 'node:path'
import { ShipperError } from '../errors.js'
import { completeAlerts } from './alerts-load.js'
import { warnOfAlerts } from './alerts-problems.js'
import { type ConfigDocument, readConfigDocument } from './document.js'
import { isLoopback } from './loopback.js'
import type { AskMyListConfig, Config, ElasticsearchConfig } from './options.js'
import { describeContradictions, describeIssues, type Problem, readDataset, sayProblem } from './problems.js'
import { type Options, schema } from './schema.js'
import {
  credentialFile,
  defaultStateDirectory,
  dropSameDirectories,
  findUsualDirectories,
  lookAround,
  peoplesFile,
  type Surroundings,
} from './surroundings.js'

export interface LoadOptions {
  /** A command for people (search, trace, why, report): their own ~/.config/mailman-shipper/config.yaml comes before the system's. */
  readonly forPeople?: boolean
  readonly surroundings?: Surroundings
}

/**
 * @param path what --config names; undefined: a people's own file (`forPeople`), else /etc/mailman-shipper/config.yaml, else none.
 * @throws ShipperError MLS_CONFIG_UNREADABLE; MLS_CONFIG_INVALID, whose message lists everything that is wrong, a line each
 */
export async function loadConfig(
  path: string | undefined,
  { forPeople = false, surroundings = lookAround() }: LoadOptions = {},
): Promise<Config> {
  if (path !== undefined) {
    const file = resolve(path)
    const document = await readConfigDocument(file)
    if (document === undefined) throw new ShipperError('MLS_CONFIG_UNREADABLE', `${file}: no such file`)
    return completeConfig(file, document, surroundings)
  }
  for (const file of [...(forPeople ? [peoplesFile(surroundings)] : []), surroundings.systemFile]) {
    const document = await readConfigDocument(file)
    if (document !== undefined) return completeConfig(file, document, surroundings)
  }
  return completeConfig(undefined, undefined, surroundings)
}

/** Without quotes, YAML takes 2.1 and 3 for numbers. */
const asWritten = { auto: 'auto', '2.1': '2.1', '3': '3' } as const

function completeConfig(file: string | undefined, document: ConfigDocument | undefined, surroundings: Surroundings): Config {
  const options = checkOptions(file, document)
  const base = file === undefined ? '/' : dirname(file)
  const absolute = (path: string) => resolve(base, path)
  const { logs, local } = options
  const state = options.state?.directory === undefined ? defaultStateDirectory(surroundings) : absolute(options.state.directory)
  const ndjson = options.ndjson && (options.ndjson.file ?? '-')
  const config: Omit<Config, 'warnings'> = {
    file,
    host: { name: options.host?.name ?? surroundings.hostname },
    instance: options.instance ?? 'main',
    logs: {
      directories: logs?.directories ? dropSameDirectories(logs.directories.map(absolute)) : findUsualDirectories(surroundings),
      names: [...new Set(logs?.names)],
      mailman: asWritten[logs?.mailman ?? 'auto'],
      timezone: logs?.timezone ?? surroundings.timezone ?? 'UTC',
      formerTimezones: (logs?.formerTimezones ?? [])
        .map(text => {
          const [timezone = '', , until = ''] = text.split(' ')
          return { timezone, untilMs: Date.parse(until) }
        })
        .sort((a, b) => a.untilMs - b.untilMs),
      keepOriginal: logs?.keepOriginal ?? false,
    },
    elasticsearch: options.elasticsearch && completeElasticsearch(options.elasticsearch, absolute, surroundings),
    local: {
      file: local?.file === undefined ? join(state, 'events.db') : absolute(local.file),
      keepDays: local?.keepDays ?? 90,
      keepDaysOf: new Map(
        Object.entries(local?.keepDaysOf ?? {}).map(([name, days]) => [readDataset(name, logs?.names ?? []).dataset!, days]),
      ),
    },
    ndjson: ndjson === undefined ? undefined : { file: ndjson === '-' ? '-' : absolute(ndjson) },
    privacy: completePrivacy(options.privacy, absolute, surroundings),
    metrics: options.metrics && { listen: options.metrics.listen ?? '127.0.0.1:9825' },
    web: {
      listen: options.web?.listen ?? '127.0.0.1:8025',
      askMyList: options.web?.askMyList && completeAskMyList(options.web.askMyList, absolute, surroundings),
    },
    alerts: completeAlerts(options.alerts ?? {}, absolute, surroundings),
    state: { directory: state },
  }
  return { ...config, warnings: findWarnings(options, config, document, surroundings) }
}

function checkOptions(file: string | undefined, document: ConfigDocument | undefined): Options {
  // An empty file is a configuration in which everything is left out.
  const value = document?.value ?? {}
  const problems: Problem[] = [...describeIssues(schema.findIssues(value, []), value), ...describeContradictions(value)]
  if (problems.length === 0) return value as Options
  const sentences = problems
    .map(problem => ({ line: document?.lineOf(problem.path), problem }))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .map(({ line, problem }) => `\n  ${sayProblem(problem, line)}`)
  throw new ShipperError('MLS_CONFIG_INVALID', `${file}${sentences.join('')}`)
}

function completeElasticsearch(
  options: NonNullable<Options['elasticsearch']>,
  absolute: (path: string) => string,
  surroundings: Surroundings,
): ElasticsearchConfig {
  const given = (path: string | undefined) => (path === undefined ? undefined : absolute(path))
  // A unit hands the key over because its user may not read the file that `setup` wrote, so the credential goes first.
  const credential = options.username === undefined ? credentialFile(surroundings, 'elasticsearch-api-key') : undefined
  return {
    nodes: options.nodes ?? ['https://localhost:9200'],
    apiKeyFile: credential ?? given(options.apiKeyFile),
    username: options.username,
    passwordFile: given(options.passwordFile),
    caFile: given(options.caFile),
    compression: options.compression ?? 'gzip',
    namespace: options.namespace ?? 'default',
    agentMetrics: options.agentMetrics ?? true,
  }
}

function completePrivacy(
  options: Options['privacy'],
  absolute: (path: string) => string,
  surroundings: Surroundings,
): Config['privacy'] {
  const { addresses = 'keep', names = 'keep', subjects = 'keep', ips = 'keep', keyFile } = options ?? {}
  const given = keyFile === undefined ? undefined : absolute(keyFile)
  return { addresses, names, subjects, ips, keyFile: credentialFile(surroundings, 'privacy-key') ?? given }
}

function completeAskMyList(
  options: NonNullable<NonNullable<Options['web']>['askMyList']>,
  absolute: (path: string) => string,
  surroundings: Surroundings,
): AskMyListConfig {
  const given = (path: string | undefined) => (path === undefined ? undefined : absolute(path))
  const { mail } = options
  return {
    listen: options.listen ?? '127.0.0.1:8026',
    publicUrl: options.publicUrl.replace(/\/*$/, '/'),
    domains: options.domains,
    keyFile: credentialFile(surroundings, 'web-link-key') ?? given(options.keyFile),
    trustProxy: options.trustProxy ?? false,
    mail: {
      server: mail.server ?? 'smtp://127.0.0.1:25',
      from: mail.from,
      caFile: given(mail.caFile),
      username: mail.username,
      passwordFile: given(mail.passwordFile),
    },
  }
}

/** An option that does nothing must not look as if it did. */
function findWarnings(
  options: Options,
  config: Omit<Config, 'warnings'>,
  document: ConfigDocument | undefined,
  surroundings: Surroundings,
): string[] {
  const warnings: string[] = []
  if (document?.worldWritable) warnings.push(`${config.file}: every user of this host can change it; chmod 644 it.`)
  if (options.privacy?.keyFile !== undefined && !Object.values(options.privacy).includes('hash'))
    warnings.push('privacy.keyFile: nothing is to be hashed, so it has no effect.')
  const output = options.elasticsearch ? 'elasticsearch' : options.ndjson ? 'ndjson' : undefined
  if (options.local && output) warnings.push(`local: not written, since events go to ${output}; only searched.`)
  for (const node of config.elasticsearch?.nodes ?? []) {
    const { protocol, hostname, host } = new URL(node)
    if (protocol === 'http:' && !isLoopback(hostname))
      warnings.push(`elasticsearch.nodes: ${host} is spoken to without TLS; events and the key can be read on the way.`)
  }
  for (const [name, what] of [
    ['metrics', 'metrics'],
    ['web', 'events'],
  ] as const) {
    const { listen } = config[name] ?? {}
    if (listen !== undefined && !isLoopback(listen.slice(0, listen.lastIndexOf(':'))))
      warnings.push(`${name}.listen: whoever reaches ${listen} can read the ${what}; there is no password.`)
  }
  const { listen: asked = '', trustProxy } = config.web.askMyList ?? {}
  if (trustProxy && !isLoopback(asked.slice(0, asked.lastIndexOf(':'))))
    warnings.push(`web.askMyList.trustProxy: whoever reaches ${asked} without the proxy can say any address.`)
  if (options.logs?.timezone === undefined && surroundings.timezone === undefined)
    warnings.push('logs.timezone: this host does not tell its time zone; UTC is assumed.')
  return [...warnings, ...warnOfAlerts(config.alerts)]
}
