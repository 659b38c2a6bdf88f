/**
 * `start`: the first look. Reads what Mailman logs there are into the embedded store, says what it found and how to ask for
 * more, and goes on following. Where a host has no Mailman, it does so with the real sample logs of this project, in a state
 * directory apart from the real one.
 */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { type Agent, type AgentResult, openAgent, prepareMeans } from '../agent.js'
import { prepareStateDirectory } from '../checkpoint/directory.js'
import { openState } from '../checkpoint/state.js'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { systemClock } from '../diagnostics/clock.js'
import { createLog } from '../diagnostics/log.js'
import { showProgress } from '../diagnostics/progress.js'
import { exitCodes, ShipperError } from '../errors.js'
import { scan } from '../files/scan.js'
import type { WebServer } from '../web/server.js'
import { describeFindings } from './findings.js'
import { openWeb } from './web.js'

const SAMPLES = ['mailman-2.1', 'mailman-3'].map(name => fileURLToPath(new URL(`../../../test/samples/${name}`, import.meta.url)))

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

async function start({ config: path }: ArgumentsCamelCase<{ config?: string }>): Promise<void> {
  const configured = await loadConfig(path)
  const { files } = await scan(configured.logs.directories, new Set(configured.logs.names))
  const config = files.length > 0 ? configured : await useSamples(configured)
  if (files.length > 0) say(`Mailman's logs: ${files.length} files in ${configured.logs.directories.join(', ')}.`)

  const log = createLog({ level: 'warn' })
  for (const warning of config.warnings) log.warn(warning)
  let stop = (): void => {}
  let signals = 0
  const onSignal = (): void => {
    if (++signals > 1) process.exit(exitCodes.failed)
    stop()
  }
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal)

  const work = async (once: boolean): Promise<AgentResult> => {
    const means = await prepareMeans(config, log)
    const state = await openState(config.state.directory)
    try {
      const agent = await openAgent({ ...means, state, log, clock: systemClock, isSilent: once })
      stop = () => agent.stop()
      if (signals > 0) agent.stop() // asked while it was being opened
      return await (once ? readAll(agent) : agent.run())
    } finally {
      await state.close()
    }
  }

  const { complete, stored, duplicates } = await work(true)
  if (!complete) return
  say(
    `Read: ${stored.toLocaleString('en')} new events${duplicates > 0 ? `, ${duplicates.toLocaleString('en')} known before` : ''}.\n`,
  )
  say(await describeFindings(config))
  const page = await openPage(config)
  say('\nFollowing the logs now; Ctrl-C ends it.')
  try {
    if (signals === 0) await work(false)
  } finally {
    await page?.close()
  }
}

function readAll(agent: Agent): Promise<AgentResult> {
  const progress = showProgress('reading', process.stderr, () => agent.progress())
  return agent.runOnce().finally(() => progress.end())
}

/** The page too, where its port is free; the first look does not fail for it. */
async function openPage(config: Config): Promise<WebServer | undefined> {
  try {
    const page = await openWeb(config, config.web.listen, say)
    say(`\nThe same with a browser: ${page.url}`)
    if (page.askUrl !== undefined) say(`Ask my list: ${page.askUrl}`)
    return page
  } catch (error) {
    if (!(error instanceof ShipperError)) throw error
    say(`\n${error.message}. ${error.remedy}`)
    return undefined
  }
}

/** A configuration for the sample logs, also written where the commands that are shown can use it. */
async function useSamples(configured: Config): Promise<Config> {
  if (!SAMPLES.every(existsSync))
    throw new ShipperError('MLS_FILES_NONE', `looked in ${configured.logs.directories.join(', ') || 'the usual places'}`)
  const state = join(configured.state.directory, 'samples')
  const file = join(state, 'config.yaml')
  await prepareStateDirectory(configured.state.directory)
  await prepareStateDirectory(state)
  await writeFile(
    file,
    stringify({
      host: { name: 'lists.example.org' },
      logs: { directories: SAMPLES, timezone: 'Europe/Berlin' },
      state: { directory: state },
    }),
    { mode: 0o600 },
  )
  say('This host has no Mailman logs in the usual places, so these are the real sample logs of this project.')
  say(`Its own are named in a configuration file: logs.directories. The one used now is ${file}`)
  return loadConfig(file)
}

export default {
  command: 'start',
  describe: 'A first look: read the logs there are, say what they hold, go on following',
  builder: (yargs: Argv) => yargs.example('$0 start', 'with the logs of this host, or with sample logs where it has none'),
  handler: start,
}
