// `alerts list`, `ack` and `silence` on what a real announcer wrote.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import yargs, { type CommandModule } from 'yargs'
import type { Alert } from '../../src/alerts/alert.js'
import { lockStateDirectory } from '../../src/checkpoint/lock.js'
import alerts from '../../src/commands/alerts.js'
import { type AcknowledgeArguments, runAcknowledge } from '../../src/commands/alerts-ack.js'
import { whoAnswers } from '../../src/commands/alerts-known.js'
import { type ListAlertsArguments, runListAlerts } from '../../src/commands/alerts-list.js'
import { runSilence, type SilenceArguments } from '../../src/commands/alerts-silence.js'
import type { Screen } from '../../src/commands/search.js'
import { alertOf } from '../support/alerts.js'
import { openSite, Receiver } from '../support/announced.js'

const MIN = 60_000

async function open(t: Test, { isRunning = true, more = [] as readonly Partial<Alert>[] } = {}) {
  const directory = t.testdir()
  const mail = new Receiver('mail', 'info')
  const hook = new Receiver('hook', 'critical')
  const site = await openSite(directory, [mail, hook])
  const config = join(directory, 'config.yaml')
  writeFileSync(config, JSON.stringify({ logs: { timezone: 'UTC' }, state: { directory: site.directory } }), { mode: 0o600 })
  const sinceMs = site.clock.nowMs - MIN
  const of = (given: Partial<Alert>): Alert => alertOf({ sinceMs, raisedMs: sinceMs, ...given })
  const known = [
    of({ kind: 'spam-wave', severity: 'info', count: 700 }),
    of({}),
    of({ severity: 'warning', list: 'dev', endedMs: site.clock.nowMs }),
    ...more.map(of),
  ]
  hook.mode = 'refused'
  await site.look(known)
  await site.look(known, 10 * MIN)
  const lock = isRunning ? await lockStateDirectory(site.directory) : undefined
  t.teardown(() => lock?.release())
  const screen = (lines: string[], look: Partial<Screen> = {}): Screen => ({
    out: line => void lines.push(line),
    err: line => void lines.push(line),
    columns: undefined,
    isColoured: false,
    now: () => site.clock.nowMs,
    ...look,
  })
  const run = async (work: (screen: Screen) => Promise<void>, look?: Partial<Screen>): Promise<string[]> => {
    const lines: string[] = []
    await work(screen(lines, look))
    return lines
  }
  return {
    config,
    site,
    mail,
    known,
    list: (given: ListAlertsArguments = {}, look?: Partial<Screen>) =>
      run(screen => runListAlerts({ config, ...given }, screen), look),
    ack: (given: AcknowledgeArguments) => run(screen => runAcknowledge({ config, ...given }, screen, 'ann')),
    silence: (given: SilenceArguments) => run(screen => runSilence({ config, ...given }, screen, 'ann')),
  }
}

