/**
 * `setup`: with an administrator's credentials, used once and not stored, prepares the cluster and makes this host's writer
 * key. Every step says what became of it; setup can be repeated and then finds everything unchanged.
 */
import { dirname, join } from 'node:path'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { type Connection, connect } from '../delivery/client.js'
import { orUndefined, planStreams, planTemplates } from '../delivery/index-setup.js'
import { planKibana, space } from '../delivery/kibana.js'
import { findMissing, findMissingInKibana, type KibanaRight, writerRights } from '../delivery/privileges.js'
import { planRole } from '../delivery/reader-role.js'
import { planRetention, type Retention } from '../delivery/retention.js'
import { readSecret } from '../delivery/secret.js'
import { type Step, type StepPlan, takeStep } from '../delivery/step.js'
import { readTrouble } from '../delivery/trouble.js'
import { type KeyRequest, planKey } from '../delivery/writer-key.js'
import { errors, exitCodes, ShipperError } from '../errors.js'
import { type OpenedKibana, openKibana } from './setup-kibana.js'
import { printAll } from './setup-print.js'
import { runRemove } from './setup-remove.js'
import { askOnTerminal } from './setup-remove-data.js'
import { type RetentionArguments, readRetention, withRetention } from './setup-retention.js'

export interface SetupOptions extends RetentionArguments {
  readonly user?: string | undefined
  readonly passwordFile?: string | undefined
  readonly allowLookup: boolean
  /** Kibana's URL: bring the dashboards too. */
  readonly kibana?: string | undefined
  /** PEM file of the authority that signed Kibana's certificate. Default: Elasticsearch's. */
  readonly kibanaCaFile?: string | undefined
  /** The saved objects for Kibana. Default: those that came with the program. */
  readonly kibanaObjects?: string | undefined
  /** Id of a connector in Kibana that tells of alerts. Default: none. */
  readonly kibanaConnector?: string | undefined
  /** To whom that connector sends mail. */
  readonly kibanaAlertTo?: string | undefined
  /** Undo it. */
  readonly remove?: boolean
  /** And delete this namespace's data streams. */
  readonly withData?: boolean
  /** Without asking. */
  readonly yes?: boolean
  /** Print the requests for an administrator, and send nothing. */
  readonly print: boolean
  readonly json: boolean
}

export interface SetupIo {
  /** One line, or several; a newline is added. */
  out(text: string): void
  /** Asks a person; undefined: nobody is there. */
  readonly ask?: ((question: string) => Promise<string>) | undefined
}

/**
 * @returns the exit code: 0 when all that `run` needs is there
 * @throws ShipperError where nothing could be tried
 */
export async function runSetup(config: Config, options: SetupOptions, io: SetupIo): Promise<number> {
  const { elasticsearch } = config
  if (elasticsearch === undefined) {
    throw new ShipperError('MLS_CONFIG_INVALID', 'elasticsearch.nodes is not set; the embedded store needs no setup')
  }
  const host = config.instance === 'main' ? config.host.name : `${config.host.name}-${config.instance}`
  const path =
    elasticsearch.apiKeyFile ?? join(config.file === undefined ? '/etc/mailman-shipper' : dirname(config.file), 'api-key')
  const key: KeyRequest = { config: elasticsearch, path, host, allowLookup: options.allowLookup }
  const { kibana, kibanaCaFile: caFile = elasticsearch.caFile, kibanaObjects: objectsFile } = options
  const { kibanaConnector: connector, kibanaAlertTo: alertTo } = options
  const inKibana = kibana === undefined ? undefined : { kibana, caFile, objectsFile, connector, alertTo }
  if (inKibana === undefined && (connector ?? alertTo) !== undefined)
    throw new ShipperError('MLS_USAGE_INVALID', '--kibana-connector and --kibana-alert-to go with --kibana')
  if (options.remove) {
    const { user, passwordFile, print: isPrint, withData = false, yes = false, keepDays, keepDaysOf } = options
    if ((keepDays ?? keepDaysOf) !== undefined)
      throw new ShipperError('MLS_USAGE_INVALID', '--keep-days does not go with --remove')
    if (yes && !withData) throw new ShipperError('MLS_USAGE_INVALID', '--yes goes with --with-data; nothing else is asked')
    return runRemove({ key, user, passwordFile, isPrint, inKibana, withData, yes }, options.json, io)
  }
  if (options.withData || options.yes) throw new ShipperError('MLS_USAGE_INVALID', '--with-data and --yes go with --remove')
  const retention = readRetention(options, config)
  if (options.print) {
    await printAll(key, options, retention, io)
    return exitCodes.ok
  }
  if (options.user === undefined || options.passwordFile === undefined) {
    throw new ShipperError('MLS_USAGE_INVALID', 'setup needs --user and --password-file, or --print')
  }
  const credentials = { username: options.user, password: await readSecret(options.passwordFile) }
  const opened = inKibana === undefined ? undefined : await openKibana(inKibana, credentials)
  const connection = await connect(elasticsearch, { credentials })
  try {
    const steps: Step[] = []
    const version = `Elasticsearch ${connection.version ?? '(version unknown)'}, spoken to as version ${connection.compatibility}`
    if (!options.json) io.out(version)
    for (const plan of await makePlan(connection, config, key, retention, opened)) {
      const step = await takeStep(plan)
      steps.push(step)
      if (!options.json) io.out(describe(step))
    }
    return finish(steps, options.json, io)
  } catch (error) {
    const { holdUp } = await readTrouble(error, elasticsearch.caFile)
    throw new ShipperError(holdUp.code, holdUp.detail)
  } finally {
    await connection.close()
  }
}

