/** `check`: would the agent work here? A line for each thing it needs, with what to do; changes nothing. */
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { errors, exitCodes, ShipperError } from '../errors.js'
import { checkAlerts } from './check-alerts.js'
import { checkCluster } from './check-cluster.js'
import { checkLogs, checkOutputFile, checkState, type Finding, ok, problem, warning } from './check-host.js'
import { checkPrivacy } from './check-privacy.js'
import { checkRuntime } from './check-runtime.js'
import { runCheckUnit } from './check-unit.js'
import { checkUnitInForce } from './check-unit-force.js'

export interface CheckIo {
  /** One line; a newline is added. */
  out(line: string): void
}

export interface CheckOptions {
  readonly json: boolean
  /** Of Node.js. */
  readonly version?: string
  readonly nowMs?: number
}

/** @returns the exit code: 0, or that of the first problem */
export async function runCheck(
  path: string | undefined,
  { json, version = process.version, nowMs = Date.now() }: CheckOptions,
  io: CheckIo,
): Promise<number> {
  const findings: Finding[] = []
  const add = (more: readonly Finding[]): void => {
    findings.push(...more)
    if (!json) for (const finding of more) for (const line of sayFinding(finding)) io.out(printable(line))
  }
  add(checkRuntime(version, nowMs))
  const config = await tryLoading(path, add)
  if (config !== undefined) {
    add(await checkLogs(config))
    add(await checkState(config))
    add(await checkPrivacy(config))
    add(await checkAlerts(config))
    add(await checkUnitInForce(path))
    add(await checkOutput(config))
  }
  const problems = findings.filter(({ status }) => status === 'problem')
  const code = problems[0]?.code
  if (json) io.out(printableJson(JSON.stringify({ ok: code === undefined, ...(code === undefined ? {} : { code }), findings })))
  else if (problems.length === 0) io.out('The agent can run.')
  else io.out(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`)
  return code === undefined ? exitCodes.ok : errors[code].exit
}

async function tryLoading(path: string | undefined, add: (findings: readonly Finding[]) => void): Promise<Config | undefined> {
  const subject = 'configuration'
  try {
    const config = await loadConfig(path)
    const identity = `host ${config.host.name}, instance ${config.instance}`
    add([
      ok(subject, config.file === undefined ? `no file, all defaults; ${identity}` : `${config.file}; ${identity}`),
      ...config.warnings.map(text => warning(subject, text, '')),
    ])
    return config
  } catch (error) {
    if (!(error instanceof ShipperError)) throw error
    const remedy = error.code === 'MLS_CONFIG_INVALID' ? 'Correct these lines.' : error.remedy
    add([problem(subject, error.detail, error.code, remedy)])
    return undefined
  }
}

function checkOutput({ elasticsearch, ndjson, local }: Config): Finding[] | Promise<Finding[]> {
  if (elasticsearch !== undefined) return checkCluster(elasticsearch)
  if (ndjson?.file === '-') return [ok('ndjson', 'to standard output')]
  if (ndjson !== undefined) return checkOutputFile('ndjson', ndjson.file, 'MLS_NDJSON_UNWRITABLE')
  return checkOutputFile('embedded store', local.file, 'MLS_STORE_UNWRITABLE')
}

/** What and where in the first line, what to do in the next; a detail of several lines (the configuration's mistakes) below. */
function sayFinding({ status, subject, detail, remedy, code }: Finding): string[] {
  const [first, ...more] = detail.split('\n')
  const head = `${status.padEnd(8)} ${subject}: ${first}${code === undefined ? '' : ` (${code})`}`
  return [head, ...more, ...(remedy === '' ? [] : [remedy])].map((line, i) => (i === 0 ? line : `         ${line.trim()}`))
}

interface Arguments {
  config: string | undefined
  json: boolean
  unit: boolean
  write: boolean
}

const check: CommandModule<object, Arguments> = {
  command: 'check',
  describe: 'Say whether the agent would work here, and what to do where not',
  builder: (yargs: Argv) =>
    yargs
      .option('config', { type: 'string', describe: 'configuration file', requiresArg: true })
      .option('json', { type: 'boolean', default: false, describe: 'JSON on standard output' })
      .option('unit', {
        type: 'boolean',
        default: false,
        describe: 'Print the systemd drop-in that the configuration needs, and check nothing else',
      })
      .option('write', { type: 'boolean', default: false, describe: 'With --unit, as root: write it, or remove it' })
      .check(({ unit, write }) => unit || !write || '--write goes with --unit.')
      .example('$0 check', 'the configuration that the agent would use')
      .example('$0 check --unit', 'what the unit must let the agent do, with this configuration'),
  async handler(args: ArgumentsCamelCase<Arguments>) {
    const io = {
      out: (line: string) => process.stdout.write(`${line}\n`),
      err: (line: string) => process.stderr.write(`${line}\n`),
    }
    process.exitCode = await (args.unit ? runCheckUnit(args.config, args, io) : runCheck(args.config, args, io))
  },
}

export default check
