/** `alerts test`: a notice that nothing is wrong, by each notifier, and what became of it. */
import type { ArgumentsCamelCase, Argv } from 'yargs'
import { loadConfig } from '../config/load.js'
import type { Config } from '../config/options.js'
import { createLog, type Log } from '../diagnostics/log.js'
import { printable, printableJson } from '../diagnostics/printable.js'
import { exitCodes, ShipperError } from '../errors.js'
import type { Notice } from '../notify/notice.js'
import { type NamedNotifier, nameNotifiers, sendOnce, siteOf } from '../notify/notifiers.js'

export interface TestArguments {
  config?: string | undefined
  notifier?: string | undefined
  json?: boolean | undefined
}

interface Outcome {
  readonly notifier: string
  readonly sent: boolean
  /** Why not. */
  readonly detail: string | null
  readonly remedy: string | null
}

/** @returns the exit code: 0 where all took it  @throws ShipperError */
export async function runTest(given: TestArguments, out: (line: string) => void, nowMs: number, log: Log): Promise<number> {
  const config = await loadConfig(given.config)
  const named = nameNotifiers(config.alerts, log, siteOf(config))
  const chosen = named.filter(({ name }) => given.notifier === undefined || name === given.notifier)
  if (chosen.length === 0 && given.notifier !== undefined) throw unknownNotifier(given.notifier, named)
  const outcomes: Outcome[] = []
  for (const notifier of chosen) {
    const outcome = await tryOne(notifier, noticeOf(config, notifier.name, nowMs))
    outcomes.push(outcome)
    if (!given.json) for (const line of sentences(outcome)) out(printable(line))
  }
  if (given.json) out(printableJson(JSON.stringify({ notifiers: outcomes })))
  else if (chosen.length === 0) {
    out('No notifier is configured: alerts are events in the store, shown by `search` and on the page, and nobody is told.')
    out('Name one in the section `alerts`: mail, webhooks, command or journal.')
  } else if (!config.alerts.enabled) out('alerts.enabled is false: besides this test nothing is sent.')
  return chosen.length > 0 && outcomes.every(({ sent }) => sent) ? exitCodes.ok : exitCodes.failed
}

/** Another each time, so that no receiver takes it for one that it has. */
const noticeOf = ({ instance, alerts }: Config, name: string, nowMs: number): Notice => ({
  id: `test-${name}-${nowMs}`,
  atMs: nowMs,
  moment: 'test',
  alerts: [],
  words: [
    `Sent by \`mailman-shipper alerts test\` through the notifier ${name}.`,
    `Whatever mailman-shipper (${instance}) has to tell, from ${leastOf(alerts, name)} on, comes this way.`,
  ],
})

function leastOf({ mail, webhooks, command, journal }: Config['alerts'], name: string): string {
  const others = { mail, command, journal }
  const own = webhooks.find(webhook => webhook.name === name) ?? others[name as keyof typeof others]
  return own?.least ?? 'info'
}

async function tryOne(named: NamedNotifier, notice: Notice): Promise<Outcome> {
  const { name } = named
  try {
    await sendOnce(named, notice)
    return { notifier: name, sent: true, detail: null, remedy: null }
  } catch (error) {
    if (!(error instanceof ShipperError)) throw error
    const remedy = error.code === 'MLS_ALERT_UNSENT' ? null : error.remedy
    return { notifier: name, sent: false, detail: error.detail, remedy }
  }
}

function sentences({ notifier, sent, detail, remedy }: Outcome): string[] {
  if (sent) return [`sent    ${notifier}`]
  return [
    `failed  ${detail?.startsWith(`${notifier}: `) ? detail : `${notifier}: ${detail}`}`,
    ...(remedy === null ? [] : [`        ${remedy}`]),
  ]
}

function unknownNotifier(name: string, named: readonly NamedNotifier[]): ShipperError {
  const there = named.length === 0 ? 'none is configured' : `there are ${named.map(each => each.name).join(', ')}`
  return new ShipperError('MLS_USAGE_INVALID', `--notifier ${name}: no notifier has that name; ${there}`)
}

export default {
  command: 'test',
  describe: 'Send a test by each way in which alerts are told',
  builder: (yargs: Argv) =>
    yargs
      .option('notifier', {
        type: 'string',
        requiresArg: true,
        describe: 'By this one only: mail, command, journal, a webhook’s name',
      })
      .option('json', { type: 'boolean', default: false, describe: 'JSON on standard output' })
      .example('$0 alerts test', 'mail, webhooks, command and journal, as they are configured')
      .epilogue('PagerDuty gets an incident that is resolved at once.'),
  async handler(given: ArgumentsCamelCase<TestArguments>) {
    process.exitCode = await runTest(
      given,
      line => void process.stdout.write(`${line}\n`),
      Date.now(),
      createLog({ level: 'info' }),
    )
  },
}