async function makePlan(
  connection: Connection,
  config: Config,
  key: KeyRequest,
  retention: Retention,
  opened: OpenedKibana | undefined,
): Promise<StepPlan[]> {
  const { client } = connection
  const { namespace } = key.config
  // Asked for beforehand, so that each missing right is named, whatever else goes well. A server without security answers 400.
  const lacks = async (cluster: string[], index: readonly string[] = []): Promise<string[] | undefined> =>
    orUndefined(findMissing(client, { cluster, index }, namespace), [400, 404, 405])
  const templates = await lacks(['manage_index_templates'])
  const isSecured = templates !== undefined
  const missing = { templates: templates ?? [], streams: (await lacks(['monitor'], ['manage'])) ?? [] }
  const plans = [
    ...planTemplates(client, missing.templates),
    ...planStreams(client, namespace, missing.streams),
    ...(await planRetention(client, { namespace, given: retention, missing })),
  ]
  const security = (await lacks(['manage_security'])) ?? []
  if (!isSecured) plans.push(skip('role and writer key', 'security is off on this server: anybody may read and write'))
  else {
    plans.push(planRole(client, namespace, security))
    plans.push(await planWriter(key, config, client, lacks))
  }
  if (opened !== undefined) {
    const inKibana = await orUndefined(findMissingInKibana(client, space), [400, 404, 405])
    // A rule looks with the rights of the account that made it.
    const reading = (await lacks([], ['read'])) ?? []
    const lacking = (right: KibanaRight) => [...(inKibana?.(right) ?? []), ...(right === 'rules' ? reading : [])]
    plans.push(...planKibana(opened.kibana, opened.objects, namespace, security, opened.wish, lacking))
  }
  return plans
}

async function planWriter(
  key: KeyRequest,
  config: Config,
  client: Connection['client'],
  lacks: (cluster: string[], index?: readonly string[]) => Promise<string[] | undefined>,
): Promise<StepPlan> {
  const { apiKeyFile, username } = key.config
  if (apiKeyFile === undefined && username !== undefined)
    return skip('writer key', `the configuration names user ${username} instead`)
  const { cluster, index, logs = [] } = writerRights(key.allowLookup)
  // A key cannot do what its maker cannot.
  const missing = (await lacks([...cluster], [...index, ...logs])) ?? []
  const makers = ['manage_own_api_key', 'manage_api_key', 'manage_security']
  const without = await Promise.all(makers.map(name => lacks([name])))
  if (without.every(list => list === undefined || list.length > 0)) missing.push(`cluster privilege ${makers[0]}`)
  const plan = planKey(client, key, missing)
  if (apiKeyFile !== undefined) return plan
  const where = config.file ?? '/etc/mailman-shipper/config.yaml'
  const hint = `; the agent finds it once ${where} says so: elasticsearch: { apiKeyFile: ${key.path} }`
  const run = async () => {
    const result = await plan.run()
    return { ...result, detail: result.detail + hint }
  }
  return { ...plan, run }
}

function skip(name: string, detail: string): StepPlan {
  return { name, needed: false, missing: [], run: async () => ({ status: 'skipped', detail }) }
}