t.test('list', async t => {
  const { list, known } = await open(t, { more: [{ severity: 'warning', list: 'x\u202e\x1b[2J', about: 'y\n' }] })
  const lines = await list()
  t.match(lines, [
    /^key +severity +kind +list +since +count +told by +note$/,
    new RegExp(`^${known[1]!.key} +critical +holds-spike +2026-11-20 11:59 +12 +mail +not taken yet by hook$`),
    /^[0-9a-f]{10} +warning +holds-spike +x\\u202e\\x1b\[2J y +2026/,
    /^[0-9a-f]{10} +info +spam-wave +2026-11-20 11:59 +700 +mail$/,
    '1 that ended lately: mailman-shipper alerts list --all',
  ])
  t.match(await list({ all: true }), { 4: /warning +holds-spike +dev +.*nobody +over 2026-11-20 12:00$/, length: 5 })
  const narrow = await list({}, { columns: 80, isColoured: true })
  t.ok(narrow[1]!.startsWith('\x1b[31m'), 'a critical one is red on a terminal')
  t.ok(narrow.every(line => line.replace(/\x1b\[\d*m/g, '').length <= 80))
  const json = (await list({ json: true, all: true })).map(line => JSON.parse(line))
  t.match(json, [
    {
      key: known[1]!.key,
      kind: 'holds-spike',
      list: null,
      since: '2026-11-20T11:59:00Z',
      ended: null,
      told: [{ by: 'mail', at: '2026-11-20T12:10:00Z' }],
      waiting: ['hook'],
      acknowledged: null,
      silencedUntil: null,
    },
    { list: 'x\u202e\x1b[2J' },
    { kind: 'spam-wave' },
    { list: 'dev', ended: '2026-11-20T12:00:00Z', told: [] },
  ])
})

t.test('list, where there is nothing', async t => {
  const { list, site } = await open(t, { isRunning: false })
  t.match((await list()).at(-1), /^No agent runs: this is as of 2026-11-20 12:10:00\.$/)
  writeFileSync(join(site.directory, 'alerts.json'), '')
  t.match(await list(), [/^No agent of this version has written alerts in \S+: see `mailman-shipper status`/])
  t.same(await list({ json: true }), [])
})

t.test('ack', async t => {
  const { ack, list, known, site, mail } = await open(t)
  const [, critical, ended] = known as [Alert, Alert, Alert]
  mail.take()
  await t.rejects(ack({ keys: ['0000000000'] }), {
    code: 'MLS_USAGE_INVALID',
    message: new RegExp(`no alert has the key 0000000000; open are ${critical.key}, `),
  })
  await t.rejects(ack({ keys: ['all', critical.key] }), { code: 'MLS_USAGE_INVALID' })
  t.match(await ack({ keys: [critical.key.toUpperCase(), ended.key], comment: 'relay\x07' }), [
    `${critical.key}  critical  holds-spike: acknowledged`,
    /of dev: acknowledged; it is over already$/,
    'It is not said again; its end is.',
  ])
  t.match(await list(), { 1: /acknowledged by ann \(relay\\x07\)/ })
  await site.look(known, 60 * MIN)
  t.same(mail.take(), [], 'the agent has read it')
  t.match(await ack({ keys: ['all'] }), { length: 3 })
})

t.test('silence', async t => {
  const { silence, list, site, known } = await open(t)
  t.same(await silence({ show: true }), ['No silence lasts.'])
  const [said = ''] = await silence({ list: 'DEV', kind: 'holds-spike', for: '2h', comment: 'upgrade' })
  t.match(said, /^Nobody is told of holds-spike of list dev until 2026-11-20 14:10:00 \(UTC\); id [0-9a-f]{6}\.$/)
  await silence({ everything: true, until: '2026-11-20T13:00' })
  t.match(await silence({ show: true }), [
    /^id +silenced +until +by +comment$/,
    /holds-spike of list dev +2026-11-20 14:10 +ann +upgrade$/,
    /everything +2026-11-20 13:00 +ann$/,
  ])
  await site.look(known)
  t.match(await list(), {
    1: /silenced until 2026-11-20 13:00/,
    4: 'Silences that last: 2; mailman-shipper alerts silence --show',
  })
  t.match(await silence({ end: / id ([0-9a-f]+)/.exec(said)![1] }), [/^The silence of holds-spike of list dev is over/])
  t.match(await silence({ show: true }), { length: 2 })
})

t.test('what is not meant', async t => {
  const { silence, site } = await open(t)
  const wrong: readonly (readonly [SilenceArguments, RegExp])[] = [
    [{ for: '2h' }, /what\? --list, --kind, both, or --everything/],
    [{ everything: true }, /how long\?/],
    [{ everything: true, for: '2h', until: '2027-01-01' }, /how long\?/],
    [{ everything: true, list: 'dev', for: '2h' }, /neither --list nor --kind/],
    [{ kind: 'holdspike', for: '2h' }, /did you mean holds-spike\?/],
    [{ kind: '\x1b[2J', for: '2h' }, /--kind \\x1b\[2J is unknown; known are /],
    [{ everything: true, for: '2 hours' }, /no time span; 30m, 2h or 7d is/],
    [{ everything: true, for: '0h' }, /no time span/],
    [{ everything: true, until: '2h' }, /lies in the past/],
    [{ everything: true, for: '32d' }, /at most 31 days/],
    [{ end: 'abc' }, /no silence that lasts has the id abc/],
  ]
  for (const [given, message] of wrong) await t.rejects(silence(given), { code: 'MLS_USAGE_INVALID', message })
  t.equal(existsSync(join(site.directory, 'answers.json')) && (await silence({ show: true })).length > 1, false)
})

t.test('the command line', async t => {
  const { config } = await open(t)
  const parse = async (...args: string[]) =>
    yargs(['alerts', ...args, '--config', config])
      .option('config', { type: 'string', global: true })
      .command(alerts as unknown as CommandModule)
      .strict()
      .fail((message, error) => {
        throw error ?? new TypeError(message)
      })
      .parseAsync()
  await t.rejects(parse('ack', 'all', '1234567890'), { code: 'MLS_USAGE_INVALID', message: /either `all`, or keys/ })
  await t.rejects(parse('silence', '--kind', 'spam-waves', '--for', '2h'), { message: /did you mean spam-wave\?/ })
  await t.rejects(parse('silence', '--everything', '--until', '2024-01-01'), { message: /lies in the past/ })
  await t.rejects(parse('list', '--al'), TypeError)
  await t.rejects(parse('ack'), TypeError)
  t.equal(whoAnswers({ SUDO_USER: 'ann' }), 'ann')
  t.ok(whoAnswers({}))
})
