/** `alerts replay` on generated weeks of a host: what is told of the outage of 2015, of waves of spam, of one list, and of nothing. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { runExplain } from '../../src/commands/alerts-explain.js'
import { runReplay } from '../../src/commands/alerts-replay.js'
import { runProgram } from '../support/agent-process.js'
import { writeLogs } from '../support/traffic/files.mjs'
import { generate, type TrafficOptions, type TrafficRecord } from '../support/traffic/generate.mjs'

interface Told {
  readonly kind: string
  readonly severity: string
  readonly list: string | null
  readonly since: string
  readonly raised: string
  readonly ended: string | null
  readonly held: number
  readonly before: readonly { readonly at: string; readonly what: string; readonly text: string }[]
  readonly reasons: readonly string[]
  readonly examples: readonly string[]
}

const LOGS = ['vette', 'post', 'qrunner', 'error', 'smtp', 'smtp-failure', 'bounce', 'subscribe', 'mischief']

/** 120 posts an hour on 200 lists, 16 days up to the day of the outage. */
const month: TrafficOptions = { lists: 200, from: '2015-05-03', to: '2015-05-19', events: 130_000, incident: '2015', seed: 7 }

type Change = (record: TrafficRecord) => TrafficRecord | undefined

function* changed(options: TrafficOptions, change: Change): Generator<TrafficRecord[]> {
  for (const records of generate(options)) yield records.map(change).filter(record => record !== undefined)
}

async function replay(t: Test, options: TrafficOptions, change: Change = record => record): Promise<Told[]> {
  const directory = t.testdir({ 'config.yaml': 'logs: { timezone: UTC }\n' })
  writeLogs(directory, changed(options, change))
  const out: string[] = []
  const files = LOGS.map(log => join(directory, log))
  await runReplay({ config: join(directory, 'config.yaml'), files, timezone: 'UTC', json: true }, line => out.push(line))
  return out.map(line => JSON.parse(line))
}

const isIncident = ({ kind, list, raised }: Told): boolean => kind === 'holds-spike' && list === null && raised > '2015-05-19'

/** What a moderator or the on-call would be told besides the incident itself. */
const worse = (alerts: readonly Told[]): Told[] => alerts.filter(told => told.severity === 'critical' && !isIncident(told))

t.test('2015: told within ten held messages, with the restart before it; waves of spam are told as such', async t => {
  const alerts = await replay(t, month)
  const incident = alerts.find(isIncident)!
  t.match(incident, { severity: 'critical', list: null, reasons: ['suspicious-header'] })
  t.ok(incident.held <= 10, `${incident.held} held`)
  t.ok(incident.since >= '2015-05-19T18:00:07Z' && incident.raised <= '2015-05-19T18:02Z', `${incident.since} ${incident.raised}`)
  t.match(incident.before[0], {
    what: 'restart',
    at: '2015-05-19T18:00:07Z',
    text: /^Mailman was restarted, and logged \d+ errors/,
  })
  t.match(incident.before[1], { what: 'stop', at: '2015-05-19T17:04:00Z' })
  t.ok(incident.ended! >= '2015-05-19T20:58' && incident.ended! <= '2015-05-19T21:10', incident.ended!)
  t.equal(incident.examples.length > 0, true)
  t.same(worse(alerts), [])
  const waves = alerts.filter(({ kind }) => kind === 'spam-wave')
  t.same(
    waves.map(({ raised }) => raised.slice(0, 10)),
    ['2015-05-07', '2015-05-14'],
  )
  t.same(new Set(waves.map(({ severity }) => severity)), new Set(['info']))
  const stopped = alerts.find(({ kind }) => kind === 'posts-stopped')!
  t.match(stopped, { severity: 'warning', raised: /^2015-05-19T17:[34]/ }, 'it was stopped, and stays so')
  const atStart = alerts.find(({ kind }) => kind === 'errors-at-restart')!
  t.match(atStart, { severity: 'warning', since: '2015-05-19T18:00:07Z' })
})

t.test('2015, and the logs say of no sender who it is', async t => {
  let serial = 0
  const anonymous: Change = record => ({
    ...record,
    text: record.text.replace(/ from \S+@\S+?(?=[, ])/, () => ` from u${(serial++ * 7919) % 999_983}@example.org`),
  })
  const alerts = await replay(t, month, anonymous)
  const incident = alerts.find(isIncident)
  t.ok(incident !== undefined && incident.held <= 15, `${incident?.held} held`)
  t.same(worse(alerts), [])
})