export function describe({ name, status, detail }: Step): string {
  return `${status.padEnd(9)} ${name}${detail === '' ? '' : `: ${detail}`}`
}

function finish(steps: readonly Step[], json: boolean, io: SetupIo): number {
  const isBad = ({ status }: Step): boolean => status === 'refused' || status === 'failed'
  const needed = steps.filter(step => step.needed && isBad(step))
  const code = needed.length === 0 ? undefined : (needed[0]?.code ?? 'MLS_SETUP_FAILED')
  if (json) io.out(JSON.stringify({ ok: code === undefined, ...(code === undefined ? {} : { code }), steps }))
  else if (code !== undefined) io.out(`${code}: ${errors[code].message}. ${errors[code].remedy}`)
  else if (steps.some(isBad))
    io.out('The agent can run; what was refused can be done later: repeat setup with an account that may.')
  else io.out('Ready: the cluster is prepared.')
  return code === undefined ? exitCodes.ok : errors[code].exit
}

interface Arguments extends RetentionArguments {
  config: string | undefined
  user: string | undefined
  'password-file': string | undefined
  'allow-lookup': boolean
  kibana: string | undefined
  'kibana-ca-file': string | undefined
  'kibana-connector': string | undefined
  'kibana-alert-to': string | undefined
  remove: boolean
  'with-data': boolean
  yes: boolean
  print: boolean
  json: boolean
}

const setup: CommandModule<object, Arguments> = {
  command: 'setup',
  describe: 'Prepare Elasticsearch and Kibana, once, with an administrator’s credentials',
  builder: (yargs: Argv) =>
    withRetention(yargs)
      .option('config', { type: 'string', describe: 'configuration file', requiresArg: true })
      .option('user', { type: 'string', describe: 'an administrator’s user name; used now, not stored', requiresArg: true })
      .option('password-file', {
        type: 'string',
        describe: 'file with the password, readable by you alone',
        requiresArg: true,
      })
      .option('allow-lookup', {
        type: 'boolean',
        default: false,
        describe: 'let the writer key read the logs’ streams too, so that nothing is stored twice after a rollover',
      })
      .option('kibana', {
        type: 'string',
        describe: 'URL of Kibana: make a space there, let the readers in, bring searches, dashboards and alert rules',
        requiresArg: true,
      })
      .option('kibana-ca-file', {
        type: 'string',
        describe: 'PEM file of the authority of Kibana’s certificate; default: elasticsearch.caFile',
        requiresArg: true,
      })
      .option('kibana-connector', {
        type: 'string',
        describe: 'id of a connector in Kibana’s space mailman that tells of alerts; default: Kibana only shows them',
        requiresArg: true,
      })
      .option('kibana-alert-to', {
        type: 'string',
        describe: 'to whom that connector sends mail',
        requiresArg: true,
      })
      .option('remove', {
        type: 'boolean',
        default: false,
        describe:
          'undo it: this host’s key, the readers’ rights and the templates (with --kibana: the alert rules), as far as no other host needs them; data stays, but for --with-data',
      })
      .option('with-data', {
        type: 'boolean',
        default: false,
        describe: 'with --remove: delete this namespace’s events too, after showing how many and asking',
      })
      .option('yes', { type: 'boolean', default: false, describe: 'with --with-data: do not ask' })
      .option('print', { type: 'boolean', default: false, describe: 'print the requests for an administrator, send nothing' })
      .option('json', { type: 'boolean', default: false, describe: 'JSON on standard output' })
      .example('$0 setup --user elastic --password-file ./password', 'prepare the cluster of the configuration')
      .example('$0 setup --user elastic --password-file ./password --keep-days-of subscribe=365', 'keep some logs longer')
      .example('$0 setup --remove --user elastic --password-file ./password', 'undo it; data stays')
      .example('$0 setup --remove --with-data --user elastic --password-file ./password', 'and the events, after asking')
      .example('$0 setup --print', 'what to hand to the administrator of the cluster'),
  async handler(args: ArgumentsCamelCase<Arguments>) {
    const config = await loadConfig(args.config)
    process.exitCode = await runSetup(config, args, {
      out: text => process.stdout.write(`${text}\n`),
      ask: process.stdin.isTTY && process.stderr.isTTY ? askOnTerminal : undefined,
    })
  },
}

export default setup