t.test(
  'one list holds all of its posts from one day on, whatever the reason: a warning for it, and nothing for the host',
  async t => {
    const since = Date.UTC(2015, 4, 12, 9) / 1000
    const posts = new Map<string, number>()
    for (const records of generate({ ...month, incident: undefined! }))
      for (const { action, text } of records)
        if (action === 'message-posted') {
          const list = / post to (\S+) from /.exec(text)![1]!
          posts.set(list, (posts.get(list) ?? 0) + 1)
        }
    const [list] = [...posts].find(([, count]) => count > 17 * 9 && count < 17 * 12)!
    const held = new Set<string>()
    const alerts = await replay(t, { ...month, incident: undefined! }, record => {
      const { at, action, text } = record
      const post = new RegExp(` post to ${list} from (\\S+), size=\\d+, message-id=(\\S+), `).exec(text)
      if (action === 'message-held') held.add(/message-id=(\S+):/.exec(text)?.[1] ?? '')
      if (action !== 'message-posted' || at < since || post === null || held.has(post[2]!)) return record
      const stamp = text.slice(0, text.indexOf(' post to '))
      return {
        at,
        log: 'vette',
        text: `${stamp} ${list} post from ${post[1]} held, message-id=${post[2]}: Post by non-member to a members-only list\n`,
        action: 'message-held',
      }
    })
    const [told, ...others] = alerts.filter(({ kind, raised }) => kind === 'holds-spike' && raised >= '2015-05-12T09')
    t.match(told, { severity: 'warning', list })
    t.ok(told!.held <= 12, `${told!.held} held`)
    t.ok(others.length <= 2, `and hardly anything else: ${others.length}`)
    t.same(worse(alerts), [])
  },
)

t.test('a host with a single list', async t => {
  const alerts = await replay(t, { ...month, lists: 1, events: 10_000 })
  const incident = alerts.find(isIncident)
  t.match(incident, { severity: 'critical', lists: 1, before: [{ what: 'restart' }] })
  t.ok(incident!.held <= 10, `${incident!.held} held`)
  t.same(worse(alerts), [])
})

t.test('nothing to tell: no line, exit 0; the order of the files and their packing do not matter', async t => {
  const directory = t.testdir({})
  writeLogs(directory, generate({ ...month, from: '2015-05-17', events: 30_000 }))
  const run = (...files: string[]) =>
    runProgram(['alerts', 'replay', '--json', '--timezone', 'UTC', ...files.map(file => join(directory, file))])
  const plain = await run('vette', 'post', 'qrunner', 'error')
  t.equal(plain.code, 0, plain.stderr)
  t.ok(plain.stdout.split('\n').length > 1)
  writeFileSync(join(directory, 'post.1.gz'), gzipSync(readFileSync(join(directory, 'post'))))
  t.equal((await run('qrunner', 'error', 'post.1.gz', 'vette')).stdout, plain.stdout)
  const none = await run('bounce')
  t.same([none.code, none.stdout], [0, ''])
  const missing = await run('nowhere')
  t.equal(missing.code, 2)
  t.match(missing.stderr, /nowhere/)
})

t.test('explain says how near to an alert it was, and what is open', async t => {
  const directory = t.testdir({ 'config.yaml': 'logs: { timezone: UTC }\n' })
  writeLogs(directory, generate({ ...month, lists: 100, from: '2015-05-08', events: 50_000 }))
  const given = { config: join(directory, 'config.yaml'), files: LOGS.map(log => join(directory, log)), timezone: 'UTC' }
  const explain = async (more: object): Promise<string> => {
    const out: string[] = []
    await runExplain({ ...given, ...more }, line => out.push(line), 0)
    return out.join('\n')
  }
  const before = await explain({ at: '2015-05-19T16:00' })
  t.match(before, /^No alert about holds of the host: what speaks for it is \d+\.\d, and \d+\.\d are needed; /)
  t.match(before, /of people known to the list [1-3]\.\d % are held \(\d+ seen\)/)
  const during = JSON.parse(await explain({ at: '2015-05-19T18:30', json: true }))
  t.match(during, { list: null, raised: /^2015-05-19T18:00/, since: /^2015-05-19T18:00/ })
  t.ok(during.evidence > during.limit)
  t.match(await explain({ list: 'Nowhere' }), /^No alert about holds of nowhere: .*0 senders/)
  await t.rejects(explain({ at: 'yesterday' }), { code: 'MLS_USAGE_INVALID' })
})

t.test('what strangers wrote is escaped', async t => {
  const alerts: string[] = []
  const directory = t.testdir({ 'config.yaml': 'logs: { timezone: UTC }\n' })
  const evil: Change = record => ({ ...record, text: record.text.replace('message-id=<', 'message-id=<\x1b[2J') })
  writeLogs(directory, changed({ ...month, from: '2015-05-11', events: 50_000 }, evil))
  const files = LOGS.map(log => join(directory, log))
  await runReplay({ config: join(directory, 'config.yaml'), files, timezone: 'UTC' }, line => alerts.push(line))
  t.match(alerts.join('\n'), /holds-spike/)
  t.notMatch(alerts.join('\n'), '\x1b')
})
